"""Which of several events goes first: by lot among equal priorities, from the seed and the subject alone."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

RACE = """model race
  var q, r, last; q = 0; r = 0; last = 0; const k; k = 1
  e1: at time - last >= 0.5, priority = {}, persistent = false: q = q + 1, last = time
  e2: at time - last >= 0.5, priority = {}, persistent = false: r = r + 1, last = time
end"""
THREE = """model three
  var a, b, c, open; a = 0; b = 0; c = 0; open = 0
  reopen: at time - open >= 1: open = time
  {}
end""".format(
    "\n".join(
        f"e{x}: at time - open >= 0.5 && a + b + c < open + 1, priority = 2, persistent = false: {x} = {x} + 1"
        for x in "abc"
    )
)


def race(**how):
    model = ldn.Model.from_antimony(RACE.format(1, 1))
    return ldn.simulate(model, None, duration=100, outputs=["q", "r"], **how)


@pytest.mark.kind("sbml-ties")
def test_each_of_two_equal_events_is_first_about_half_of_the_time():
    ds = race(subjects=pd.DataFrame(index=range(20)))
    wins = ds.q.isel(time=-1)
    assert (wins + ds.r.isel(time=-1)).values == pytest.approx(200.0)
    assert abs(float(wins.mean()) - 100) < 6  # 4 standard errors of 20 runs of 200 throws
    assert len(np.unique(wins)) > 5


@pytest.mark.kind("sbml-ties", sibling="three events with one priority")
def test_each_of_three_is_first_about_a_third_of_the_time():
    ds = ldn.simulate(ldn.Model.from_antimony(THREE), None, duration=600, every=600, outputs=["a", "b", "c"])
    wins = np.array([float(ds[x][-1]) for x in "abc"])
    assert wins.sum() == pytest.approx(600, abs=2)
    assert np.abs(wins - 200).max() < 46  # 4 standard deviations


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    one, same, other = race(seed=3), race(seed=3), race(seed=4)
    np.testing.assert_array_equal(one.q, same.q)
    assert (one.q != other.q).any()
    assert one.attrs["seed"] == 3
    assert race().attrs["seed"] == 0


@pytest.mark.kind("sbml-ties", sibling="threads, company and chunks change no throw")
def test_a_subject_draws_the_same_whatever_the_threads_and_the_company():
    people = pd.DataFrame(index=[f"p{i}" for i in range(12)])
    alone = race(subjects=people, threads=1)
    np.testing.assert_array_equal(alone.q, race(subjects=people, threads=4).q)
    np.testing.assert_array_equal(alone.q[:10], race(subjects=people[:10]).q)
    model = ldn.Model.from_antimony(RACE.format(1, 1))
    grid = {"k": [1.0, 1.0001]}
    how = {"subjects": people, "outputs": ["q"], "duration": 20.0}
    small, large = (ldn.sweep(model, grid, chunk=n, **how) for n in (16, 4096))
    np.testing.assert_array_equal(small.q, large.q)
    assert len(np.unique(large.q[:, :, -1])) > 5


def test_priorities_that_differ_decide():
    model = ldn.Model.from_antimony(RACE.format(1, 2))
    ds = ldn.simulate(model, None, duration=50, outputs=["q", "r"])
    assert (float(ds.q[-1]), float(ds.r[-1])) == (0.0, 100.0)


def test_a_seed_that_nothing_reads_is_told():
    with pytest.warns(UserWarning, match="seed has no effect"):
        ldn.simulate(ldn.Model.from_antimony("A' = -A; A = 1"), None, duration=1, seed=1)
    with pytest.raises(ldn.InputError, match="seed=-1"):
        race(seed=-1)
