"""Draw every figure of ldnsim: ``python docs/gallery.py FOLDER`` writes a PNG each.

``--only NAME`` draws some of them, ``--format pdf`` (or svg) writes for print, ``--help`` says more.

Each function below is all that its figure needs. They are drawn one journal column (85 mm) wide.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ldnsim as ldn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 200


def compare_message():
    """Show in three panels what it is about: receptors held outside and inside the brain, and opioid tone."""
    model = ldn.load_model("ldn")
    regimens = {
        "4.5 mg at 22:00": ldn.Regimen.daily(4.5, days=28, at="22:00"),
        "50 mg at 08:00": ldn.Regimen.daily(50, days=28, at="08:00"),
    }
    ds = ldn.simulate(model, regimens, every=0.25)
    told = ["mu_occupancy_peripheral", "mu_occupancy_brain", "opioid_tone"]
    return ldn.plots.compare(ds, variables=told, build_up=False)


def timecourse():
    """Follow one regimen from plasma to cytokines."""
    model = ldn.load_model("ldn")
    ds = ldn.simulate(model, ldn.Regimen.daily(4.5, days=14, at="22:00"), every=0.25)
    return ldn.plots.timecourse(ds.sel(time=slice(276, 336)))


def compare():
    """Hold a low dose at night against the usual one."""
    model = ldn.load_model("ldn")
    regimens = {
        "4.5 mg at 22:00": ldn.Regimen.daily(4.5, days=14, at="22:00"),
        "50 mg at 08:00": ldn.Regimen.daily(50, days=14, at="08:00"),
    }
    return ldn.plots.compare(ldn.simulate(model, regimens))


def compare_doses():
    """Hold seven doses against one another."""
    model = ldn.load_model("ldn")
    doses = (0.5, 1.5, 3, 4.5, 9, 25, 50)
    ds = ldn.simulate(model, {f"{d:g} mg": ldn.Regimen.daily(d, days=10, at="22:00") for d in doses})
    return ldn.plots.compare(
        ds, variables=["mu_occupancy_peripheral", "mu_occupancy_brain", "opioid_tone", "il6"]
    )


def population_band():
    """Show where forty virtual patients lie."""
    model = ldn.load_model("ldn")
    regimens = {f"{d:g} mg": ldn.Regimen.daily(d, days=4, at="22:00") for d in (4.5, 50)}
    ds = ldn.simulate(model, regimens, subjects=ldn.population(model, n=40, seed=7))
    return ldn.plots.population_band(ds, "mu_occupancy_peripheral")


def dose_response():
    """Follow the hours of blockade over the dose, with the interval of the posterior."""
    model = ldn.load_model("ldn")
    doses = [0.5, 1.5, 3, 4.5, 6, 9, 15, 25, 50]
    ds = ldn.dose_response(model, doses, "hours_blocked_peripheral", days=7, n=100)
    return ldn.plots.dose_response(ds, level=24)


def heatmap():
    """Map the hours of blockade in sleep over dose and clock time."""
    model = ldn.load_model("ldn")
    over = {
        "dose": [0.5, 1.5, 3.0, 4.5, 9.0, 25.0, 50.0],
        "at": ["06:00", "10:00", "14:00", "18:00", "22:00"],
    }
    return ldn.plots.heatmap(ldn.sweep(model, over=over, metrics=["hours_blocked_asleep"], days=7))


def phase_portrait():
    """Draw the loop of one day: opioid tone against receptors held."""
    model = ldn.load_model("ldn")
    regimens = {
        "4.5 mg at 22:00": ldn.Regimen.daily(4.5, days=14, at="22:00"),
        "50 mg at 08:00": ldn.Regimen.daily(50, days=14, at="08:00"),
    }
    return ldn.plots.phase_portrait(ldn.simulate(model, regimens))


def titration_ladder():
    """Set three schedules side by side."""
    model = ldn.load_model("ldn")
    steps = {
        "at once": [(4.5, 56)],
        "in 3 steps": [(1.5, 14), (3.0, 14), (4.5, 28)],
        "in 4 steps": [(0.5, 14), (1.5, 14), (3.0, 14), (4.5, 14)],
    }
    schedules = {name: ldn.Regimen.titration(some, at="22:00") for name, some in steps.items()}
    return ldn.plots.titration_ladder(ldn.simulate(model, schedules))


def titration_ladder_feedback():
    """Titrate each patient by a rule that listens."""
    model = ldn.load_model("ldn")
    rule = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
    found = ldn.titrate(model, rule, days=28, subjects=ldn.population(model, n=20, seed=7))
    return ldn.plots.titration_ladder(found)


def cytokine_panel():
    """Follow four cytokines in forty virtual patients."""
    model = ldn.load_model("ldn")
    regimens = {f"{d:g} mg": ldn.Regimen.daily(d, days=4, at="22:00") for d in (4.5, 50)}
    ds = ldn.simulate(model, regimens, subjects=ldn.population(model, n=40, seed=7))
    return ldn.plots.cytokine_panel(ds)


def cytokine_panel_readings():
    """Set the readings of the literature beside one another."""
    model = ldn.load_model("ldn")
    return ldn.plots.cytokine_panel(ldn.cytokine_readings(model, draws=40))


def washout():
    """Wait between an opioid and naltrexone, in either order."""
    model = ldn.load_model("ldn")
    first = ldn.washout(model, "oxycodone", dose=30, days=10, draws=100)
    then = ldn.washout(model, "oxycodone", dose=4.5, days=30, direction="ldn_to_opioid", draws=100)
    return ldn.plots.washout(first, then)


def tornado():
    """Ask which parameters the hours of blockade hang on."""
    model = ldn.load_model("ldn")
    nightly = ldn.Regimen.daily(4.5, days=7, at="22:00")
    return ldn.plots.tornado(ldn.sensitivity(model, nightly, metric="hours_blocked_peripheral"), most=12)


def pareto():
    """Trade the fall of IL-6 against hours of blockade."""
    model = ldn.load_model("ldn")
    goals = {"change_il6": "min", "hours_blocked_peripheral": "min"}
    search = {"days": 7, "at": "22:00", "candidates": 20, "generations": 8}
    return ldn.plots.pareto(ldn.optimize(model, goals, {"dose": (0.5, 6)}, **search))


def qualification():
    """Hold every prediction against its measurement."""
    model = ldn.load_model("ldn")
    return ldn.plots.qualification(ldn.qualify(model, n=50))


def coverage():
    """Ask whether intervals hold what they promise."""
    model = ldn.load_model("ldn")
    return ldn.plots.coverage(ldn.qualify(model, n=50))


def occupancy():
    """Hold brain occupancy and its rival models against PET scans."""
    model = ldn.load_model("ldn")
    courses = [ldn.rivals(model, dose) for dose in (2, 5, 15, 50)]
    return ldn.plots.occupancy(courses, ldn.evidence())


def robustness():
    """Ask how firmly the story holds."""
    model = ldn.load_model("ldn")
    return ldn.plots.robustness(ldn.robustness(model, n=60))


def study_view():
    """Mark when a study looks, and what it finds blocked."""
    model = ldn.load_model("ldn")
    regimens = {
        "4.5 mg at 22:00": ldn.Regimen.daily(4.5, days=14, at="22:00"),
        "50 mg at 08:00": ldn.Regimen.daily(50, days=14, at="08:00"),
    }
    visits = {
        "morning blood": ("08:00", "10:00"),
        "pain test": ("14:00", "16:00"),
        "diary": ("19:00", "21:00"),
    }
    ds = ldn.simulate(model, regimens, every=0.25)
    return ldn.plots.study_view(ds.sel(time=slice(288, 335)), visits)


def model_diagram():
    """Draw the model from its equations."""
    return ldn.plots.model_diagram(ldn.load_model("ldn"))


def model_diagram_small():
    """Draw a model of one's own."""
    mine = ldn.Model.from_antimony("""
        absorb: gut -> blood; ka*gut;  spread: blood -> tissue; k12*blood;  back: tissue -> blood; k21*tissue
        leave: blood -> ; ke*blood;  effect' = k_in*(1 - blood/(ic50 + blood)) - k_out*effect
        gut = 10; blood = 0; tissue = 0; effect = 1
        ka = 1; k12 = 0.3; k21 = 0.2; ke = 0.2; k_in = 0.1; k_out = 0.1; ic50 = 2
    """)
    return ldn.plots.model_diagram(mine)


