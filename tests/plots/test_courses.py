"""timecourse, compare and population_band draw the numbers they are given, and refuse the rest."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import plots
from ldnsim.plots import read


def curve(axis, label):
    return next(c for c in axis.get_lines() if c.get_label() == label)


def marks(axis):
    return [c.get_xdata() for c in axis.get_lines() if c.get_gid() == "doses"]


def levels(axis):
    return [float(c.get_ydata()[0]) for c in axis.get_lines() if c.get_gid() == "level"]


def test_timecourse_shows_the_whole_chain(one):
    _, axes = plots.timecourse(one)
    assert axes.shape == (4, 1)
    plasma, receptors, opioids, cytokines = axes[:, 0]
    assert plasma.get_yscale() == "log"
    assert "(ng/mL)" in plasma.get_ylabel()
    drawn = curve(plasma, "naltrexone")
    assert np.array_equal(drawn.get_xdata(), one.time)
    assert np.array_equal(drawn.get_ydata(), one.plasma_naltrexone)
    assert {c.get_label() for c in receptors.get_lines()} >= {"peripheral μ", "brain μ"}
    assert np.array_equal(curve(opioids, "opioid tone").get_ydata(), one.opioid_tone)
    assert np.array_equal(curve(cytokines, "IL-6").get_ydata(), one.il6)
    assert [levels(a) for a in axes[:, 0]] == [[], [0.8], [1.0], [1.0]]
    assert marks(plasma)[0].tolist() == [22.0 + 24 * d for d in range(7)]


def test_nights_are_shaded_from_23_to_7(one):
    _, axes = plots.timecourse(one.sel(time=slice(20, 60)))
    patches = [(p.get_x(), p.get_x() + p.get_width()) for p in axes[0, 0].patches]
    assert patches == [(23.0, 31.0), (47.0, 55.0)]
    _, axes = plots.timecourse(one, nights=False)
    assert not axes[0, 0].patches


def test_time_is_in_clock_hours_when_short_and_in_days_when_long(one):
    short = plots.timecourse(one.sel(time=slice(24, 60)))[1][-1, 0]
    assert short.get_xlabel() == "Time of day (hh:mm)"
    assert [t.get_text() for t in short.get_xticklabels()] == ["00:00", "12:00", "00:00", ""]
    long = plots.timecourse(one)[1][-1, 0]
    assert long.get_xlabel() == "Time (days)"
    assert [t.get_text() for t in long.get_xticklabels()] == ["0", "2", "4", "6"]
    assert long.get_xticks().tolist() == [0, 48, 96, 144]


def test_regimens_stand_side_by_side_under_their_names(two):
    _, axes = plots.timecourse(two.sel(time=slice(600, None)))
    assert axes.shape == (4, 2)
    assert [a.get_title(loc="right") for a in axes[0]] == list(two.regimen.values)
    assert np.array_equal(
        curve(axes[2, 1], "β-endorphin").get_ydata(), two.endorphin.sel(time=slice(600, None))[1]
    )
    assert axes[1, 0].get_ylim() == axes[1, 1].get_ylim()


def test_subjects_become_a_median_and_a_band(many):
    _, axes = plots.timecourse(many.isel(regimen=[0]))
    drawn = curve(axes[2, 0], "opioid tone").get_ydata()
    assert np.allclose(drawn, many.opioid_tone[0].median("subject"), rtol=1e-12, atol=0)
    band = axes[2, 0].collections[-1].get_paths()[0].vertices
    low, high = many.opioid_tone[0].quantile([0.05, 0.95], "subject").values
    at = np.isclose(band[:, 0], float(many.time[-1]))
    assert np.isclose(band[at, 1].min(), low[-1], rtol=1e-9)
    assert np.isclose(band[at, 1].max(), high[-1], rtol=1e-9)


def test_a_failed_subject_is_left_out(many):
    spoiled = many.copy(deep=True)
    spoiled["opioid_tone"][0, 3, 10:] = np.nan
    _, axes = plots.timecourse(spoiled.isel(regimen=[0]))
    kept = many.opioid_tone[0].drop_isel(subject=3).median("subject")
    assert np.allclose(curve(axes[2, 0], "opioid tone").get_ydata(), kept, rtol=1e-12, atol=0)
    spoiled["opioid_tone"][0] = np.nan
    with pytest.raises(ValueError, match=r"ds='opioid_tone': is finite for no subject"):
        plots.timecourse(spoiled)


def test_measurements_lie_over_the_curves(two):
    data = pd.DataFrame(
        {
            "time": [23.0, 26.0, 30.0],
            "variable": ["plasma_naltrexone", "plasma_naltrexone", "il6"],
            "value": [2.0, 1.0, 0.7],
            "low": [1.5, 0.8, 0.6],
            "high": [2.5, 1.3, 0.9],
            "regimen": ["4.5 mg at 22:00", "4.5 mg at 22:00", "50 mg at 08:00"],
        }
    )
    _, axes = plots.timecourse(two.sel(time=slice(0, 60)), data)
    bars = [[len(a.containers) for a in row] for row in axes]
    assert bars == [[1, 0], [0, 0], [0, 0], [0, 1]]
    points = axes[0, 0].containers[0].lines[0]
    assert points.get_xdata().tolist() == [23.0, 26.0]
    assert points.get_ydata().tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1, 2], "data='list': must be a pandas DataFrame"),
        (pd.DataFrame({"time": [1.0], "value": [1.0]}), "has no column 'variable'"),
        (pd.DataFrame({"time": [1.0], "variable": ["il66"], "value": [1.0]}), "did you mean 'il6'"),
    ],
)
def test_measurements_that_cannot_be_placed_are_refused(one, data, words):
    with pytest.raises((ValueError, KeyError), match=words):
        plots.timecourse(one, data)


def test_a_model_of_ones_own_gets_a_panel_for_each_unit(one):
    own = one[["plasma_naltrexone", "il6"]].rename(plasma_naltrexone="A", il6="B")
    own["C"] = own["A"] / 2
    own["C"].attrs.update(units="ng/mL", long_name="C")
    own["B"].attrs.update(units="1", long_name="response")
    _, axes = plots.timecourse(own)
    assert [a.get_ylabel() for a in axes[:, 0]] == ["(ng/mL)", "response\n(dimensionless)"]
    assert {c.get_label() for c in axes[0, 0].get_lines()} >= {"naltrexone in plasma", "C"}


def test_units_are_read_from_the_dataset(one):
    molar = one.copy()
    for name in ("plasma_naltrexone", "plasma_naltrexol"):
        molar[name] = molar[name].assign_attrs(units="nmol/L")
    assert plots.timecourse(molar)[1][0, 0].get_ylabel() == "Plasma level\n(nmol/L)"
    molar["plasma_naltrexol"].attrs["units"] = "ng/mL"
    with pytest.raises(ValueError, match="cannot share one axis"):
        plots.timecourse(molar)


def test_what_holds_no_time_course_is_refused(one, two):
    with pytest.raises(ValueError, match=r"has no dim 'time'.*without metrics="):
        plots.timecourse(one.isel(time=0))
    with pytest.raises(ValueError, match="at least two times"):
        plots.timecourse(one.isel(time=[0]))
    with pytest.raises(ValueError, match=r"has a dim 'part'.*ds.isel\(part=0\)"):
        plots.timecourse(one.expand_dims(part=["a", "b"]))
    with pytest.raises(KeyError, match="did you mean 'endorphin'"):
        plots.timecourse(one, variables=["endorfin"])
    with pytest.raises(ValueError, match="at most 4"):
        plots.timecourse(two.isel(regimen=[0, 1, 0, 1, 0]))
    with pytest.raises(ValueError, match="width=12"):
        plots.timecourse(one, width=12)


def test_models_are_curves_beside_each_other():
    model = ldn.load_model("naltrexone_pk")
    models = {"as it is": model, "slow": model.with_parameters(CL_ntx=100.0)}
    night = ldn.Regimen.daily(4.5, days=2, at="22:00")
    ds = ldn.simulate(models, night, every=0.5)
    assert ds["plasma_naltrexone"].attrs["units"] == "ng/mL"
    told = {"variables": ["plasma_naltrexone"]}
    _, axes = plots.compare(ds, build_up=False, **told)
    drawn = {line.get_label(): line.get_ydata().max() for line in axes.flat[0].get_lines()}
    for name in models:
        assert drawn[name] == float(ds["plasma_naltrexone"].sel(model=name)[-97:].max())
    assert plots.timecourse(ds, **told)[1].shape == (1, 2)
    both = ldn.simulate(models, {"one": night, "two": ldn.Regimen.daily(9, days=2, at="22:00")}, every=0.5)
    _, axes = plots.compare(both, build_up=False, **told)
    labels = {line.get_label() for line in axes.flat[0].get_lines()}
    assert labels >= {"as it is, one", "as it is, two", "slow, one", "slow, two"}


def test_compare_overlays_the_last_two_days_and_shows_the_build_up(two):
    _, axes = plots.compare(two)
    assert axes.shape == (7, 2)
    assert axes[-1, 1].get_xlim() == pytest.approx((632.0, 680.0))
    tone = axes[4, 1]
    shown = two.opioid_tone.sel(time=slice(632, None))
    for k, name in enumerate(two.regimen.values):
        assert np.array_equal(curve(tone, name).get_ydata(), shown[k])
    assert [levels(a) for a in axes[:, 1]] == [[], [0.8], [0.8], [1.0], [1.0], [1.0], [1.0]]
    assert axes[0, 1].get_yscale() == "log"
    steps = [p for p in axes[3, 0].patches if not p.get_fill()]
    low, high = steps[0].get_data(), steps[1].get_data()
    last = two.endorphin[0].sel(time=slice(656.1, 680))
    assert low.values[-1] == pytest.approx(float(last.min()))
    assert high.values[-1] == pytest.approx(float(last.max()))
    assert high.edges[-2:].tolist() == [656.0, 680.0]


def test_compare_ends_before_the_first_regimen_misses_a_dose(two, ending):
    early = ending(two, 680.0, 656.0)
    _, axes = plots.compare(early)
    assert axes[-1, 1].get_xlim() == pytest.approx((608.0, 656.0))


def test_compare_marks_the_doses_of_each_regimen(two):
    _, axes = plots.compare(two)
    assert [m.tolist() for m in marks(axes[0, 1])] == [[646.0, 670.0], [632.0, 656.0]]
    assert not marks(plots.compare(two.drop_vars("dose_time"))[1][0, 1])


def test_compare_can_show_other_variables(two):
    _, axes = plots.compare(two, variables=["il10", "plasma_naltrexol"], window=24)
    assert axes.shape == (2, 2)
    assert axes[0, 0].get_ylabel() == "IL-10 (fold of baseline)"
    assert axes[-1, 1].get_xlim() == pytest.approx((656.0, 680.0))


def test_compare_refuses_what_it_cannot_compare(one, two):
    with pytest.raises(ValueError, match=r"ds='1 regimen': needs 2 regimens or more.*timecourse"):
        plots.compare(one)
    with pytest.raises(ValueError, match="window=0"):
        plots.compare(two, window=0)
    with pytest.raises(KeyError, match="did you mean"):
        plots.compare(two, variables=["opioid_ton"])


def test_population_band_draws_the_quantiles(many):
    _, axis = plots.population_band(many, "endorphin", quantiles=(0.1, 0.9))
    middle = curve(axis, "LDN, median").get_ydata()
    first = float(many.dose_time.min())
    shown = many.endorphin[0].sel(time=slice(first - 2, None))  # nothing happens before
    assert np.allclose(middle, shown.median("subject"), rtol=1e-12, atol=0)
    assert len(axis.collections) == 2
    told = [t.get_text() for t in axis.get_legend().get_texts()]
    assert told == ["LDN, median", "standard, median", "10 to 90 %"]
    assert axis.get_ylabel() == "β-Endorphin\n(fold of baseline)"


def test_population_band_needs_subjects_and_pairs(one, many):
    with pytest.raises(ValueError, match="has no dim 'subject'"):
        plots.population_band(one)
    with pytest.raises(KeyError, match="endorphin"):
        plots.population_band(many, "endorfin")
    for wrong in ((0.05,), (0.1, 1.2), ()):
        with pytest.raises(ValueError, match="even number of values between 0 and 1"):
            plots.population_band(many, quantiles=wrong)


def test_no_figure_is_left_open_by_a_refusal(one):
    with pytest.raises(KeyError):
        plots.timecourse(one, variables=["nothing"])
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("days", "shown"), [(5, "0 1 2 3 4 5"), (14, "0 4 8 12"), (28, "0 7 14 21 28"), (200, "0 56 112 168")]
)
def test_a_time_axis_has_few_labels(days, shown):
    from ldnsim.plots.clock import time_axis

    _, axis = plt.subplots()
    time_axis(axis, 0.0, 24.0 * days)
    assert " ".join(t.get_text() for t in axis.get_xticklabels()) == shown


@pytest.fixture(scope="module")
def with_opioid():
    """A run of naltrexone alone and beside an opioid, and one with an endotoxin challenge."""
    R = ldn.Regimen
    night = R.daily(4.5, days=3, at="22:00")
    regimens = {
        "LDN": night,
        "both": night + R.every(20, 6, 12, at="08:00", drug="oxycodone"),
        "lps": night + R.single(2, drug="lps", at=30),
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "naltrexone together with")
        return ldn.simulate(ldn.load_model("ldn"), regimens, duration=94)


NIGHTS = [22.0, 46.0, 70.0]


@pytest.mark.kind("whose-doses")
def test_an_opioid_has_a_panel_and_its_doses_are_marked_there(with_opioid):
    _, axes = plots.timecourse(with_opioid.sel(regimen=["LDN", "both"]))
    assert axes.shape == (6, 2)  # effect and withdrawal have a panel each
    assert axes[-2, 0].get_ylabel() == "Effect of the opioid\n(0 to 1)"
    assert np.array_equal(
        curve(axes[-2, 1], "opioid effect").get_ydata(), with_opioid.opioid_effect.sel(regimen="both")
    )
    assert [marks(a) for a in axes[-2]] == [[], marks(axes[-2, 1])]
    assert [marks(a) for a in axes[-1]] == [[], []]
    assert [m.tolist() for m in marks(axes[0, 1])] == [NIGHTS]
    assert marks(axes[-2, 1])[0].tolist() == [8.0 + 6 * k for k in range(12)]


@pytest.mark.kind("whose-doses", sibling="an endotoxin challenge, marked with the cytokines")
def test_endotoxin_is_marked_with_the_cytokines(with_opioid):
    _, axes = plots.timecourse(with_opioid.sel(regimen=["lps"]))
    assert axes.shape == (4, 1)
    assert [[m.tolist() for m in marks(a)] for a in axes[:, 0]] == [[NIGHTS], [], [], [[30.0]]]


def test_compare_shows_the_opioid_where_one_is_taken(with_opioid):
    _, axes = plots.compare(with_opioid.sel(regimen=["LDN", "both"]), window=96)
    titles = [row[0].get_ylabel() for row in axes]
    assert any("Effect of the opioid" in t for t in titles)
    assert [m.tolist() for m in marks(axes[0, -1])] == [NIGHTS, NIGHTS]
    effect = axes[next(i for i, t in enumerate(titles) if "Effect" in t), -1]
    assert [m.tolist() for m in marks(effect)] == [[8.0 + 6 * k for k in range(12)]]
    _, alone = plots.compare(with_opioid.sel(regimen=["LDN", "lps"]))
    assert len(alone) == 7


def test_a_dataset_that_does_not_tell_the_drugs_marks_all_doses_on_top(with_opioid):
    _, axes = plots.timecourse(with_opioid.sel(regimen=["both"]).drop_vars("dose_drug"))
    assert len(marks(axes[0, 0])[0]) == 15


def test_a_band_says_whether_it_holds_draws_or_people():
    model, night = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=1)
    for table, word in ((ldn.posterior(model, 20), "draws"), (ldn.population(model, 20), "subjects")):
        ds = ldn.simulate(model, night, subjects=table, outputs=["il6"])
        _, axes = plots.timecourse(ds)
        told = [t.get_text() for t in axes[0, 0].get_legend().get_texts()]
        assert f"5 to 95 % of {word}" in told


@pytest.mark.kind("few-draws", sibling="Bands of figures: fewer than 20 subjects or draws are drawn one by one")
def test_few_subjects_are_drawn_one_by_one(many):
    few, (low, high) = many.isel(subject=slice(19)), (0.05, 0.95)
    for draw, told in (
        (plots.timecourse, True), (plots.compare, True), (plots.cytokine_panel, True),
        (lambda ds: plots.population_band(ds, "endorphin"), True), (lambda ds: plots.study_view(ds, {"a": (40, 44)}), False),
    ):  # fmt: skip
        for ds, words in ((few, "each of 19 subjects"), (many, f"{100 * low:.0f} to {100 * high:.0f} %")):
            fig, axes = draw(ds)
            flat = np.ravel(axes)
            each = [line for line in flat[-1].get_lines() if line.get_gid() == "each"]
            bands = [c for a in flat for c in a.collections if c.get_gid() is None and c.get_alpha() in (0.2, 0.22)]
            assert bool(each) == (ds is few)
            assert bool(bands) == (ds is many)
            legends = [*fig.legends, *(a.get_legend() for a in flat if a.get_legend())]
            shown = " ".join(t.get_text() for legend in legends for t in legend.get_texts())
            assert (words in shown) == told


def test_a_subject_that_failed_is_not_counted(many):
    lost = many.copy(deep=True)
    lost["endorphin"][:, :6] = np.nan
    assert read.course(lost.isel(regimen=0), "endorphin").spread == "each of 18 subjects"
    assert read.course(lost.isel(regimen=0), "il6").spread == "5 to 95 % of subjects"
    assert read.course(many.isel(regimen=0, subject=[0]), "il6").spread == ""


def test_effect_and_withdrawal_have_a_scale_each(with_opioid):
    ds = with_opioid.sel(regimen=["both"])
    ds = ds.assign(withdrawal=(10 * ds.opioid_effect).assign_attrs(ds.opioid_effect.attrs))
    for variables in (None, ["opioid_effect", "withdrawal"]):
        _, axes = plots.timecourse(ds, variables=variables)
        assert [a.get_ylabel().splitlines()[0] for a in axes[-2:, 0]] == ["Effect of the opioid", "Withdrawal"]
        assert axes[-2, 0].get_ylim()[1] < 1.5 * max(float(ds.opioid_effect.max()), 0.1)


def test_compare_says_that_the_first_day_is_left_out(two):
    _, axes = plots.compare(two)
    assert axes[-1, 0].get_xlabel() == "Time (days), range of\neach 24 h but the first"
    untold = two.drop_vars(["dose_time", "dose_number"], errors="ignore")
    assert plots.compare(untold)[1][-1, 0].get_xlabel() == "Time (days), range of\neach 24 h"


def test_a_figure_of_a_result_that_kept_no_courses_says_what_makes_them():
    model = ldn.load_model("naltrexone_pk")
    night = ldn.Regimen.single(4.5, at="22:00")
    found = ldn.compare({"as it is": model, "as it was": model}, night, metrics=["cmax"], n=2)
    with pytest.raises(ValueError, match=r"were read of the courses, as ldnsim\.compare does.*ldnsim\.simulate of the"):
        plots.compare(found)
