"""What an old release of Antimony, the newest for Linux on ARM, writes in another order, or not as it is meant."""

from importlib.metadata import version

import pytest

since_2_15 = pytest.mark.skipif(
    tuple(map(int, version("antimony").split(".")[:2])) < (2, 15),
    reason="Antimony before 2.15 orders what events assign otherwise, and takes first amounts for concentrations",
)