def profiles():
    """See the samples of a study as they came."""
    model, hours = ldn.load_model("naltrexone_pk"), [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24]
    people = ldn.population(model, 5, seed=7)[["CL_ntx", "V1_ntx"]]
    ds = ldn.simulate(model, ldn.Regimen.single(50), subjects=people, times=hours)
    rows = [{"ID": k, "TIME": 0, "AMT": 50} for k in range(5)]
    rows += [
        {"ID": k, "TIME": t, "DV": float(ds.plasma_naltrexone[k, j])}
        for k in range(5)
        for j, t in enumerate(hours)
    ]
    return ldn.plots.profiles(ldn.read_data(sorted(rows, key=lambda row: (row["ID"], row["TIME"]))))


def gof():
    """Hold what was measured against what a fit predicts."""
    model, hours = ldn.load_model("naltrexone_pk"), [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24]
    people = ldn.population(model, 12, seed=7)[["CL_ntx", "V1_ntx"]]
    ds = ldn.simulate(model, ldn.Regimen.single(50), subjects=people, times=hours)
    seen = ds.plasma_naltrexone * np.random.default_rng(1).lognormal(0, 0.15, (12, 10))
    rows = [{"ID": k, "TIME": 0, "AMT": 50} for k in range(12)]
    rows += [{"ID": k, "TIME": t, "DV": float(seen[k, j])} for k in range(12) for j, t in enumerate(hours)]
    data = ldn.read_data(sorted(rows, key=lambda row: (row["ID"], row["TIME"])))
    known = {"estimate": ["CL_ntx", "V1_ntx"], "iiv": ["CL_ntx", "V1_ntx"], "error": "proportional"}
    fit = ldn.fit(model, data, "plasma_naltrexone", **known)
    return ldn.plots.gof(fit)


