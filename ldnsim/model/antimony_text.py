"""Antimony text to SBML and back: by the Antimony library, which is not trusted to come to an end.

The library runs in a process of its own. A text on which it breaks down, or that it does not get through, costs
that process and is refused; Ctrl-C ends it too. The process takes 0.05 s, once for each text, because what was
read is kept on disk.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

from ..errors import ModelError
from . import antimony_process
from .chains import join, split
from .lines import sentence_of_sbml, shortened

SECONDS = 60  # for one text

_SCRIPT = Path(antimony_process.__file__)
_INSIDE = threading.Lock()  # the library keeps its models in globals
_PLACE = re.compile(r"Error in (?:model string|file '[^']*'), (line \d+):\s*", re.DOTALL)
_QUOTED = re.compile(r'"[^"]*"|//.*|#.*')


def sbml_of_antimony(text: str, folder: Path | None = None) -> str:
    """Translate Antimony text to SBML.

    Raises
    ------
    ModelError
        With the line and the library's own sentence, or the limit that the text exceeds.
    """
    from .digits import StandIns

    stand_ins, parts = StandIns(), split(text)
    good, told = _asked("to_sbml", stand_ins.in_antimony(parts), None if folder is None else str(folder))
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
    return stand_ins.replaced(told)


def _asked(*request: str | None) -> antimony_process.Answer:
    if not sys.executable or getattr(sys, "frozen", False):  # there is no Python to start
        return _asked_inside(*request)
    command = [sys.executable, str(_SCRIPT)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps([sys.path, request]).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:  # a system that starts no processes
        return _asked_inside(*request)
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"the Antimony library does not get through this text in {SECONDS} s, the limit; "
            "write it with fewer formulas that build on each other, or give SBML"
        ) from None
    if done.returncode < 0 or done.returncode > 255:  # a signal; on Windows the number of an exception
        raise ModelError(
            f"the Antimony library broke down on this text (exit code {done.returncode}); "
            "its formulas may be nested too deeply"
        )
    try:
        good, told = json.loads(done.stdout)
    except ValueError:  # Python did not start as expected
        return _asked_inside(*request)
    return good, told


def _asked_inside(*request: str | None) -> antimony_process.Answer:
    with _INSIDE:
        return antimony_process.answer(*request)


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
