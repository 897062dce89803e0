"""libRoadRunner, the referee of what SBML means."""

import pytest


def referee():
    """Load it; the test is skipped where it is not installed, or a system library that it needs is not."""
    return pytest.importorskip("roadrunner", reason="libroadrunner, the referee, cannot be loaded", exc_type=ImportError)
