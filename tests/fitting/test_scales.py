"""Scales of estimates: there and back, their slopes, and the priors and starts that rest on them."""

import numpy as np
import pytest
from scipy import special

import ldnsim as ldn
from ldnsim.fitting.priors import known_of
from ldnsim.fitting.scales import Scale, Scales

Z = np.linspace(-3.0, 4.0, 8)
EACH = [Scale("log"), Scale("logit"), Scale("logit", 0.2, 3.0), Scale("none")]
SAYS = {"log": np.exp, "logit": special.expit, "none": lambda z: z}


@pytest.mark.parametrize("scale", EACH, ids=str)
def test_there_and_back(scale):
    p = scale.back(Z)
    lower, width = (scale.lower, scale.upper - scale.lower) if scale.kind == "logit" else (0.0, 1.0)
    np.testing.assert_allclose(p, lower + width * SAYS[scale.kind](Z), rtol=1e-13)
    np.testing.assert_allclose(scale.of(p), Z, rtol=1e-12, atol=1e-12)
    step = 1e-6
    differences = (scale.back(Z + step) - scale.back(Z - step)) / (2 * step)
    np.testing.assert_allclose(scale.slope(Z), differences, rtol=1e-8)


def test_several_side_by_side_are_each_of_them():
    z = np.stack([Z, Z[::-1], 0.3 * Z, Z - 1.0, Z], axis=1)  # and a column that is no parameter's
    scales, want = Scales(EACH), np.stack([s.back(z[:, k]) for k, s in enumerate(EACH)], axis=1)
    np.testing.assert_allclose(scales.back(z), want, rtol=1e-13)
    slopes = np.stack([s.slope(z[:, k]) for k, s in enumerate(EACH)], axis=1)
    np.testing.assert_allclose(scales.slope(want), slopes, rtol=1e-12)


def test_the_prior_of_a_share_has_its_middle_at_the_share():
    model = ldn.load_model("ldn")
    names = ["F_oral", "CL_ntx"]
    known = known_of(model, names, {"F_oral": 1.5, "CL_ntx": 1.5})
    assert [s.kind for s in known.scales] == ["logit", "log"]
    middle = [float(s.back(z)) for s, z in zip(known.scales, known.middle, strict=True)]
    assert middle == pytest.approx(model.parameters.value[names].tolist(), rel=1e-12)
