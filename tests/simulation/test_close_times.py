"""Times that rounding sets apart, as a user meets them: cumulated intervals, short infusions, resets, metrics."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.simulation import simulating

GAPS = [np.spacing(24.0), 1e-13, 1e-11, 1e-7]


@pytest.fixture(scope="module")
def model():
    """A dosed state that leaves slowly."""
    return ldn.Model.from_antimony("model decay(); A' = -k*A; A = 0; k = 0.1; end")


@pytest.mark.filterwarnings("ignore:record .* gives the dose of record")
@pytest.mark.kind("close-times", sibling="cumulated intervals beside whole days, alone and in company")
def test_cumulated_times_beside_whole_days(model):
    time = np.sort(np.concatenate([np.cumsum(np.full(280, 2.4)), 24.0 * np.arange(1, 28)]))
    regimen = ldn.Regimen.from_records({"time": time, "amt": [1.0] * time.size, "cmt": ["A"] * time.size})
    people = ldn.population(model, 9, seed=1)
    alone = ldn.simulate(model, regimen, every=2.4).A
    together = ldn.simulate(model, regimen, subjects=people, every=2.4).A
    assert np.allclose(together, alone, rtol=1e-5)
    at = alone.time.values
    due = np.exp(-0.1 * np.maximum(at[:, None] - time, 0.0)) * (at[:, None] >= time - 1e-9)
    assert np.allclose(alone, due.sum(axis=1), rtol=1e-5)


@pytest.mark.kind("close-times", sibling="an infusion too short for the clock, given as a rate")
@pytest.mark.parametrize("duration", [1e-16, 1e-13, 1e-12, 1e-10, 1e-6])
def test_a_short_infusion_is_given_whole(model, duration):
    regimen = ldn.Regimen.from_records(
        {"time": [600.0], "amt": [2.0], "rate": [2.0 / duration], "cmt": ["A"]}
    )
    for subjects in (None, ldn.population(model, 8, seed=1)):
        ds = ldn.simulate(model, regimen, subjects=subjects, times=[600.0 + 2 * duration, 610.0])
        assert np.allclose(ds.A[..., -1], 2.0 * np.exp(-1.0), rtol=1e-5)


@pytest.mark.kind("close-times", sibling="two doses that are one jump, in the metrics")
@pytest.mark.parametrize("gap", GAPS)
def test_a_peak_counts_all_doses_of_its_jump(gap):
    pk = ldn.load_model("naltrexone_pk")
    iv = lambda dose, at: ldn.Regimen.single(dose, formulation="iv").shift(hours=at)  # noqa: E731
    two = ldn.simulate(pk, iv(1.0, 24.0) + iv(2.0, 24.0 + gap), metrics=["cmax"])
    one = ldn.simulate(pk, iv(3.0, 24.0), metrics=["cmax"])
    assert np.allclose(two.cmax, one.cmax, rtol=1e-5)


@pytest.mark.kind("close-times", sibling="a reset that rounding puts after the dose of another regimen")
@pytest.mark.parametrize("gap", [np.spacing(24.0), 1e-13, 1e-11])
def test_a_reset_comes_first_within_its_instant(model, gap):
    reset = ldn.Regimen.from_records(
        {"time": [0.0, 24.0 + gap], "amt": [5.0, 0.0], "evid": [1, 3], "cmt": ["A", "A"]}
    )
    dose = ldn.Regimen.from_records({"time": [24.0], "amt": [2.0], "cmt": ["A"]})
    for regimen in (reset + dose, dose + reset):
        ds = ldn.simulate(model, regimen, times=[23.0, 24.0, 34.0])
        assert ds.A.values[1:] == pytest.approx([2.0, 2.0 * np.exp(-1.0)], rel=1e-5)


@pytest.mark.kind("close-times", sibling="records of a table that rounding puts in another order")
@pytest.mark.parametrize("gap", [np.spacing(24.0), 1e-11])
def test_records_of_one_instant_keep_the_order_of_the_table(model, gap):
    table = {"time": [0.0, 24.0 + gap, 24.0], "amt": [5.0, 0.0, 2.0], "evid": [1, 3, 1], "cmt": ["A"] * 3}
    wiped_first = ldn.simulate(model, ldn.Regimen.from_records(table), times=[24.0, 34.0])
    assert wiped_first.A.values == pytest.approx([2.0, 2.0 * np.exp(-1.0)], rel=1e-5)
    table |= {"amt": [5.0, 2.0, 0.0], "evid": [1, 1, 3]}
    assert (ldn.simulate(model, ldn.Regimen.from_records(table), times=[24.0, 34.0]).A == 0.0).all()
    with pytest.raises(ldn.InputError, match="must not fall"):
        ldn.Regimen.from_records({"time": [24.0 + 1e-9, 24.0], "amt": [1.0, 1.0], "cmt": ["A", "A"]})


@pytest.mark.alone
@pytest.mark.kind("deaf-runs", sibling="a sweep over subjects, pieces shared out to threads")
def test_ctrl_c_ends_threads_of_pieces(monkeypatch):
    import _thread
    import threading

    wave = ldn.Model.from_antimony("model wave(); x' = v; v' = -w*x; x = 1; v = 0; w = 1e10; end")
    people = ldn.population(wave, 64, seed=1)
    ldn.simulate(wave, None, subjects=people, times=[1e-5], threads=2)
    monkeypatch.setattr(simulating.stream, "COURSE_BYTES", 1.0)
    before = threading.enumerate()
    threading.Timer(0.5, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        ldn.simulate(wave, None, subjects=people, times=[1e6], threads=2, max_steps=10**12, method="tsit5")
    own = [t for t in threading.enumerate() if t not in before]
    for thread in own:
        thread.join(10.0)
    assert not any(thread.is_alive() for thread in own)
