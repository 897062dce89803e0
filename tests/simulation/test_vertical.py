"""A power with an exponent below 1 has a vertical slope at 0, which a state leaves anew with each dose."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

EFFECT = """model effect
  D' = -ka*D;  C' = ka*D - ke*C
  R' = kout*({form} - R)
  D = 0; C = 0; R = 0; ka = 26; ke = 9; kout = 20; h = 0.5
end"""
SUBJECTS = pd.DataFrame({"h": np.linspace(0.2, 0.95, 24), "ka": np.linspace(15, 60, 24)})
AGAIN = ldn.Regimen.every(1, ii=12, n=3, cmt="D")  # C has fallen to 1e-45 when the second dose comes


METHODS = ["auto", "rodas5p", "rodas5p-scalar", "fast"]


def goes_on(form, method):
    model = ldn.Model.from_antimony(EFFECT.format(form=form))
    rtol = 1e-5 if method == "fast" else 1e-7
    ask = {"subjects": SUBJECTS, "times": [0.5, 11, 12.1, 12.5, 14, 30], "outputs": ["R"]}
    explicit = ldn.simulate(model, AGAIN, method="tsit5-scalar", rtol=1e-9, **ask)
    found = ldn.simulate(model, AGAIN, method=method, rtol=rtol, **ask)
    assert set(found.status.values) == {"finished"}
    np.testing.assert_allclose(found.R, explicit.R, atol=20 * rtol * float(explicit.R.max()))


@pytest.mark.kind("vertical-slopes")
@pytest.mark.parametrize("method", METHODS)
def test_every_subject_goes_on_after_a_second_dose(method):
    goes_on("C^h/(0.07 + C^h)", method)


@pytest.mark.kind(
    "vertical-slopes", sibling="a root, a product of two powers, a power over one of another exponent"
)
@pytest.mark.parametrize("form", ["sqrt(C)", "C^h*D^0.3", "C^h/(1e-4 + C)^0.4"])
@pytest.mark.parametrize("method", METHODS)
def test_so_do_roots_and_products(form, method):
    goes_on(form, method)
