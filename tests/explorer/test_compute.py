"""What a request comes to: the numbers of the library, and files and code that hold the same."""

import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.explorer.compute import Bench, compute
from ldnsim.explorer.download import FILES, content
from ldnsim.explorer.request import request_of
from ldnsim.library import models_folder
from ldnsim.webpage.form import Form

FORM = Form.of(ldn.load_model("ldn"))
BENCH = Bench()


def picture(form=FORM, **given):
    given = {"draws": 20, **given} if form is FORM else given
    return compute(request_of(form, form.start(**given)), BENCH)


@pytest.fixture(scope="module")
def pair():
    return {
        "A": picture(days=6),
        "B": picture(days=8, dose=50, at="08:00", scenario="in_vitro_tlr4", weight=60, draws=30),
    }


def test_the_numbers_are_those_of_the_library(pair):
    model = ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_parameters(weight=60)
    ds = ldn.simulate(
        model, ldn.Regimen.daily(50, days=8, at="08:00"), subjects=ldn.posterior(model, 30), rtol=1e-7,
        times=pair["B"].courses["endorphin"].time,
    )  # fmt: skip
    for name in ("plasma_naltrexol", "mu_occupancy_brain", "endorphin", "il6"):
        course = pair["B"].courses[name]
        for q, values in ((0.05, course.low), (0.5, course.middle), (0.95, course.high)):
            wanted = ds[name].quantile(q, dim="subject")
            np.testing.assert_allclose(values, wanted, rtol=1e-3, atol=1e-5)
    wanted = ldn.summarize(ds).quantile([0.05, 0.5, 0.95], dim="subject")
    rows = {row.name: row for row in pair["B"].metrics}
    for name in ("hours_blocked_peripheral", "rebound_peak", "change_il6"):
        got = rows[name].low, rows[name].middle, rows[name].high
        np.testing.assert_allclose(got, wanted[name], rtol=1e-3, atol=1e-4)
    cmax = wanted.cmax.sel(analyte="naltrexone")
    assert rows["cmax naltrexone"].middle == pytest.approx(float(cmax[1]), rel=1e-3)


def test_days_hold_the_range_of_the_course(pair):
    for name in ("endorphin", "mu_occupancy_peripheral"):
        days, course = pair["A"].days[name], pair["A"].courses[name]
        assert days.edges[-1] == pytest.approx(6 * 24 + 22)
        last = course.time > days.edges[-2]
        # A trough falls on for the lag after a dose, beyond the edge of its day.
        assert days.low[-1] == pytest.approx(course.middle[last].min(), rel=1e-3)
        assert days.high[-1] == pytest.approx(course.middle[last].max())


