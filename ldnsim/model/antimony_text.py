"""Antimony text to SBML and back, by the Antimony library; see `ldnsim.model.antimony_helper`."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import ModelError
from . import antimony_helper
from .chains import join, split
from .lines import sentence_of_sbml, shortened

_PLACE = re.compile(r"Error in (?:model string|file '[^']*'), (line \d+):\s*", re.DOTALL)
_QUOTED = re.compile(r'"[^"]*"|//.*|#.*')


def sbml_of_antimony(text: str, folder: Path | None = None) -> str:
    """Translate Antimony text to SBML; `folder` is where ``import "file"`` looks.

    Raises
    ------
    ModelError
        With the line and the library's own sentence, or the limit that the text exceeds.
    """
    from .digits import StandIns

    stand_ins, parts = StandIns(), split(text)
    good, told = _asked("to_sbml", stand_ins.in_antimony(parts), None if folder is None else str(folder.absolute()))
    if told is None:
        raise ModelError(_not_ascii(text))
    if not good:
        raise ModelError(stand_ins.replaced(_sentence(told)))
    return stand_ins.replaced(told if parts is text else join(told))


def antimony_of_sbml(sbml: str) -> str:
    """Translate SBML text to Antimony."""
    from .digits import for_antimony

    sbml, stand_ins = for_antimony(sbml)
    good, told = _asked("to_antimony", sbml)
    if not good:
        raise ModelError(_sentence(told or ""))
    return stand_ins.replaced(told or "")


def _asked(function: str, *arguments: str | None) -> tuple[bool, str | None]:
    return antimony_helper.HELPER.asked(function, *arguments)


def _sentence(message: str) -> str:
    if "libSBML" in message:
        return shortened(sentence_of_sbml(message))
    told = _PLACE.sub(lambda m: f"{m[1]}: ", message or "Antimony gave no reason").strip()
    return shortened(told.replace("memory exhausted", "a formula is nested too deeply to be read"))


def _not_ascii(text: str) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _QUOTED.sub("", line)
        if not bare.isascii():
            return f"line {number}: names and formulas are written in ASCII: {shortened(bare.strip())!r}"
    return "names and formulas are written in ASCII"
