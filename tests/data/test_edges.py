"""Areas of any course against a dense look, and the values from which the other side of a rule of profiles holds."""

import math

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import InputError
from ldnsim.data.censoring import measured
from ldnsim.data.clocks import hours_of
from ldnsim.data.terminal_line import terminal
from ldnsim.data.trapezoids import Curve, piece_moment

T = np.array([0.0, 0.4, 1.0, 1.7, 3.0, 3.2, 5.0, 7.5, 8.0])
COURSES = {
    "rises and falls": [1.0, 3.0, 8.0, 5.0, 2.0, 2.5, 1.1, 0.4, 0.3],
    "from nothing and through nothing": [0.0, 0.0, 4.0, 0.0, 6.0, 3.0, 0.0, 2.0, 1.0],
    "stands, and falls by less than a thousandth": [2.0, 2.0, 1.9995, 1.999, 1.999, 1.0, 0.9992, 0.9991, 0.9],
}
RATE = 0.35


def between(t, t1, t2, c1, c2):
    """Values where a course is exponential if it falls to more than nothing, else straight."""
    share = (t - t1) / (t2 - t1)
    return c1 * (c2 / c1) ** share if 0 < c2 < c1 else c1 + share * (c2 - c1)


def looked(c, end):
    """Area and moment up to a time. As in PKNCA a time between points is one more, and t * v straight where v is."""
    area = moment = 0.0
    for t1, t2, c1, c2 in zip(T, [*T[1:], np.inf], c, [*c[1:], 0.0], strict=True):
        if t1 >= end:
            break
        stop = min(t2, end)
        last = c1 * np.exp(-RATE * (stop - t1)) if t1 == T[-1] else between(stop, t1, t2, c1, c2)
        at = np.linspace(t1, stop, 20_001)
        v = between(at, t1, stop, c1, last)
        part = slice(None) if 0 < last < c1 else [0, -1]
        area, moment = area + np.trapezoid(v, at), moment + np.trapezoid((v * at)[part], at[part])
    return area, moment


@pytest.mark.parametrize("end", [0.3, 0.4, 1.5, 3.1, 6.9, 8.0, 8.5, 20.0, 90.0])
@pytest.mark.parametrize("course", COURSES)
def test_areas_are_what_a_dense_look_finds(course, end):
    c = COURSES[course]
    curve = Curve(T, np.array(c), RATE)
    assert (curve.area(end), curve.moment(end)) == pytest.approx(looked(c, end), rel=2e-6)
    if end == 90.0:
        assert (curve.area(), curve.moment()) == pytest.approx((curve.area(end), curve.moment(end)), rel=1e-9)


def table(times, values, **dose):
    rows = [{"ID": 1, "TIME": t, "DV": dv} for t, dv in zip(times, values, strict=True)]
    return [{"ID": 1, "TIME": 0, "AMT": 10} | dose, *rows]


def one(rows, **how):
    found = ldn.nca(rows, unit=None, **how)
    assert len(found) == 1
    return found.iloc[0]


def test_partial_areas_are_of_the_same_curve():
    found = one(table(T, COURSES["rises and falls"]), partial=[(0.3, 1.5), (3.1, 6.9), (0, 8)])
    for a, b in ((0.3, 1.5), (3.1, 6.9), (0, 8)):
        want = looked(COURSES["rises and falls"], b)[0] - (
            looked(COURSES["rises and falls"], a)[0] if a else 0.0
        )
        assert found[f"auc({a:g}, {b:g})"] == pytest.approx(want, rel=2e-6)


# ---- one-compartment courses, sampled closely: what infusions, shares and intervals do --------------------------
KE, V, AMOUNT = 0.3, 5.0, 12.0
HOURS = np.unique(np.concatenate([np.linspace(0, 2, 41), np.linspace(2, 12, 101)]))


