"""A titration that listens: the rule as data, and what it makes of a reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..door import check_kinds
from ..errors import a_text, bad, finite, one_of, positive, reals, whole
from ..numeric import as_numbers
from ..units import hours_of
from .regimen import Regimen

if TYPE_CHECKING:
    from ..annotations import Numbers

ANSWERS = ("hold", "step back", "stop")
READS = ("max", "mean", "min")
_NUMBER = r"(\d+(?:\.\d+)?)"
_GRAMMAR = re.compile(
    rf"from {_NUMBER} mg raise by {_NUMBER} mg each {_NUMBER} days to {_NUMBER} mg"
    rf" unless (max|mean|min) (\w+) ([<>]) {_NUMBER}; (hold|step back|stop)"
)
_FORM = "from 0.5 mg raise by 0.5 mg each 14 days to 4.5 mg unless max withdrawal > 0.2; hold"


@dataclass(frozen=True)
class Feedback:
    """Raise the daily dose step by step unless a reading forbids it.

    Parameters
    ----------
    start, step, most : float
        First dose, rise, and largest dose (mg).
    each : int
        Days between decisions.
    variable : str
        What is read, on the last day before a decision.
    limit : float
        The level that forbids a rise.
    above : bool
        Whether readings above the limit forbid it, or those below.
    read : {"max", "mean", "min"}
        How that day is brought to one number.
    answer : {"hold", "step back", "stop"}
        What is done instead.
    at : str or float
        Clock time of the dose.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> rule = "from 0.5 mg raise by 0.5 mg each 14 days to 4.5 mg unless max withdrawal > 0.2; hold"
    >>> ldn.Feedback.of(rule).next(dose=[0.5, 4.5], reading=[0.1, 0.3])
    array([1. , 4.5])
    """

    start: float
    step: float
    most: float
    each: int
    variable: str
    limit: float
    above: bool = True
    read: str = "max"
    answer: str = "hold"
    at: str | float = "22:00"

    def __post_init__(self) -> None:
        check_kinds(type(self), vars(self), "read", "answer")
        for name in ("start", "step", "most"):  # 0 mg is where one who stopped stays
            positive(name, getattr(self, name), "mg")
        if not self.variable.isidentifier():
            raise bad("variable", self.variable, "must be the name of a variable of the model")
        hours_of(self.at)
        if self.most < self.start:
            raise bad("most", self.most, f"must be >= start = {self.start:g} mg")
        whole("each", self.each, 1)
        finite("limit", self.limit)
        one_of("answer", self.answer, ANSWERS)
        one_of("read", self.read, READS)

    @classmethod
    def of(cls, text: str, at: str | float = "22:00") -> Feedback:
        """Read a rule in words.

        Parameters
        ----------
        text : str
            The rule, as in the example.
        at : str or float
            Clock time of the dose.

        Raises
        ------
        InputError
            If the words do not read as the rule in the message does.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> rule = "from 0.5 mg raise by 0.5 mg each 14 days to 4.5 mg unless max withdrawal > 0.2; hold"
        >>> ldn.Feedback.of(rule).each
        14
        """
        match = _GRAMMAR.fullmatch(" ".join(a_text("rule", text, f"write it as {_FORM!r}").split()))
        if match is None or not float(match[3]).is_integer():
            raise bad("rule", text, "cannot be read", f"write it as {_FORM!r}")
        start, step, each, most, read, variable, sign, limit, answer = match.groups()
        return cls(
            float(start), float(step), float(most), int(float(each)), variable, float(limit), sign == ">",
            read, answer, at,
        )  # fmt: skip

    def next(self, dose: Numbers, reading: Numbers) -> np.ndarray:
        """Decide the next daily dose (mg) of each subject; a reading that is missing forbids a rise.

        Parameters
        ----------
        dose : array, shape (subject,)
            Present one (mg).
        reading : array, shape (subject,)
            What `variable` came to on the last day, in its unit.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> rule = "from 0.5 mg raise by 1 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; step back"
        >>> ldn.Feedback.of(rule).next(dose=[2.5, 2.5], reading=[0.1, 0.3])
        array([3.5, 1.5])
        """
        dose = reals("dose", dose, "must be a list of doses (mg), one for each subject")
        given = as_numbers(reading)
        if given is None or given.shape != dose.shape:
            raise bad("reading", reading, f"must be a list of {dose.size} numbers, one for each subject")
        reading = given
        free = reading <= self.limit if self.above else reading >= self.limit
        instead = {
            "hold": dose,
            "step back": np.maximum(dose - self.step, min(self.start, self.step)),
            "stop": np.zeros_like(dose),
        }
        raised = np.where(dose > 0, np.minimum(dose + self.step, self.most), 0.0)
        return np.where(free, raised, instead[self.answer])

    def regimen(self, doses: Numbers) -> Regimen:
        """Lay out realised doses as a fixed regimen.

        Parameters
        ----------
        doses : sequence of float
            Daily dose (mg) of each stage of `each` days.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> rule = "from 0.5 mg raise by 1 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
        >>> ldn.Feedback.of(rule).regimen([0.5, 1.5])
        Regimen: 14 doses over 14 days
          day 1, 22:00: 0.5 mg naltrexone capsule x 7 every 24 h
          day 8, 22:00: 1.5 mg naltrexone capsule x 7 every 24 h
        """
        doses = reals("doses", doses, "must be a list of doses (mg), one for each stage")
        if (doses < 0).any():
            raise bad("doses", doses.tolist(), "must be doses (mg) >= 0")
        return Regimen.titration([(dose, self.each) for dose in doses.tolist()], at=self.at)
