"""The Antimony library, asked in a process of its own: requests on stdin, answers on stdout, a line of JSON each.

The first line is where modules are looked for. A request names one of the functions here and its arguments. The
answer is ``[true, text]``, or ``[false, the library's sentence]``; ``null`` stands for a sentence that the library
cut inside a letter.
"""

from __future__ import annotations

import json
import os
import re
import sys

NAMELESS = "__main"  # what Antimony calls text outside of any model block
_A_FIRST_AMOUNT = re.compile(r'<species (?=[^>]*hasOnlySubstanceUnits="true")[^>]*initialConcentration="(?!0")')
AMOUNTS = (2, 15)  # release from which first values of species that count substance only are amounts

Answer = tuple[bool, str | None]


def to_sbml(text: str, folder: str | None) -> Answer:
    """Translate Antimony text to SBML; `folder` is where ``import "file"`` looks."""
    import antimony

    antimony.clearPreviousLoads()
    antimony.clearDirectories()
    if folder is not None:
        antimony.addDirectory(folder)
    if antimony.loadAntimonyString(text) < 0:
        return False, antimony.getLastError()
    name = antimony.getMainModuleName()
    if name == NAMELESS and not antimony.getNumSymbolsOfType(name, 0):
        return False, "the text holds no model"
    sbml = antimony.getSBMLString(name)
    if _A_FIRST_AMOUNT.search(sbml) and is_before(AMOUNTS):
        why = f"Antimony {antimony.__version__} takes the first value of a substanceOnly species for a concentration"
        return False, f"{why}; from {'.'.join(map(str, AMOUNTS))} on it is the amount. Install that, or give SBML"
    return True, sbml


def is_before(release: tuple[int, ...]) -> bool:
    """Tell whether the library is of an earlier release; no newer one has a wheel for Linux on ARM."""
    import antimony

    return tuple(map(int, re.findall(r"\d+", antimony.__version__)[: len(release)])) < release


def to_antimony(sbml: str) -> Answer:
    """Translate SBML text to Antimony."""
    import antimony

    antimony.clearPreviousLoads()
    if antimony.loadSBMLString(sbml) < 0:
        return False, antimony.getLastError()
    return True, antimony.getAntimonyString(antimony.getMainModuleName())


def answer(function: str, *arguments: str | None) -> Answer:
    """Call a function of this file."""
    try:
        return {"to_sbml": to_sbml, "to_antimony": to_antimony}[function](*arguments)
    except UnicodeError:
        return False, None


def main() -> None:
    """Answer requests until there are no more; the library's own prints go to stderr."""
    out = os.dup(1)
    os.dup2(2, 1)
    sys.path[:] = json.loads(sys.stdin.readline())
    with open(out, "w", encoding="ascii") as file:
        for line in sys.stdin:
            print(json.dumps(answer(*json.loads(line))), file=file, flush=True)


if __name__ == "__main__":
    main()