def infused(t, duration, tau=None):
    """Concentrations of an infusion; with `tau` those at steady state."""
    rate = AMOUNT / duration / (KE * V)
    on, off = 1 - np.exp(-KE * np.minimum(t, duration)), np.exp(-KE * np.maximum(t - duration, 0.0))
    first = rate * on * off
    if tau is None:
        return first
    left = rate * (1 - np.exp(-KE * duration)) * np.exp(-KE * (tau - duration)) / (1 - np.exp(-KE * tau))
    return first + left * np.exp(-KE * t)


HOW = {
    "duration": {"DUR": 2.0},
    "rate": {"RATE": AMOUNT / 2},
    "rate and half of it": {"RATE": AMOUNT / 2, "AMT": 2 * AMOUNT, "F": 0.5},
    "a rate of the records": {"RATE": -1, "RAT": AMOUNT / 2},
    "the same, half of it": {"RATE": -1, "RAT": AMOUNT / 2, "AMT": 2 * AMOUNT, "F": 0.5},
}


@pytest.mark.parametrize("tau", [None, 12.0])
@pytest.mark.parametrize("how", HOW)
def test_an_infusion_is_known_by_its_duration_however_it_is_told(how, tau):
    steady = {} if tau is None else {"SS": 1, "II": tau}
    found = one(table(HOURS, infused(HOURS, 2.0, tau), **({"AMT": AMOUNT} | HOW[how] | steady)))
    assert (found.route, found.dose) == ("infusion", AMOUNT)
    wanted = (math.log(2) / KE, KE * V, V, V, 1 / KE)
    assert (found.half_life, found.cl, found.vz, found.vss, found.mrt) == pytest.approx(wanted, rel=2e-3)
    assert found.points_from >= 2.0
    assert found.flag == ""


def test_an_infusion_of_unknown_length_says_so():
    found = one(table([0, 0.005, 0.01, 0.015, 0.02], [8, 4, 2, 1, 0.5], RATE=-2))
    assert found.flag == "how long the infusion lasts is not known"
    assert math.isnan(found.mrt)
    assert found.points == 4


@pytest.mark.parametrize(
    ("times", "values", "c0", "flag"),
    [
        ([1, 2], [8, 4], 16.0, ""),
        ([1, 3], [8, 4], 8 * math.sqrt(2), ""),
        ([1, 2], [8, 8], 8.0, "c0 is the first value: the second is not lower"),
        ([1, 2, 3], [6, 8, 2], 6.0, "c0 is the first value: the second is not lower"),
        ([1], [8], 8.0, "c0 is the first value: the second is not lower"),
        ([0, 1], [9, 8], 9.0, ""),
    ],
)
def test_a_bolus_goes_back_through_its_first_two_values(times, values, c0, flag):
    found = one(table(times, values), route="bolus")
    assert found.c0 == pytest.approx(c0)
    assert found.flag.split("; ")[0] == (flag or "no terminal phase: too few points fall after the peak")


def test_few_samples():
    nothing, zero = one(table([1], ["BLQ"])), one(table([1, 2], ["BLQ", "BLQ"]))
    assert math.isnan(nothing.auc_last)
    assert zero.auc_last == 0.0
    assert one(table([1], [4.0])).auc_last == 2.0  # from 0 at the dose
    assert "bolus" not in one(table([1], [4.0])).flag
    assert "was it a bolus?" in one(table([1, 2], [4.0, 2.0])).flag
    assert math.isnan(one(table([0], [4.0])).auc_last)
    assert one(table([0, 1], [4.0, 4.0])).auc_last == 4.0


def test_what_does_not_fall_has_no_terminal_line():
    assert math.isnan(one(table([0, 1, 2, 3, 4], [0, 16, 4, 4, 4])).half_life)
    assert math.isnan(terminal(np.arange(3.0), np.ones(3)).rate)
    assert terminal(np.arange(3.0), np.array([4.0, 2.0, 1.0])).points == 3
    assert terminal(np.arange(2.0), np.ones(2)).points == 0


