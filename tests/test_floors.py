"""The lower bounds of pyproject.toml: each pinned to itself, and none that is known to fail."""

import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

FLOORS = runpy.run_path(str(Path(__file__).with_name("floors.py")))
PROJECT = tomllib.loads(FLOORS["PYPROJECT"].read_text(encoding="utf-8"))["project"]
DECLARED = [
    Requirement(line)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for line in group
]
PINS = {r.name.lower(): r for r in map(Requirement, FLOORS["pins"](PROJECT))}
KNOWN_TO_FAIL = {
    "SALib": "1.5",  # asks an array of NumPy 1 for ptp()
    "h5py": "3.14",  # writes the hour into a file
    "libroadrunner": "2.7",  # needs NumPy 1
    "llvmlite": "0.44",  # typed pointers
    "numba": "0.61",  # the first kernel crashes
    "pandas": "2.2.0",  # needs NumPy 1
    "pytest": "8.3.0",  # cannot collect test_architecture.py
    "scipy": "1.14",  # LatinHypercube(rng=)
    "xarray": "2025.1.1",  # Zarr 3; 2024.10 cuts texts short
}


@pytest.mark.kind("oldest-releases")
def test_each_declared_package_is_pinned_once_at_its_lower_bound():
    own = PROJECT["name"]
    assert set(PINS) == {r.name.lower() for r in DECLARED} - {own}
    for declared in (r for r in DECLARED if r.name != own):
        pin = PINS[declared.name.lower()]
        (lowest,), (exact,) = declared.specifier, pin.specifier
        assert (lowest.operator, exact.operator) == (">=", "==")
        assert lowest.version == exact.version, declared.name
        assert declared.marker == pin.marker, declared.name


@pytest.mark.kind("oldest-releases", sibling="a release that is known to fail, such as Numba 0.61")
@pytest.mark.parametrize("name", KNOWN_TO_FAIL)
def test_no_bound_admits_a_release_that_fails(name):
    declared = [r for r in DECLARED if r.name == name]
    assert declared
    assert not any(r.specifier.contains(KNOWN_TO_FAIL[name]) for r in declared)


@pytest.mark.parametrize("line", ["numpy", "numpy~=2.2", "numpy>=2.2,<3"])
def test_a_bound_without_a_floor_is_refused(line):
    with pytest.raises(SystemExit, match="not of the form name>=version"):
        FLOORS["pins"]({**PROJECT, "dependencies": [line]})


def test_two_floors_of_a_package_are_refused():
    with pytest.raises(SystemExit, match="two floors"):
        FLOORS["pins"]({**PROJECT, "dependencies": ["numpy>=2.2", "NumPy>=2.3"]})


def test_it_writes_a_constraints_file():
    script = Path(__file__).with_name("floors.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == FLOORS["pins"](PROJECT)