def vpc():
    """Simulate the study again from what was fitted, and see whether it looks the same."""
    model, hours = ldn.load_model("naltrexone_pk"), [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24]
    people = ldn.population(model, 12, seed=7)[["CL_ntx", "V1_ntx"]]
    ds = ldn.simulate(model, ldn.Regimen.single(50), subjects=people, times=hours)
    seen = ds.plasma_naltrexone * np.random.default_rng(1).lognormal(0, 0.15, (12, 10))
    rows = [{"ID": k, "TIME": 0, "AMT": 50} for k in range(12)]
    rows += [{"ID": k, "TIME": t, "DV": float(seen[k, j])} for k in range(12) for j, t in enumerate(hours)]
    data = ldn.read_data(sorted(rows, key=lambda row: (row["ID"], row["TIME"])))
    known = {"estimate": ["CL_ntx", "V1_ntx"], "iiv": ["CL_ntx", "V1_ntx"], "error": "proportional"}
    fit = ldn.fit(model, data, "plasma_naltrexone", **known)
    return ldn.plots.vpc(fit)


def individual_fits():
    """See each patient's samples with the fitted curve."""
    model, hours = ldn.load_model("naltrexone_pk"), [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24]
    people = ldn.population(model, 12, seed=7)[["CL_ntx", "V1_ntx"]]
    ds = ldn.simulate(model, ldn.Regimen.single(50), subjects=people, times=hours)
    seen = ds.plasma_naltrexone * np.random.default_rng(1).lognormal(0, 0.15, (12, 10))
    rows = [{"ID": k, "TIME": 0, "AMT": 50} for k in range(12)]
    rows += [{"ID": k, "TIME": t, "DV": float(seen[k, j])} for k in range(12) for j, t in enumerate(hours)]
    data = ldn.read_data(sorted(rows, key=lambda row: (row["ID"], row["TIME"])))
    known = {"estimate": ["CL_ntx", "V1_ntx"], "iiv": ["CL_ntx", "V1_ntx"], "error": "proportional"}
    fit = ldn.fit(model, data, "plasma_naltrexone", **known)
    return ldn.plots.individual_fits(fit)


FIGURES = {
    draw.__name__: draw
    for draw in (
        timecourse, compare, compare_message, compare_doses, population_band, dose_response, heatmap, phase_portrait,
        titration_ladder, titration_ladder_feedback, cytokine_panel, cytokine_panel_readings, washout, tornado,
        pareto, qualification, coverage, occupancy, robustness, study_view, model_diagram, model_diagram_small,
        profiles, gof, vpc, individual_fits,
    )
}  # fmt: skip


def write(figure: Figure, path: Path, dpi: int = DPI) -> None:
    """Write a figure to a file, which is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_stem(f".{path.stem}")
    figure.savefig(draft, dpi=dpi)
    draft.replace(path)


def main(words: list[str] | None = None) -> None:
    """Write one file a figure into a folder."""
    parser = argparse.ArgumentParser(description="Draw the figures of ldnsim, each to a file of its name.")
    parser.add_argument("folder", type=Path, help="where the files go; made if it is missing")
    parser.add_argument(
        "--only", nargs="+", choices=FIGURES, metavar="NAME", help=f"some of them: {', '.join(FIGURES)}"
    )
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png", help="by default png")
    parser.add_argument("--dpi", type=int, default=DPI, help=f"dots per inch of a png, by default {DPI}")
    given = parser.parse_args(words)
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    for name in given.only or FIGURES:
        figure, _ = FIGURES[name]()
        write(figure, given.folder / f"{name}.{given.format}", given.dpi)
        plt.close(figure)
        print(name)


if __name__ == "__main__":
    main()