def test_profiles_of_several_doses():
    day = [(1, 8), (2, 4), (3, 2)]
    rows = table(*zip(*day, strict=True))
    later = [
        {"ID": 1, "TIME": 12, "AMT": 10},
        *({"ID": 1, "TIME": 12 + t, "DV": dv} for t, dv in [*day, (4, 1)]),
    ]
    found = ldn.nca([*rows, *later])
    assert found.samples.tolist() == [3, 4]
    assert found.tau.tolist() == [12.0, 12.0]  # the last as the one before
    placebo = {"ID": 1, "TIME": 6, "AMT": 0, "EVID": 1}
    assert ldn.nca([*rows, placebo, *later]).tau.tolist() == [12.0, 12.0]
    both = [{"ID": 1, "TIME": 0, "AMT": 10, "SS": s, "II": 12 * s} for s in (1, 0)]
    for doses in (both, both[::-1]):
        joined = one([*doses, *rows[1:]])
        assert (joined.state, joined.dose) == ("steady state", 20.0)


def test_values_at_the_limit():
    assert measured({"dv": 5, "lloq": 0}, 0)[:3] == (5.0, 0, False)
    assert measured({"dv": 2, "lloq": 2}, 0)[:3] == (2.0, 0, False)
    assert measured({"dv": 2, "lloq": 2, "cens": 1}, 0)[1:] == (0, True, 2.0)
    with pytest.raises(InputError, match="lies above lloq=2, yet cens=1"):
        measured({"dv": 2.1, "lloq": 2, "cens": 1}, 0)
    with pytest.raises(InputError, match=r"lloq=-1: must be a number >= 0 \(record 3\)"):
        measured({"dv": 5, "lloq": -1}, 3)


@pytest.mark.parametrize(
    ("time", "hours"),
    [("8:59", 8 + 59 / 60), ("08:00:59.5", 8 + 59.5 / 3600), ("8:60", None), ("8:00:60", None)],
)
def test_clock_times_have_sixty_minutes_and_seconds(time, hours):
    if hours is None:
        with pytest.raises(InputError, match=f"time='{time}'"):
            hours_of({"time": [time]}, [1])
    else:
        assert hours_of({"time": [time]}, [1]) == [pytest.approx(hours)]


def test_twelve_subjects_are_shown_and_a_label_is_looked_up():
    def rows(n):
        return [
            {"ID": k, "TIME": t, "AMT": a, "DV": v}
            for k in range(n)
            for t, a, v in ((0, 5, None), (1, None, 2.0))
        ]

    assert "more</td>" not in ldn.read_data(rows(12))._repr_html_()
    assert "... 1 more</td>" in ldn.read_data(rows(13))._repr_html_()
    for wrong in ([0], 99):
        with pytest.raises(ldn.UnknownNameError, match="subject="):
            ldn.read_data(rows(2)).observed_rows(wrong)


@pytest.mark.parametrize("fall", [1e-6, 1e-4, 9e-4, 9.9e-4, 1.1e-3, 0.05, 2.0])
def test_the_moment_of_a_piece_that_falls_is_exact_where_its_quotients_are_not(fall):
    t1, dt, c1 = 2.0, 3.0, 5.0
    shares, weights = np.polynomial.legendre.leggauss(20)
    at = t1 + dt * (shares + 1) / 2
    want = (weights * at * c1 * np.exp(-fall * (at - t1) / dt)).sum() * dt / 2
    assert piece_moment(t1, dt, c1, c1 * math.exp(-fall)) == pytest.approx(want, rel=1e-9)


def test_extremes_are_those_of_the_interval_asked_for():
    found = one(table([0, 1, 2, 3, 4, 5, 6], [1, 8, 4, 2, 1, 9, 0.5]), tau=4)
    assert (found.cmax, found.tmax, found.cmin, found.ctrough) == (8, 1, 1, 1)
    assert (found.clast, found.tlast) == (0.5, 6)
    whole = one(table([0, 1, 2, 3, 4, 5, 6], [1, 8, 4, 2, 1, 9, 0.5]))
    assert (whole.cmax, whole.tmax) == (9, 5)


def test_a_state_to_dose_into_is_a_name():
    data = ldn.read_data(table([1], [2.0]))
    assert data.dosed_into("gut").regimens[1].records[0].cmt == "gut"
    with pytest.raises(InputError, match=r"^cmt=5: must be a text"):
        data.dosed_into(5)
