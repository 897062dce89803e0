"""What figures of a fit show."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.fitting.uncertainty import LEVEL, level_of

from .conftest import simulated

HOW = {
    "observe": "Cp",
    "cmt": "A_gut",
    "estimate": ["ka", "CL", "V"],
    "iiv": ["CL", "V"],
    "error": "proportional",
}


@pytest.fixture(scope="module")
def fitted(own):
    return ldn.fit(own, ldn.read_data(simulated(24, seed=3, sd={"CL": 0.3, "V": 0.2})), **HOW)


def test_a_right_model_is_seen_to_be_right(fitted):
    table = fitted.visual_check(seed=1)
    inside = (table.observed >= table.low) & (table.observed <= table.high)
    assert inside.mean() > 0.8
    assert table["count"].sum() == 3 * 24 * 7
    for name in ("CWRES", "NPDE"):
        seen = fitted.predictions[name].dropna()
        assert abs(seen.mean()) < 0.2, name
        assert seen.std() == pytest.approx(1.0, abs=0.15), name


def test_a_wrong_model_is_seen_to_be_wrong(fitted, own):
    wrong = ldn.fit(own.with_parameters(CL=5.0), fitted.data, **(HOW | {"estimate": []}), sigma=0.1)
    table = wrong.visual_check(seed=1)
    assert ((table.observed < table.low) | (table.observed > table.high)).mean() > 0.2
    assert abs(wrong.predictions.NPDE.mean()) > 0.3


def test_corrected_measurements_are_brought_to_the_middle_prediction(own):
    """Half of the people take three times as much: in a linear model, prediction and measurement grow threefold."""
    same = simulated(12, seed=3)
    more = same.assign(**{c: same[c] * np.where(same.ID.str[1:].astype(int) % 2, 3.0, 1.0) for c in ("AMT", "DV")})
    how = HOW | {"estimate": [], "sigma": 0.1}
    one, two = (
        ldn.fit(own, ldn.read_data(t), **how).visual_check(corrected=True, sets=10).observed for t in (same, more)
    )
    np.testing.assert_allclose(two, 2.0 * one, rtol=1e-6)  # in the middle of 1 and 3


def test_people_drawn_from_a_fit_differ_as_it_says(fitted):
    people = ldn.population(fitted, 4000, seed=2)
    np.testing.assert_allclose(np.log(people[["CL", "V"]]).var(), np.diag(fitted.omega), rtol=0.1)
    assert people.ka.nunique() == 1
    assert people.iloc[:10].equals(ldn.population(fitted, 10, seed=2))
    wider = ldn.population(fitted, 4000, seed=2, uncertain=True)
    assert np.log(wider.CL).var() > np.log(people.CL).var()
    typical = ldn.posterior(fitted, 4000, seed=2)
    np.testing.assert_allclose(
        typical.std() / typical.mean(),
        fitted.parameters.rse[typical.columns] / 100 * level_of(fitted.prediction) / LEVEL,  # as the intervals
        rtol=0.1,
    )


def test_curves_pass_through_the_predictions(fitted):
    lines = fitted.curves(most=2, points=49)  # every half hour
    assert list(lines.ID.unique()) == ["s0", "s1"]
    seen = fitted.predictions.query("ID == 's1' and TIME == 8")
    here = lines.query("ID == 's1' and TIME == 8")
    np.testing.assert_allclose(here[["PRED", "IPRED"]], seen[["PRED", "IPRED"]], rtol=1e-4)


def test_figures_are_drawn(fitted):
    for draw in (ldn.plots.gof, ldn.plots.vpc, ldn.plots.individual_fits):
        fig, _ = draw(fitted)
        fig.canvas.draw()
    with pytest.raises(ldn.InputError, match="fit="):
        ldn.plots.vpc(5)
