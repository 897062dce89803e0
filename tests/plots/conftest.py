"""A run made by hand: the variables, dims and attributes of a simulated `ldn` model, from a toy of it."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

NAMES = {
    "plasma_naltrexone": ("ng/mL", "naltrexone in plasma"),
    "plasma_naltrexol": ("ng/mL", "6b-naltrexol in plasma"),
    "mu_occupancy_peripheral": ("1", "share of peripheral mu receptors held by drug"),
    "mu_occupancy_brain": ("1", "share of brain mu receptors held by drug"),
    "opioid_tone": ("1", "opioid tone, fold of the untreated baseline"),
    "endorphin": ("1", "beta-endorphin, fold of the untreated baseline"),
    "tnf_alpha": ("1", "TNF-alpha, fold of the untreated baseline"),
    "il6": ("1", "interleukin 6, fold of the untreated baseline"),
    "il1b": ("1", "interleukin 1 beta, fold of the untreated baseline"),
    "il10": ("1", "interleukin 10, fold of the untreated baseline"),
}
STEP = 0.05


def toy(dose, first, days, clearance=1.0):
    """Columns of the toy model on a fine grid: one dose a day of `dose` mg from `first` h on."""
    time = np.arange(0.0, first + 24.0 * days + STEP / 2, STEP)
    parent, metabolite = np.zeros_like(time), np.zeros_like(time)
    for day in range(days):
        t = np.clip(time - first - 24.0 * day, 0.0, None)
        parent += dose * (np.exp(-0.18 * clearance * t) - np.exp(-1.2 * t)) / 2.0
        metabolite += dose * 1.6 * (np.exp(-0.055 * clearance * t) - np.exp(-1.0 * t))
    load = 2.3 * parent / 1.8 + 2.3 * metabolite / 3.0
    slow, memory = np.zeros_like(time), np.ones_like(time)
    tone = np.ones_like(time)
    for i in range(1, time.size):
        slow[i] = slow[i - 1] + STEP * 0.024 * (load[i - 1] - slow[i - 1])
        drive = 3.5 / (1.0 + 2.5 * tone[i - 1] ** 3)
        memory[i] = memory[i - 1] + STEP * 0.0096 * (drive - memory[i - 1])
        o = 0.1 * memory[i] / (1.0 + 0.1 * memory[i] + load[i])
        tone[i] = (2 * o / (1 + 2 * o)) / ((0.2 / 1.1) / (1 + 0.2 / 1.1))
    brain = slow + load / 8.0
    immune = load / (load + 6.0)
    return time, {
        "plasma_naltrexone": parent,
        "plasma_naltrexol": metabolite,
        "mu_occupancy_peripheral": load / (1.1 + load),
        "mu_occupancy_brain": brain / (1.1 + brain),
        "opioid_tone": tone,
        "endorphin": memory * 1.3 / (1 + 0.3 * tone),
        "tnf_alpha": 1.0 - 0.15 * immune,
        "il6": 1.0 - 0.9 * immune,
        "il1b": 1.0 - 0.88 * immune,
        "il10": 1.0 - 0.06 * immune,
    }


def dataset(columns, dims, coords, doses):
    ds = xr.Dataset(
        {n: (dims, v, {"units": NAMES[n][0], "long_name": NAMES[n][1]}) for n, v in columns.items()},
        coords,
        attrs={"model": "ldn", "model_hash": "0", "version": "0", "solver": "fast", "rtol": 1e-6},
    )
    ds["time"].attrs.update(units="h", long_name="time since the first midnight")
    ds = ds.assign_coords(clock=("time", ds.time.values % 24.0, {"units": "h"}))
    doses = np.array(doses) if "regimen" in dims else np.array(doses[0])
    own = ("regimen",) if "regimen" in dims else ()
    return ds.assign_coords(
        dose_time=((*own, "dose_number"), doses, {"units": "h"}),
        mark=["interval_start", "interval_end"],
        marks=((*own, "mark"), np.stack([doses[..., -1], doses[..., -1] + 24.0], axis=-1), {"units": "h"}),
    )


@pytest.fixture(scope="session")
def ending():
    """A Dataset with other ends of the last cycle of each regimen."""

    def ended(ds, *ends):
        marks = ds.marks.copy()
        marks.loc[{"mark": "interval_end"}] = list(ends)
        return ds.assign_coords(marks=marks)

    return ended


@pytest.fixture(scope="session")
def one():
    """One regimen: dims (time,)."""
    time, columns = toy(4.5, 22.0, 7)
    return dataset(columns, ("time",), {"time": time}, [[22.0 + 24 * d for d in range(7)]]).isel(
        time=slice(None, None, 5)
    )


@pytest.fixture(scope="session")
def two():
    """4.5 mg at night and 50 mg in the morning for 28 days: dims (regimen, time)."""
    runs = [toy(4.5, 22.0, 28), toy(50.0, 8.0, 28)]
    n = min(t.size for t, _ in runs)
    columns = {k: np.stack([c[k][:n] for _, c in runs]) for k in NAMES}
    doses = [[first + 24 * d for d in range(28)] for first in (22.0, 8.0)]
    return dataset(
        columns,
        ("regimen", "time"),
        {"regimen": ["4.5 mg at 22:00", "50 mg at 08:00"], "time": runs[0][0][:n]},
        doses,
    ).isel(time=slice(None, None, 5))


@pytest.fixture(scope="session")
def many():
    """Two regimens in 24 people: dims (regimen, subject, time)."""
    clearance = np.random.default_rng(5).lognormal(0.0, 0.3, 24)
    runs = [[toy(d, 22.0, 3, c) for c in clearance] for d in (4.5, 50.0)]
    columns = {k: np.array([[c[k] for _, c in group] for group in runs]) for k in NAMES}
    return dataset(
        columns,
        ("regimen", "subject", "time"),
        {"regimen": ["LDN", "standard"], "subject": np.arange(24), "time": runs[0][0][0]},
        [[22.0, 46.0, 70.0]] * 2,
    ).isel(time=slice(None, None, 10))


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def overlap():
    """Smaller side of the rectangle that two boxes share (pixels), <= 0 where they are apart."""
    return lambda a, b: min(min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0))
