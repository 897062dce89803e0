"""Pin every lower bound of pyproject.toml to itself, as a constraints file for pip.

    python tests/floors.py > floors.txt
    python -m pip install --constraint floors.txt ".[test]"

installs the oldest releases that are declared to work. It reads nothing but pyproject.toml, so that the two
cannot disagree; what only others require is left to pip.
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)>=(?P<version>[0-9][0-9.]*)(?P<marker>;.+)?")


def requirements(project):
    """Every requirement of the base and of all extras, without the package's own extras."""
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [line for line in listed if not line.startswith(project["name"] + "[")]


def pins(project):
    """One line for each package: `name==version`, with its marker; sorted."""
    found = {}
    for line in requirements(project):
        bound = BOUND.fullmatch(line.replace(" ; ", ";"))
        if bound is None:
            raise SystemExit(f"{line!r} is not of the form name>=version, so it has no floor to test")
        pin = f"{bound['name']}=={bound['version']}{bound['marker'] or ''}"
        if found.setdefault(bound["name"].lower(), pin).partition(";")[0] != pin.partition(";")[0]:
            raise SystemExit(f"{bound['name']} has two floors: {found[bound['name'].lower()]} and {pin}")
    return sorted(found.values(), key=str.lower)


if __name__ == "__main__":
    sys.stdout.write("\n".join(pins(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"])) + "\n")