def test_a_model_without_draws_shows_the_nominal_values(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(models_folder() / "ldn", folder, ignore=shutil.ignore_patterns("posterior.csv"))
    form = Form.of(ldn.load_model(folder))
    assert "draws" not in form.start()
    found = picture(form, days=2)
    assert (found.asked, found.finished) == (1, 1)
    assert f"load_model({str(folder)!r})" in content("explorer.py", {"regimen": found}, BENCH).decode()
    assert found.courses["plasma_naltrexol"].low is None
    row = next(r for r in found.metrics if r.name == "cmax naltrexol")
    assert row.low == row.middle == row.high > 0


def test_warnings_are_collected_not_shown():
    found = picture(days=1, opioid="oxycodone")
    assert any("naltrexone together with oxycodone can precipitate withdrawal" in w for w in found.warnings)
    assert picture(days=1).warnings == ()


def test_draws_are_kept_at_hand():
    bench = Bench()
    one = request_of(FORM, FORM.start(draws=20, days=2))
    assert bench.of(one)[1] is bench.of(request_of(FORM, FORM.start(draws=20, days=5)))[1]
    assert len(bench.of(request_of(FORM, FORM.start(draws=50)))[1]) == 50


def test_the_code_gives_the_same_numbers(pair, tmp_path):
    script = tmp_path / "explorer.py"
    script.write_bytes(content("explorer.py", pair, BENCH))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for side, found in pair.items():
        table = pd.read_csv(tmp_path / f"{side}_curves.csv")
        for name, course in found.courses.items():
            for q, values in ((0.05, course.low), (0.5, course.middle), (0.95, course.high)):
                heads = {h.partition(" [")[0]: h for h in table}
                rows = table[(table["quantile"] == q) & (table["time [h]"] >= course.time[0])]
                np.testing.assert_allclose(rows[heads[name]], values, rtol=1e-9, atol=1e-12, err_msg=name)
        metrics = pd.read_csv(tmp_path / f"{side}_metrics.csv")
        row = next(r for r in found.metrics if r.name == "hours_blocked_peripheral")
        got = metrics.groupby("quantile")["hours_blocked_peripheral [h]"].first()
        np.testing.assert_allclose(got.values, (row.low, row.middle, row.high), rtol=1e-9, atol=1e-12)
        assert (tmp_path / f"{side}.png").read_bytes().startswith(b"\x89PNG")


def test_curves_and_metrics_can_be_read_back(pair, tmp_path):
    for suffix in ("csv", "nc"):
        path = tmp_path / f"curves.{suffix}"
        path.write_bytes(content(path.name, pair, BENCH))
    with ldn.open_result(tmp_path / "curves.nc") as back:
        assert list(back.regimen.values) == ["A", "B"]
        assert back.endorphin.attrs["units"] == "1"
        assert (back.attrs["scenario_A"], back.attrs["scenario_B"]) == ("", "in_vitro_tlr4")
        assert '"amt": 50.0' in back.attrs["regimen_B"]
        one = back.endorphin.sel(regimen="B", quantile=0.5).dropna("time")
        course = pair["B"].courses["endorphin"]
        np.testing.assert_allclose(one.sel(time=course.time), course.middle, rtol=1e-12)
    table = pd.read_csv(tmp_path / "curves.csv")
    assert set(table["regimen"]) == {"A", "B"}
    (tmp_path / "metrics.csv").write_bytes(content("metrics.csv", {"regimen": pair["A"]}, BENCH))
    metrics = pd.read_csv(tmp_path / "metrics.csv")
    row = next(r for r in pair["A"].metrics if r.name == "change_il6")
    assert row.middle == pytest.approx(metrics[metrics["quantile"] == 0.5]["change_il6 [%]"].iloc[0])


@pytest.mark.filterwarnings("ignore:naltrexone together with")
@pytest.mark.parametrize("sides", [1, 2])
def test_a_figure_marks_the_doses_that_the_page_marks(sides, monkeypatch):
    """Those of naltrexone: nobody could tell a mark of the opioid from one of its."""
    import matplotlib.pyplot as plt

    opioid = next(v for v in FORM["opioid"].options.values() if v)
    shown = picture(days=4, opioid=opioid), picture(days=4, dose=3.0)
    drawn = []
    monkeypatch.setattr(plt, "close", drawn.append)
    content("explorer.png", dict(zip("AB", shown[:sides], strict=False)), BENCH)
    monkeypatch.undo()
    (fig,) = drawn
    marks = {axis: [line for line in axis.get_lines() if line.get_gid() == "doses"] for axis in fig.axes}
    plt.close(fig)
    naltrexone, *others = [lines for lines in marks.values() if lines]
    assert len(naltrexone) == sides
    assert len(others) == 1, "the opioid has a panel of its own"
    for line in naltrexone:
        times = np.asarray(line.get_xdata())
        assert times.size
        np.testing.assert_allclose(times % 24, 22)


@pytest.mark.parametrize(
    ("name", "start"), [("explorer.png", b"\x89PNG"), ("explorer.svg", b"<?xml"), ("explorer.pdf", b"%PDF")]
)
def test_figures_of_one_and_of_two(name, start, pair):
    assert name in FILES.values()
    for shown in (pair, {"regimen": pair["A"]}):
        assert content(name, shown, BENCH).startswith(start)


@pytest.mark.parametrize("dose", [0.1, 4.5, 50])
def test_days_of_a_steady_course_have_one_range(dose):
    days = picture(days=28, dose=dose, draws=1).days
    for name in ("plasma_naltrexone", "mu_occupancy_peripheral", "mu_occupancy_brain", "opioid_tone", "il6"):
        low, high = days[name].low, days[name].high
        assert low[-1] == pytest.approx(low[-5], rel=0.05), name  # the last days are looked at closer
        assert high[-1] == pytest.approx(high[-5], rel=0.02), name


def test_a_blockade_that_outlasts_the_run_is_at_least_that():
    from ldnsim.explorer.table import table

    found = picture(days=2, dose=50, draws=1)
    row = next(r for r in found.metrics if r.name == "blockade_window")
    assert row.middle > row.exact
    assert "≥ 24" in table({"B": found})
    assert "≥" not in table({"B": picture(days=2, draws=1)})


@pytest.mark.kind("at-least", sibling="a downloaded table and the code that makes it")
def test_what_was_cut_off_is_so_in_downloads_and_in_the_code(tmp_path):
    sides = {"A": picture(days=2, dose=50, draws=20), "B": picture(days=2, draws=20)}
    for file in ("metrics.csv", "explorer.py"):
        (tmp_path / file).write_bytes(content(file, sides, BENCH))
    joined = pd.read_csv(tmp_path / "metrics.csv")
    command = [sys.executable, "-W", "error", str(tmp_path / "explorer.py")]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    for side, flags in {"A": [0, 1, 1], "B": [0, 0, 0]}.items():
        row = next(r for r in sides[side].metrics if r.name == "blockade_window")
        assert [float(v > row.exact) for v in (row.low, row.middle, row.high)] == flags
        (tmp_path / "alone.csv").write_bytes(content("metrics.csv", {"regimen": sides[side]}, BENCH))
        own = joined[joined["regimen"] == side]
        for table in (
            own,
            pd.read_csv(tmp_path / "alone.csv"),
            pd.read_csv(tmp_path / f"{side}_metrics.csv"),
        ):
            assert table.groupby("quantile")["blockade_window_censored"].first().tolist() == flags
