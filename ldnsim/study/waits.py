"""`washout`: hours between an opioid and naltrexone, in either order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import library
from ..door import check_kinds
from ..errors import positive, unknown
from ..inference.arguments import a_model
from ..regimen import Regimen
from ..regimen.language import doses_for
from ..result import provenance
from ..simulation import simulate
from ..simulation.drugs import habitual, values_under
from .draws import deciding_assumed, draws_of, interval

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

DIRECTIONS = ("opioid_to_ldn", "ldn_to_opioid")
HORIZON = 60  # days watched after the last dose
STEP = 0.5  # h
LEVELS = (0.5, 0.8, 0.9)
LAST = 0.9  # level and site that `wait` reports for an opioid after naltrexone
SITES = {"peripheral": "pressure_peripheral", "brain": "pressure_brain"}
OWN = {"peripheral": "endorphin", "brain": "endorphin_brain"}  # the body's own ligand at each site
DENSITIES = {"peripheral": "mu_density", "brain": "mu_density_brain"}
FIRST_DOSE = 4.5  # mg
LDN_DAYS = 14  # of daily doses, after which their peak no longer grows
QUANTILES = ("median", "low", "high")
NOTICE = "For research; not medical advice. A wait that the model expects to be safe is no clearance."


def washout(
    model: Model,
    drug: str,
    *,
    dose: float,
    days: int,
    direction: str = "opioid_to_ldn",
    ii: float | None = None,
    first_dose: float = FIRST_DOSE,
    draws: int = 200,
    seed: int = 0,
    threads: int | None = None,
) -> xr.Dataset:
    """Find how many hours to wait between an opioid and naltrexone, in either order, with a 90 % interval.

    Parameters
    ----------
    model : Model
        With a table of drugs.
    drug : str
        The opioid: ``ldn.drugs()`` lists them.
    dose : float
        Each dose of the drug taken first: mg of the opioid, or mg of naltrexone.
    days : int
        How long that drug was taken.
    direction : {"opioid_to_ldn", "ldn_to_opioid"}
        Which drug comes first.

    Returns
    -------
    xarray.Dataset
        ``wait`` (h since the last dose, median of the draws), ``wait_low`` and ``wait_high`` (90 % interval; NaN
        of fewer than 20 draws), ``waits`` (draw). ``attrs`` hold ``ii`` (h), the interval between the doses
        taken first, and ``decided_by_assumed``, the assumed parameters that decide the wait.
        After an opioid: the first dose of naltrexone is tolerated; ``gap`` (quantile, after) is the fall of
        opioid effect below what the body is used to that it would cause, ``tolerated`` (after) the share of
        draws in which that is below ``washout_gap`` for good; ``attrs["label_days"]`` holds the label's
        window. After naltrexone: 90 % of the opioid's effect is back at the slower site; ``regained`` (level,
        site, quantile) and ``dose_ratio`` (site, quantile, after) = 1 + D, with which the opioid's dose would
        have to be multiplied. A wait beyond the 60 days watched is infinite; that of a draw whose course did
        not finish is NaN, and counts nowhere.

    Other Parameters
    ----------------
    ii : float, optional
        Interval (h) of the drug taken first; by default the usual one of the drug table.
    first_dose : float
        Daily naltrexone (mg) that is to follow an opioid.
    draws : int
        Draws of the uncertain parameters that the interval rests on.
    seed : int
        Which draws.
    threads : int, optional
        As for `simulate`.

    Raises
    ------
    InputError
        If a number is out of range.
    UnknownNameError
        If `drug` is no opioid of the table that is taken for long (not one of challenges), or `direction` none of the two.

    Notes
    -----
    Tolerated: dependence - gain(D) < ``washout_gap``, with the model's ``opioid_gain`` at D, the steady peak of
    brain pressure under the first doses of naltrexone. The competition is Gaddum's, as in the model's
    ``opioid_occupancy``.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> wait = ldn.washout(ldn.load_model("ldn"), "oxycodone", dose=30, days=10, draws=4).wait
    >>> bool(wait > 24)
    True
    """
    check_kinds(washout, locals(), "model", "seed", "draws", "dose", "first_dose", "days")
    if direction not in DIRECTIONS:
        raise unknown("direction", direction, DIRECTIONS)
    known = habitual(a_model(model))
    if drug not in known:
        raise unknown("drug", drug, known)
    dose, first_dose = positive("dose", dose, "mg"), positive("first_dose", first_dose, "mg")
    opioid_first = direction == DIRECTIONS[0]
    taken = drug if opioid_first else "naltrexone"
    ii = _usual(model, taken, ii)
    first = doses_for(Regimen, days, dose, ii=positive("ii", ii, "h"), drug=taken)
    run = _Run(model, drug, draws_of(model, draws, seed), threads)
    ds = _opioid_first(run, first, first_dose) if opioid_first else _naltrexone_first(run, first)
    how = {
        "drug": drug, "direction": direction, "dose": dose, "days": days, "ii": ii, "seed": seed,
        "draws": len(run.subjects), "draws_from": run.subjects.attrs["draws"], "notice": NOTICE,
        "decided_by_assumed": deciding_assumed(model, run.subjects, ds["waits"].values),
    }  # fmt: skip
    return ds.assign_attrs(provenance(model, **how) | ds.attrs)


def _usual(model: Model, drug: str, ii: float | None) -> float:
    return float(library.table(model, "drugs")["interval"][drug]) if ii is None else ii


def _end(regimen: Regimen) -> float:
    """Time (h) of the last dose."""
    return max(dose.time for dose in regimen.doses)


class _Run(NamedTuple):
    model: Model
    drug: str
    subjects: pd.DataFrame
    threads: int | None

    def simulate(self, regimen: Regimen, times: np.ndarray, outputs) -> xr.Dataset:
        return simulate(
            self.model, regimen, subjects=self.subjects, times=times, outputs=outputs, threads=self.threads
        )

    def parameters(self) -> dict[str, np.ndarray]:
        """Values of each draw under the opioid, as columns that go with (subject, time)."""
        ids = self.model.parameter_ids
        values = np.repeat(self.model.values[None, :], len(self.subjects), axis=0)
        for name in (c for c in self.subjects if c in ids):
            values[:, ids.index(name)] = self.subjects[name]
        values = values_under(self.model, self.drug, values)
        return {name: values[:, k, None] for k, name in enumerate(ids)}


def signal(
    p: dict[str, np.ndarray], pressure: np.ndarray, rival: np.ndarray, density: np.ndarray | float = 1.0
) -> np.ndarray:
    """Signal of an opioid against rivals for its receptors, as the model's ``opioid_signal``.

    Parameters
    ----------
    p : dict of array
        Parameters by id.
    pressure : array
        Of the opioid (1).
    rival : array
        Of all others: endogenous ligand and naltrexone (1).
    density : array
        Of receptors (fold of untreated).
    """
    pressure = np.maximum(pressure, 0.0)  # one that has worn off may end a rounding below 0
    return p["opioid_reserve"] * p["opioid_efficacy"] * density * pressure / (1 + pressure + rival)


def stimulus(
    p: dict[str, np.ndarray], pressure: np.ndarray, rival: np.ndarray, density: np.ndarray | float = 1.0
) -> np.ndarray:
    """Felt effect of an opioid, as the model's ``opioid_stimulus``; arguments as in `signal`."""
    drive = signal(p, pressure, rival, density) ** p["opioid_slope"]
    return drive / (1 + drive)


