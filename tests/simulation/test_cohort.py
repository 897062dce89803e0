"""Subjects run together for a fit: only what is seen is solved, and asking again changes nothing."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.regimen import Record
from ldnsim.simulation import cohort as module
from ldnsim.simulation.cohort import Cohort

MOVING = ("CL_ntx", "V1_ntx", "ka")
ROWS = [{"ID": 1, "TIME": 0, "AMT": 50}] + [{"ID": 1, "TIME": t, "DV": 1.0} for t in (0.5, 2, 2, 8, 24)]


def cohort_of(name, outputs=("plasma_naltrexone",), rows=ROWS, rtol=1e-8):
    model = ldn.load_model(name) if isinstance(name, str) else name
    return Cohort(model, list(ldn.read_data(rows).regimens.values()), outputs, MOVING, rtol)


def asked(cohort, factor=1.0):
    """Values and slopes along each parameter, as a gradient asks for them."""
    k = [cohort.model.parameter_ids.index(n) for n in MOVING]
    values, who = np.tile(factor * cohort.model.values[k], (3, 1)), np.zeros(3, np.int64)
    return cohort.slopes(values, who, np.eye(3) * values)


@pytest.mark.parametrize("name", ["naltrexone_pk", "ldn"])
def test_only_what_plasma_depends_on_is_solved_with_the_same_numbers(name, monkeypatch):
    own = cohort_of(name)
    found = asked(own)
    assert len(own.core.states) < len(own.model.states)
    assert own.core.parameter_ids == own.model.parameter_ids
    monkeypatch.setattr(module, "reduced", lambda structure, *_: structure)
    whole = cohort_of(name)
    expected = asked(whole)
    assert whole.core is whole.model
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6 * np.abs(b).max())


def test_both_analytes_and_a_second_drug_keep_their_states():
    pk = cohort_of("naltrexone_pk", ("plasma_naltrexone", "plasma_naltrexol"))
    assert set(pk.core.states) > set(cohort_of("naltrexone_pk").core.states)
    gut, *_, far = ldn.load_model("ldn").states
    assert far not in cohort_of("ldn").core.states
    rows = [{**r, "CMT": gut} for r in ROWS] + [{"ID": 1, "TIME": 30, "AMT": 10, "CMT": far}]
    assert {gut, far} <= set(cohort_of("ldn", rows=rows).core.states)


def test_doses_into_numbered_states_keep_the_model_whole():
    text = "X' = -X; G' = -ka*G; A' = ka*G - CL_ntx/V1_ntx*A; X = 1; G = 0; A = 0; ka = 1; CL_ntx = 2; V1_ntx = 30"
    own = ldn.Model.from_antimony(f"model own\n {text}; Cp := A/V1_ntx\nend")
    numbered, named = ([{**r, "CMT": c} for r in ROWS] for c in (2, "G"))
    by_number, by_name = (cohort_of(own, ("Cp",), rows) for rows in (numbered, named))
    assert by_number.core.states == ("X", "G", "A")
    assert by_name.core.states == ("G", "A")
    np.testing.assert_allclose(asked(by_number)[0], asked(by_name)[0], rtol=1e-6)


def test_asked_again_it_answers_with_the_bits_of_a_first_time():
    kept = cohort_of("naltrexone_pk")
    first, moved, again = asked(kept), asked(kept, 1.3), asked(kept)
    fresh = asked(cohort_of("naltrexone_pk"), 1.3)
    for a, b in zip((*first, *moved), (*again, *fresh), strict=True):
        assert np.array_equal(a, b)
    assert not np.array_equal(first[0], moved[0])


def test_problems_kept_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    own = cohort_of("naltrexone_pk")
    k = [own.model.parameter_ids.index(n) for n in MOVING]
    found = [own.values(np.tile(own.model.values[k], (n, 1)), np.zeros(n, np.int64)) for n in (1, 2, 3, 1)]
    assert len(own._asked) == 2
    np.testing.assert_array_equal(found[0], found[3])


@pytest.mark.parametrize("infused", [0, 1, 19])
def test_an_infusion_counts_whoever_gets_it(infused):
    """How all are solved is decided by some of them, and not all doses arrive at once."""
    own = ldn.Model.from_antimony("model own; A' = -CL_ntx/V1_ntx*A; A = 0; CL_ntx = 3; V1_ntx = 30; ka = 1; end")
    doses = [ldn.Regimen.single(50, cmt="A", duration=2.0 if k == infused else None) for k in range(20)]
    seen = [d + ldn.Regimen([Record(t, evid=0) for t in (1.0, 5.0)]) for d in doses]
    cohort = Cohort(own, seen, ("A",), MOVING, 1e-8)
    found = cohort.values(np.tile([3.0, 30.0, 1.0], (20, 1)), np.arange(20))
    want = np.tile(50 * np.exp([-0.1, -0.5]), (20, 1))
    want[infused] = 250 * (1 - np.exp([-0.1, -0.2])) * np.exp([0.0, -0.3])
    np.testing.assert_allclose(found[:, 0], want, rtol=1e-6)
