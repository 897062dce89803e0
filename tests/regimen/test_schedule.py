"""What the upper layers ask of a regimen: the last interval, the period, one cycle."""

import pytest

from ldnsim import Regimen
from ldnsim.regimen import Record

LDN = Regimen.daily(4.5, days=28, at="22:00")
WEEKEND = LDN.skip(days=[d for d in range(1, 29) if d % 7 in (6, 0)])


@pytest.mark.parametrize(
    ("regimen", "end"),
    [
        (Regimen.single(4.5, at=3), 27.0),
        (LDN, 28 * 24 + 22),
        (Regimen.every(1, ii=48, n=3), 144.0),
        (LDN + Regimen.single(2, drug="lps", at=800), 824.0),
        (Regimen([Record(0, 1, 1), Record(90, evid=0)]), 90.0),
        (Regimen.daily(1, days=2) + Regimen.every(1, ii=72, n=1, at=24), 96.0),
    ],
)
def test_the_end_is_the_last_dose_and_its_interval(regimen, end):
    assert regimen.end == end


PERIODS = {
    "daily": (LDN, 24.0),
    "daily, one day": (Regimen.daily(4.5, days=1, at="22:00"), 24.0),
    "every other day": (Regimen.every(4.5, ii=48, n=14, at=22), 48.0),
    "every other day, one dose": (Regimen.every(4.5, ii=48, n=1), 48.0),
    "morning and evening": (Regimen.daily(10, days=5, at=8) + Regimen.daily(20, days=5, at=20), 24.0),
    "morning and evening, one day": (
        Regimen.daily(10, days=1, at=8) + Regimen.daily(20, days=1, at=20),
        24.0,
    ),
    "twice a day as a sum": (LDN + LDN.shift(hours=12), 24.0),
    "five on two off": (WEEKEND, 168.0),
    "every second day by skipping": (LDN.skip(days=range(2, 29, 2)), 48.0),
    "two drugs": (Regimen.daily(4.5, days=20) + Regimen.every(10, ii=6, n=80, drug="oxycodone"), 24.0),
    "two drugs, odd intervals": (
        Regimen.daily(4.5, days=20) + Regimen.every(10, ii=36, n=14, drug="oxycodone"),
        72.0,
    ),
    "fractions of an hour": (
        Regimen.every(1, ii=0.1, n=9, cmt=1) + Regimen.every(1, ii=0.25, n=4, cmt=1),
        0.5,
    ),
    "the same step twice": (Regimen.titration([(4.5, 7), (4.5, 7)]), 24.0),
    "steady": (Regimen.daily(4.5, days=7, at=22, ss=True), 24.0),
    "single": (Regimen.single(4.5), None),
    "titration": (Regimen.titration([(1.5, 14), (4.5, 14)]), None),
    "titration, a day a step": (Regimen.titration([(1.5, 1), (4.5, 1)]), None),
    "a missed day": (LDN.skip(days=[9]), None),
    "a challenge on top": (LDN + Regimen.single(2, drug="lps", at=60), None),
    "a drug that starts later": (LDN + Regimen.daily(10, days=20, drug="oxycodone", at=200), None),
    "a reset": (Regimen([Record(0, 1, 1, ii=24, addl=3), Record(50, evid=3)]), None),
    "varying covariate": (
        Regimen([Record(0, 1, 1, ii=24, addl=3, extra=(("CL", 1),)), Record(9, evid=2, extra=(("CL", 2),))]),
        None,
    ),
    "constant covariate": (Regimen([Record(0, 1, 1, ii=24, addl=3, extra=(("CL", 1),))]), 24.0),
    "no dose": (Regimen(), None),
}


@pytest.mark.parametrize("case", PERIODS)
def test_common_period(case):
    regimen, period = PERIODS[case]
    assert regimen.period == pytest.approx(period) if period else regimen.period is None
    assert bool(regimen.cycle) == bool(period)


def test_one_cycle_keeps_the_clock():
    both = Regimen.daily(10, days=1, at="20:00") + Regimen.daily(20, days=1, at="08:00").shift(hours=24)
    assert [(d.time, d.amt) for d in both.cycle] == [(8.0, 20.0), (20.0, 10.0)]
    assert [d.time for d in WEEKEND.cycle] == [22.0, 46.0, 70.0, 94.0, 118.0]
    odd = Regimen.daily(4.5, days=20) + Regimen.every(10, ii=36, n=14, drug="oxycodone")
    assert [d.time for d in odd.cycle] == [0.0, 0.0, 24.0, 36.0, 48.0]
    assert [d.time for d in Regimen.daily(4.5, days=7, at=22, ss=True).cycle] == [22.0]


def test_drugs_in_the_order_of_first_use():
    assert (LDN + Regimen.daily(10, days=2, drug="oxycodone")).drugs == ("oxycodone", "naltrexone")
    assert Regimen.single(1, cmt=1).drugs == ()