def _gain(
    p: dict[str, np.ndarray], pressure: np.ndarray, rival: np.ndarray, density: np.ndarray
) -> np.ndarray:
    """Return what dependence tends to, in units of the reference use, untreated."""
    full = signal(p | {"opioid_efficacy": np.ones(1)}, p["opioid_pressure_reference"], p["e0"])
    now = signal(p, pressure, rival, density)
    return now / (1 + now) * (1 + full) / full


def _after(last: float) -> np.ndarray:
    return np.arange(0.0, HORIZON * 24 + STEP, STEP) + last


def _last_crossing(after: np.ndarray, low_is_good: np.ndarray) -> np.ndarray:
    """First time from which each row stays below 0; infinite if that is not seen, NaN of who did not finish."""
    bad_at = low_is_good >= 0
    n, last = low_is_good.shape[1], low_is_good.shape[1] - 1
    k = np.where(bad_at.any(axis=1), last - np.argmax(bad_at[:, ::-1], axis=1), -1)
    row, a = np.arange(len(k)), np.clip(k, 0, n - 2)
    before, then = low_is_good[row, a], low_is_good[row, a + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        at = after[a] + (after[a + 1] - after[a]) * before / (before - then)
    at = np.where(k < 0, 0.0, np.where(k == last, np.inf, at))
    return np.where(np.isnan(low_is_good).any(axis=1), np.nan, at)


def _waits(values: np.ndarray) -> dict:
    words = ("", "_low", "_high")
    return {
        f"wait{w}": (
            (),
            float(x),
            {"units": "h", "long_name": "wait since the last dose" + w.replace("_", ", ")},
        )
        for w, x in zip(words, interval(values), strict=True)
    }


def _opioid_first(run: _Run, regimen: Regimen, first_dose: float) -> xr.Dataset:
    from ..labelled import Dataset

    last = _end(regimen) + _worn(run.model, regimen)
    found = run.simulate(regimen, _after(last), ["opioid_dependence", "opioid_pressure", "mu_density_brain"])
    after = found.time.values - last
    p = run.parameters()
    peak = _steady_peak(run, first_dose)
    rival = p["e0"] + peak[:, None]
    reached = _gain(p, found.opioid_pressure.values, rival, found.mu_density_brain.values)
    gap = found.opioid_dependence.values - reached
    waits = _last_crossing(after, gap - p["washout_gap"])
    table = library.table(run.model, "drugs").loc[run.drug]
    label = (float(table["free_from"]), float(table["free_to"]))
    tolerated = (waits[~np.isnan(waits), None] <= after).mean(axis=0)
    days = float(interval(waits)[0]) / 24
    return Dataset(
        _waits(waits)
        | {"waits": ("draw", waits, {"units": "h", "long_name": "wait of each draw"})}
        | {
            "gap": (("quantile", "after"), interval(gap),
                    {"units": "1", "long_name": "fall of opioid effect below dependence by the first dose"}),
            "tolerated": ("after", tolerated,
                          {"units": "1", "long_name": "share of draws that tolerate the first dose"}),
        },
        {"after": ("after", after, {"units": "h", "long_name": "time since the last dose"}),
         "quantile": list(QUANTILES)},
        {"first_dose": first_dose, "label_days": f"{label[0]:g}-{label[1]:g}",
         "label_source": "VivitrolLabel", "inside_label": int(label[0] <= days <= label[1])},
    )  # fmt: skip


def _worn(model: Model, regimen: Regimen) -> float:
    """Hours that the last dose still arrives: a patch counts from its removal."""
    from ..formulation import formulations_of

    record = regimen.records[-1]
    shares = formulations_of(model).of(record.drug, record.formulation)
    values = {name: np.array([v]) for name, v in zip(model.parameter_ids, model.values, strict=True)}
    return max(float(s.duration(values, 1)[0]) for s in shares)


def _steady_peak(run: _Run, dose: float) -> np.ndarray:
    last = (LDN_DAYS - 1) * 24.0
    ldn = Regimen.daily(dose, days=LDN_DAYS)
    found = run.simulate(ldn, np.arange(last, last + 24 + STEP, STEP), ["pressure_brain"])
    return found.pressure_brain.values.max(axis=1)


def _naltrexone_first(run: _Run, regimen: Regimen) -> xr.Dataset:
    from ..labelled import Dataset

    last = _end(regimen)
    found = run.simulate(regimen, _after(last), [*OWN.values(), *DENSITIES.values(), *SITES.values()])
    after, p = found.time.values - last, run.parameters()
    use = p["opioid_pressure_use"]
    full = stimulus(p, use, p["e0"])
    back = np.empty((len(SITES), len(LEVELS), len(p["e0"])))
    ratio = []
    for i, (site, name) in enumerate(SITES.items()):
        pressure, own = found[name].values, p["e0"] * found[OWN[site]].values
        share = stimulus(p, use, own + pressure, found[DENSITIES[site]].values) / full
        back[i] = [_last_crossing(after, level - share) for level in LEVELS]
        ratio.append(interval(1 + pressure))
    slower = back[:, LEVELS.index(LAST)].max(axis=0)
    return Dataset(
        _waits(slower)
        | {"waits": ("draw", slower, {"units": "h", "long_name": "wait of each draw"})}
        | {
            "regained_draws": (
                ("site", "level", "draw"), back,
                {"units": "h", "long_name": "time until the opioid's effect is back, each draw"},
            ),
        }
        | {
            "regained": (("level", "site", "quantile"), interval(back, axis=2).transpose(2, 1, 0),
                         {"units": "h", "long_name": "time until the opioid's effect is back"}),
            "dose_ratio": (("site", "quantile", "after"), np.array(ratio),
                           {"units": "1", "long_name": "factor on the opioid's dose for the same occupancy"}),
        },
        {"level": ("level", list(LEVELS), {"units": "1", "long_name": "share of the opioid's effect"}),
         "site": list(SITES), "quantile": list(QUANTILES),
         "after": ("after", after, {"units": "h", "long_name": "time since the last dose"})},
    )  # fmt: skip
