"""The equations: units without a message, readable ids, and a rest state that is exact for everybody."""

import libsbml
import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.model.checks import messages_of

OTHER_SOURCES = ["tnf_other", "il6_other", "il10_other"]
NEVER_DOSED = [
    "plasma_naltrexone",
    "plasma_naltrexol",
    "withdrawal",
    "opioid_occupancy",
    "opioid_effect",
    "opioid_dependence",
]


@pytest.mark.parametrize("name", ldn.list_models())
def test_libsbml_has_nothing_to_say(name):
    assert messages_of(ldn.load_model(name).to_sbml()) == ()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("<ci> M_ntx </ci>", "<ci> V1_ntx </ci>"), ('sbml:units="nM_in_mmol_per_L"', 'sbml:units="none"')],
    ids=["dimension", "scale"],
)
def test_the_unit_check_can_fail(model, right, wrong):
    text = model.to_sbml()
    assert right in text
    assert messages_of(text.replace(right, wrong, 1))


def test_ids_differ_by_more_than_case(model):
    ids = [*model.parameters.index, *model.outputs.index]
    assert len({i.lower() for i in ids}) == len(set(ids))


def test_the_small_model_has_the_equations_of_the_large_one():
    formulas = [formulas_of(ldn.load_model(name).to_sbml()) for name in ("naltrexone_pk", "ldn")]
    assert len(formulas[0]) > 12
    assert formulas[0] == {variable: formulas[1][variable] for variable in formulas[0]}


def formulas_of(sbml):
    document = libsbml.readSBMLFromString(sbml)
    rules = document.getModel().getListOfRules()
    return {rule.getVariable(): libsbml.formulaToL3String(rule.getMath()) for rule in rules}


def test_nobody_drifts_without_a_dose(model, draws):
    """Every draw of the uncertain parameters starts at rest and stays there."""
    ds = ldn.simulate(model, None, subjects=draws, times=[0, 1, 24, 24 * 60], outputs=list(model.observables))
    assert (ds.status == "finished").all()
    for name in model.observables:
        rest = 0.0 if name in NEVER_DOSED or "occupancy" in name else 1.0
        np.testing.assert_allclose(ds[name], rest, rtol=0, atol=1e-9, err_msg=name)


def test_the_rhythm_moves_nothing_in_an_untreated_subject(model):
    ds = ldn.simulate(
        model.with_scenario("circadian"), None, duration=72, outputs=["endorphin", "opioid_tone", "circadian"]
    )
    assert float(ds.circadian.max() - ds.circadian.min()) > 0.4
    np.testing.assert_allclose(ds.endorphin, 1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ds.opioid_tone, 1, rtol=0, atol=1e-9)


def test_the_rhythm_is_high_in_the_morning_and_low_at_night(model):
    ds = ldn.simulate(
        model.with_scenario("circadian"), None, times=np.arange(0, 24, 0.05), outputs=["circadian"]
    )
    peak, nadir = (float(ds.time[f(ds.circadian.values)]) for f in (np.argmax, np.argmin))
    assert 8 <= peak <= 10.75
    assert nadir >= 22 or nadir <= 3.5


def test_no_source_of_a_cytokine_is_negative(model, draws):
    """Levels from other cells are what remains after the monocytes: the closed form keeps them >= 0."""
    ds = ldn.simulate(
        model, None, subjects=draws, times=[0.0], outputs=[*OTHER_SOURCES, "activated_rest", "resting_rest"]
    )
    for name in OTHER_SOURCES:
        assert float(ds[name].min()) >= -1e-12, name
    assert float(ds.activated_rest.min()) > 0
    assert float(ds.resting_rest.min()) > 0


@pytest.mark.parametrize(("gaps", "share"), [(0.5, 1 / 9), (1.0, 1 / 2), (2.0, 8 / 9)])
def test_withdrawal_rises_with_the_third_power_of_the_gap(model, gaps, share):
    """At a gap of so many times its half-effect the index goes to this share of its maximum."""
    equations = model.equations()
    symbols = {s.name: s for rate in equations.rates for s in rate.free_symbols}
    rate = equations.rates[equations.states.index("withdrawal")]
    values = {"withdrawal": 0.0, "withdrawal_gap": gaps, "withdrawal_gap_50": 1.0, "k_withdrawal": 1.0}
    assert float(rate.subs({symbols[name]: value for name, value in values.items()})) == pytest.approx(share)
