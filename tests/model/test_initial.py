"""Where states start is an input like any parameter."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

from ..antimony_release import since_2_15

TEXT = """model m
  compartment C = 2; species S in C, T in C; S = 3; T = 2*S; J: S -> T; k*S*C; k = 0.4; x' = -x; x = 4
end"""


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(TEXT)


def at_start(model, *names):
    ds = ldn.simulate(model, None, times=[0.0, 1.0], outputs=list(names))
    return [float(ds[name][0]) for name in names]


def test_a_state_starts_where_it_is_told_and_what_depends_on_it_follows(model):
    moved = model.with_initial(S=5.0, x=7)
    assert at_start(moved, "S", "T", "x") == [5.0, 10.0, 7.0]  # concentrations, as the ids mean
    assert at_start(model, "S", "T", "x") == [3.0, 6.0, 4.0]
    assert at_start(moved.with_initial(S=6.0), "S", "x") == [6.0, 7.0]
    assert moved.with_initial(S=6.0).structure_hash == moved.structure_hash  # nothing is compiled again


def test_it_is_a_parameter_for_subjects_and_sweeps(model):
    moved = model.with_initial(x=7)
    table = pd.DataFrame({"x_start": [1.0, 2.0]})
    ds = ldn.simulate(moved, None, subjects=table, times=[0.0, 1.0], outputs=["x"])
    np.testing.assert_allclose(ds.x[:, 1], np.exp(-1) * np.array([1.0, 2.0]), rtol=1e-6)
    grid = ldn.sweep(moved, {"x_start": [1.0, 2.0]}, duration=1, outputs=["x"])
    np.testing.assert_allclose(grid.x[:, -1], ds.x[:, 1], rtol=1e-6)


def test_it_is_exported(model):
    moved = model.with_initial(S=5.0, x=7)
    back = ldn.Model.from_sbml(moved.to_sbml())
    assert at_start(back, "S", "T", "x") == [5.0, 10.0, 7.0]


def test_a_shipped_model_keeps_its_table_and_its_scenarios():
    pk = ldn.load_model("naltrexone_pk")
    moved = pk.with_initial(A_gut=2.0)
    assert moved.parameter_ids == (*pk.parameter_ids, "A_gut_start")
    assert moved.observables == pk.observables
    assert at_start(moved.with_scenario(None), "A_gut") == [2.0]


def test_what_is_no_state_or_no_number_is_refused(model):
    with pytest.raises(ldn.UnknownNameError, match="initial='k': no such name"):
        model.with_initial(k=1)
    with pytest.raises(ldn.InputError, match="x=nan"):
        model.with_initial(x=float("nan"))
    with pytest.raises(ldn.UnknownNameError, match="with_initial"):
        model.with_parameters(x=1)


@since_2_15
@pytest.mark.kind("start-of-an-amount")
@pytest.mark.parametrize("size", ["C = 0.25", "C := 0.25 + 0*time", "C = 0.25; at (time > 0.5): C = 1"])
def test_a_species_whose_id_means_its_amount_starts_at_the_concentration_that_is_returned(size):
    text = (
        f"model m\n compartment C; {size}; substanceOnly species S in C; S = 3; J: S -> ; k*S; k = 0.4\nend"
    )
    model = ldn.Model.from_antimony(text)
    assert at_start(model, "S") == [12.0]
    moved = model.with_initial(S=5.0)
    assert at_start(moved, "S") == [5.0]
    assert at_start(moved.with_initial(S=6.0), "S") == [6.0]
    assert at_start(ldn.Model.from_sbml(moved.to_sbml()), "S") == [5.0]


@since_2_15
@pytest.mark.kind(
    "start-of-an-amount", sibling="the same species in a compartment of size 1, or none of its own"
)
@pytest.mark.parametrize(
    "place", ["compartment C = 1; substanceOnly species S in C", "substanceOnly species S"]
)
def test_in_a_compartment_of_size_1_they_are_alike(place):
    moved = ldn.Model.from_antimony(f"{place}; S = 3; J: S -> ; k*S; k = 0.4").with_initial(S=5.0)
    assert at_start(moved, "S") == [5.0]
