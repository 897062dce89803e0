"""What was chosen on a model, what was drawn, and what a table states: which counts."""

import warnings

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.choices import setter_of, settled, unchosen, under

NIGHT = ldn.Regimen.daily(4.5, days=2, at="22:00")
TEXT = "model own\n A' = -k*A; A = 0; const k, V; k = 0.2; V = 10\n C := A/V\nend"


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def cells(model):
    return model.with_scenario("in_vitro_tlr4")


def il6(model, subjects):
    return ldn.simulate(model, NIGHT, subjects=subjects, outputs=["il6"], times=[46.0]).il6.values[..., 0]


@pytest.mark.kind("chosen")
def test_draws_do_not_undo_a_scenario(model, cells):
    draws = ldn.posterior(model, 4)
    with pytest.warns(UserWarning, match=r"left out of the posterior draws.*'IC50_tlr4' \(the scenario"):
        got = il6({"default": model, "cells": cells}, draws)
    np.testing.assert_array_equal(got[0], il6(model, draws))
    np.testing.assert_array_equal(got[1], il6(cells, ldn.posterior(cells, 4)))
    assert np.abs(got[1] - 1).max() < 1e-3 < np.abs(got[0] - 1).min()


@pytest.mark.kind("chosen", sibling="prior draws")
def test_prior_draws_do_not_undo_a_parameter(model):
    from ldnsim.inference.draws import prior_draws

    with pytest.warns(UserWarning, match="left out of the prior draws.*'IC50_tlr4' .with_parameters"):
        got = il6(model.with_parameters(IC50_tlr4=1e9), prior_draws(model, 4))
    np.testing.assert_allclose(got, 1.0, atol=1e-5)


@pytest.mark.kind("chosen", sibling="people of another model")
def test_people_drawn_about_another_value_are_refused(model):
    people = ldn.population(model, 3)
    for other in (model.with_parameters(CL_ntx=100), model.with_condition("crohn")):
        with pytest.raises(ldn.InputError, match=r"people of another model.*another value than the one that"):
            il6(other, people)
        il6(other, ldn.population(other, 3))


@pytest.mark.kind("chosen", sibling="a table of one's own")
def test_a_table_of_ones_own_takes_the_place_of_what_was_chosen(cells):
    with pytest.warns(
        UserWarning, match="columns of subjects take the place of what was chosen: 'IC50_tlr4'"
    ):
        got = il6(cells, pd.DataFrame({"IC50_tlr4": [0.5, 1e5]}))
    assert got[0] < 0.9 < got[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        il6(cells.with_parameters(CL_ntx=100.0), pd.DataFrame({"CL_ntx": [100.0, 150.0]}))


@pytest.mark.kind("chosen", sibling="draws from a file")
def test_draws_that_lost_their_notes_are_not_taken_in_silence(model, cells, tmp_path):
    ldn.posterior(model, 3).to_csv(tmp_path / "draws.csv")
    draws = pd.read_csv(tmp_path / "draws.csv", index_col=0)
    with pytest.warns(UserWarning, match="take the place of what was chosen"):
        il6(cells, draws)
    with pytest.warns(UserWarning, match="left out of the given draws"):
        assert "IC50_tlr4" not in settled(draws, cells)


def test_what_a_table_was_made_for_stands(cells):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        il6(cells, ldn.posterior(cells, 3).iloc[1:])
        il6(cells, ldn.population(cells, 3).head(2))


TOGETHER = r"in the draws 'K_brain' goes together with 'g_ntx_slow' \(0\.\d\d\).*wider than what is known"


@pytest.mark.kind("set-beside-draws")
def test_what_goes_with_a_parameter_set_by_hand_is_told(model):
    own = model.with_parameters(K_brain=2.089)
    with pytest.warns(UserWarning, match=TOGETHER) as told:
        draws = ldn.posterior(own, 20)
    assert len(told) == 1
    assert "K_brain" not in draws
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        il6(own, draws)  # told once


@pytest.mark.kind("set-beside-draws", sibling="compare, level_at, and draws that were made before")
@pytest.mark.parametrize(
    "ask",
    [
        lambda m, draws: ldn.compare(m, {"a": NIGHT}, n=8, metrics=["change_il6"]),
        lambda m, draws: ldn.compare(m, {"a": NIGHT}, draws=draws, metrics=["change_il6"]),
        lambda m, draws: ldn.level_at(m, "3 mg", after=2, outputs="il6", draws=8),
        lambda m, draws: il6(m, draws),
        lambda m, draws: settled(draws, m),
    ],
)
def test_every_door_to_draws_tells_of_it_once(model, ask):
    draws = ldn.posterior(model, 100)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ask(model.with_parameters(K_brain=2.089), draws)
    assert sum("goes together" in str(w.message) for w in told) == 1


def test_what_goes_together_in_another_structure_or_is_set_too_is_no_news(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ldn.posterior(model.with_parameters(gain_release=1.0))  # goes with nothing
        ldn.posterior(model.with_parameters(IC50_tlr4=1.0, il6_monocyte_share=0.5))
        ldn.posterior(model.with_scenario("in_vitro_tlr4"))  # another reading, not a value that is known


def test_draws_without_a_choice_keep_their_columns(model):
    draws = ldn.posterior(model, 3)
    assert list(unchosen(draws, model)) == list(draws)


def test_who_set_a_parameter_is_told(cells):
    assert setter_of(cells, "IC50_tlr4") == "the scenario 'in_vitro_tlr4'"
    assert setter_of(cells.with_condition("crohn"), "pain_gain") == "the condition 'crohn'"
    assert setter_of(cells.with_parameters(IC50_tlr4=1), "IC50_tlr4") == "with_parameters"


def test_a_scenario_compared_with_others_keeps_what_else_was_chosen(model):
    own = model.with_scenario("clearance_low").with_condition("crohn").with_parameters(ka=1.0)
    other = under(own, "ogf")
    assert (other.scenario, other.condition) == ("ogf", "crohn")
    for name, value in model.scenario_presets["clearance_low"].values.items():
        assert other.parameters.value[name] == value
    assert other.parameters.value["ka"] == 1.0
    assert other.parameters.value["w_ogf"] == 0.5


def test_rivals_do_not_keep_each_others_values(cells, model):
    assert (
        under(cells, "ogf", ["in_vitro_tlr4"]).parameters.value["IC50_tlr4"]
        == model.parameters.value["IC50_tlr4"]
    )
    assert under(cells, "clinical_tlr4") == model.with_scenario("clinical_tlr4")


def test_a_sweep_over_scenarios_leaves_draws_alone(model):
    draws = ldn.posterior(model, 3)
    over = {"scenario": [None, "in_vitro_tlr4"]}
    ds = ldn.sweep(
        model, over, draws=draws, dose=4.5, at="22:00", days=2, metrics=["change_il6"], progress=False
    )
    assert np.abs(ds.change_il6.sel(scenario="in_vitro_tlr4")).max() < 0.1 < np.abs(ds.change_il6[0]).min()
