"""A drug's row sets parameters for the regimen that holds it, and for no other."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.simulation import drugs


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def half_life():
    return float(ldn.drugs().loc["methadone", "t_half_opioid"])


def value(model, values, name="t_half_opioid"):
    return values[:, model.parameter_ids.index(name)]


def test_the_drug_is_found_in_the_regimen(model):
    methadone = ldn.Regimen.daily(60, days=2, drug="methadone")
    assert drugs.drug_of(model, methadone + ldn.Regimen.daily(4.5, days=1)) == "methadone"
    assert drugs.drug_of(model, ldn.Regimen.daily(4.5, days=1)) == ""
    assert drugs.drug_of(model, None) == ""
    with pytest.raises(ValueError, match=r"drug=.*oxycodone.*one slot"):
        drugs.drug_of(model, methadone + ldn.Regimen.single(10, drug="oxycodone"))


def test_subjects_keep_what_makes_them_differ(model, half_life):
    own = np.repeat(model.values[None, :], 2, axis=0)
    value(model, own)[:] *= [1.0, 1.5]
    np.testing.assert_allclose(
        value(model, drugs.values_under(model, "methadone", own)), [half_life, 1.5 * half_life]
    )
    assert drugs.values_under(model, "", own) is own


def test_a_value_set_by_hand_wins(model):
    by_hand = model.with_parameters(t_half_opioid=50.0)
    values = drugs.values_under(by_hand, "methadone", by_hand.values[None, :])
    assert value(model, values)[0] == 50.0


def test_each_regimen_runs_under_its_own_drug(model, half_life):
    doses = {
        "methadone": ldn.Regimen.single(60, drug="methadone"),
        "oxycodone": ldn.Regimen.single(20, drug="oxycodone"),
    }
    together = ldn.simulate(model, doses, duration=120, outputs=["opioid_pressure"])
    for name, regimen in doses.items():
        alone = ldn.simulate(model, regimen, duration=120, outputs=["opioid_pressure"])
        np.testing.assert_allclose(
            together.opioid_pressure.sel(regimen=name), alone.opioid_pressure, rtol=1e-4, atol=1e-6
        )
    tail = together.opioid_pressure.sel(regimen="methadone", time=[60.0, 110.0])
    slope = float(np.log(tail[0] / tail[1])) / 50.0
    assert np.log(2) / slope == pytest.approx(half_life, rel=0.01)


def test_a_model_of_ones_own_has_no_drugs(toy):
    assert drugs.drug_of(toy, ldn.Regimen.single(10, drug="oxycodone")) == ""
    assert isinstance(ldn.drugs(), pd.DataFrame)


def test_a_dose_beyond_any_that_people_got_is_told_of():
    model = ldn.load_model("ldn")
    with pytest.warns(UserWarning, match="4500 mg of naltrexone at once.*4500 micrograms are 4.5 mg"):
        ldn.simulate(model, ldn.Regimen.single(4500), outputs=["il6"], duration=2)
    ldn.simulate(model, ldn.Regimen.single(380, formulation="injection_xr"), outputs=["il6"], duration=2)


def test_warnings_point_to_the_users_own_line():
    both = ldn.Regimen.single(4.5) + ldn.Regimen.single(50, drug="tramadol")
    with pytest.warns(UserWarning, match="naltrexone together with") as told:
        ldn.simulate(ldn.load_model("ldn"), both, outputs=["il6"], duration=2)
    assert told[0].filename == __file__
