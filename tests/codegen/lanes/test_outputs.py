"""Powers whose exponent all trajectories of a group share: by products, or by a root, where it is one of these."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.codegen.lanes.mathlib import SHARED

TIMES = np.linspace(0.0, 0.8, 9)


@pytest.fixture(scope="module")
def falling():
    return ldn.Model.from_antimony("model falling(); x' = -x^h; x = 2; h = 1; y := x^h; end")


# Powers, and what they would be mistaken for where twice the exponent is taken for its inverse or itself.
@pytest.mark.parametrize("h", sorted({f(twice) for twice in SHARED for f in (lambda n: n / 2, lambda n: 0.5 / n, float)}))
def test_a_power_that_all_share_is_the_power(falling, h):
    subjects, how = pd.DataFrame({"h": [h] * 16}), {"times": TIMES, "duration": 0.8, "method": "rodas5p", "rtol": 1e-8}
    ds = ldn.simulate(falling, None, subjects=subjects, **how)
    n = 1.0 - h
    want = 2.0 * np.exp(-TIMES) if n == 0.0 else (2.0**n - n * TIMES) ** (1.0 / n)
    np.testing.assert_allclose(ds.x, np.broadcast_to(want, ds.x.shape), rtol=1e-6)
    np.testing.assert_allclose(ds.y, ds.x**h, rtol=1e-7)
