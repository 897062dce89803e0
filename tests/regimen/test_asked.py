"""Wherever a function takes a regimen it takes its words too, for as long as the run or the words say."""

import pytest

import ldnsim as ldn
from ldnsim.regimen.asked import days_of

NIGHTS = ldn.Regimen.daily(4.5, days=2, at="22:00")
WORDS = "4.5 mg nightly"
LENGTH = r"regimen.*='4.5 mg nightly': does not say for how long '4.5 mg nightly' is taken; "


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("naltrexone_pk")


@pytest.mark.kind("words-of-a-run")
def test_simulate_reads_words_for_the_run_or_as_long_as_they_say(model):
    want = ldn.simulate(model, NIGHTS, duration=48)
    assert ldn.simulate(model, WORDS, duration=48).identical(want)
    assert ldn.simulate(model, f"{WORDS} for 2 days", duration=48).identical(want)
    both = ldn.simulate(model, {"words": WORDS, "none": None, "made": NIGHTS}, duration=40)
    assert both.dose_time.sel(regimen="words", drop=True).equals(both.dose_time.sel(regimen="made", drop=True))
    with pytest.raises(ldn.InputError, match=LENGTH + "duration=672, or '4.5 mg nightly for 28 days'"):
        ldn.simulate(model, {"words": WORDS, "made": NIGHTS})
    for words, told in (("x", "x"), ("4.5 mg nightyl", "nightyl")):
        with pytest.raises(ValueError, match=rf"regimen\['a'\]='{told}': "):
            ldn.simulate(model, {"a": words, "b": "4.5 mg nightly"}, duration=48)
    with pytest.raises(ldn.InputError, match=r"regimen\['a'\]=4.5: must be a Regimen, its words, or None"):
        ldn.simulate(model, {"a": 4.5}, duration=24)


@pytest.mark.kind("words-of-a-run", sibling="compare, headlines: the words must say for how long")
def test_what_has_no_duration_takes_words_with_their_length(model):
    found = ldn.compare(model, {"a": f"{WORDS} for 2 days", "b": NIGHTS}, metrics=["cmax"], n=2)
    assert found.cmax.sel(regimen="a", drop=True).equals(found.cmax.sel(regimen="b", drop=True))
    with pytest.raises(ldn.InputError, match=LENGTH + "'4.5 mg nightly for 28 days'"):
        ldn.compare(model, WORDS, metrics=["cmax"], n=2)
    with pytest.raises(ldn.InputError, match=LENGTH):
        ldn.headlines(ldn.load_model("ldn"), {"a": WORDS}, n=2)


@pytest.mark.kind("words-of-a-run", sibling="A steady state: how many doses there are does not matter")
def test_a_steady_state_takes_words(model):
    want = ldn.steady_state(model, NIGHTS, outputs=["plasma_naltrexone"])
    assert ldn.steady_state(model, WORDS, outputs=["plasma_naltrexone"]).equals(want)


@pytest.mark.kind("words-of-a-run", sibling="sensitivity, sweep, virtual_trial: for their duration, days, weeks")
def test_other_functions_read_words_for_their_own_length(model):
    how = {"metric": "cmax naltrexone", "parameters": ["ka"]}
    assert ldn.sensitivity(model, WORDS, duration=48, **how).equals(ldn.sensitivity(model, NIGHTS, duration=48, **how))
    over = {"regimen": {"words": WORDS, "made": NIGHTS}}
    ds = ldn.sweep(model, over, metrics=["cmax"], duration=48.0)
    assert ds.cmax.sel(regimen="words", drop=True).equals(ds.cmax.sel(regimen="made", drop=True))
    days = ldn.sweep(model, {"regimen": {"words": WORDS}}, metrics=["cmax"], days=2)  # made ones have their own
    made = ldn.sweep(model, {"regimen": {"made": NIGHTS}}, metrics=["cmax"])
    assert days.cmax.sel(regimen="words", drop=True).equals(made.cmax.sel(regimen="made", drop=True))
    held = ldn.sweep(model, {"ka": [1.0, 2.0]}, regimen=WORDS, days=2, metrics=["cmax"])
    assert held.equals(ldn.sweep(model, {"ka": [1.0, 2.0]}, regimen=NIGHTS, metrics=["cmax"]))
    with pytest.raises(ldn.InputError, match=LENGTH + "days=28, or"):
        ldn.sweep(model, over, metrics=["cmax"])
    whole = ldn.load_model("ldn")
    arms = {"placebo": None, "LDN": WORDS}, {"placebo": None, "LDN": ldn.Regimen.daily(4.5, days=7, at="22:00")}
    words, made = (ldn.virtual_trial(whole, a, n=4, weeks=1, trials=2) for a in arms)
    assert words.difference.equals(made.difference)


def test_a_day_that_is_begun_counts():
    assert [days_of(hours) for hours in (None, 1, 24, 24.5, 48)] == [None, 1, 1, 2, 2]
    with pytest.raises(ldn.InputError, match="duration='48': must be a finite number > 0 h; write 48, without quotes"):
        days_of("48")


@pytest.mark.kind("words-of-a-run", sibling="days= of a function that has no such argument")
def test_days_are_answered_where_they_are_no_argument(model):
    for function in (ldn.simulate, ldn.sensitivity):
        rule = f"days=28: is no argument of {function.__name__}; give the length in h, duration=672 for 28 days"
        with pytest.raises(ldn.InputError, match=rule):
            function(model, WORDS, days=28)
    for function in (ldn.compare, ldn.headlines):
        rule = f"days=28: is no argument of {function.__name__}; say it in the words, '4.5 mg nightly for 28 days'"
        with pytest.raises(ldn.InputError, match=rule):
            function(model, WORDS, days=28)
    with pytest.raises(TypeError, match="dais"):
        ldn.simulate(model, WORDS, dais=28)
