"""How a trajectory ended: a value with a sentence and a remedy, never an exception."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """End of one trajectory; `message` says it in a sentence, `remedy` what usually helps."""

    FINISHED = 0
    TOO_MANY_STEPS = 1
    STEP_UNDERFLOW = 2
    NON_FINITE = 3
    OVERFLOW = 4
    LOOKS_AHEAD = 5

    @property
    def message(self) -> str:
        """One sentence for the user."""
        return _SENTENCES[self][0]

    @property
    def remedy(self) -> str:
        """What usually helps; empty for a finished trajectory."""
        return _SENTENCES[self][1]


_SENTENCES = {
    Status.FINISHED: ("finished", ""),
    Status.TOO_MANY_STEPS: (
        "too many steps were needed",
        "take method='auto' or 'rodas5p' if another one was asked for; else loosen rtol or raise max_steps",
    ),
    Status.STEP_UNDERFLOW: (
        "the step size fell to the rounding of time: the solution has a singularity, or rtol is too small",
        "check the parameters of this trajectory, or loosen rtol",
    ),
    Status.NON_FINITE: (
        "the state or its derivative is not a finite number",
        "check this trajectory's parameters and initial state: a division by 0, a log of 0, an overflow",
    ),
    Status.OVERFLOW: (
        "a value is larger than single precision holds (3e38)",
        "ask for dtype='float64'",
    ),
    Status.LOOKS_AHEAD: (
        "a delay looks ahead: its lag is below 0, or 0 in the equations themselves",
        "check the parameters that give the lag; a lag of 0 is the quantity itself, without delay()",
    ),
}
