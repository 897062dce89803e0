"""`virtual_trial`: the same trial run many times over virtual patients, and how often it would find what."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..door import check_kinds
from ..errors import BoundsWarning, bad, finite, instance, unknown, whole
from ..inference.arguments import a_model
from ..numeric import quantiles
from ..readouts import Readout
from ..regimen import Regimen
from ..regimen.asked import days_of, regimen_of
from ..result import provenance
from ..simulation import simulate
from .analysis import DROPOUTS, paired, warn_of_few, welch
from .draws import HIGH, LOW
from .patients import worlds_of
from .phases import READ, WEEK, midnight, until, warn_of_early_ends

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

UNTREATED = 1e-3  # how far from 1 an endpoint in folds of baseline may lie without a drug
DESIGNS = ("parallel", "crossover")
REFERENCE = "FINAL"  # the trial whose spread of changes in pain is used by default


def virtual_trial(
    model: Model,
    arms: Mapping[str, Regimen | str | None] | None = None,
    *,
    n: int = 100,
    weeks: float | Mapping[str, float] = 12,
    design: str = "parallel",
    order: str = "random",
    washout: float = 0,
    dropout: float = 0.0,
    endpoint: str = "pain",
    sd: float | None = None,
    analysis: str = "completers",
    alpha: float = 0.05,
    trials: int = 2000,
    worlds: int = 40,
    patients: int = 16,
    seed: int = 0,
    threads: int | None = None,
) -> xr.Dataset:
    """Run a trial many times over virtual patients.

    Parameters
    ----------
    model : Model
        Every subject takes part in a trial: the placebo response (``in_trial``) runs in all arms.
    arms : dict of Regimen, str or None, optional
        What each arm takes from the start of its phase on, also in words ("4.5 mg nightly": for its `weeks`);
        None is placebo, and so is "0 mg nightly". The first placebo arm (else the
        first arm) is what the others are compared with. By default placebo against 4.5 mg at 22:00. Repeated
        doses that end before their phase is read are told of.
    n : int
        Subjects of a trial; split evenly between arms, or all in each arm of a crossover.
    weeks : float or dict
        Length of the treatment, or of each arm's phase.
    design : {"parallel", "crossover"}
        Whether each subject is in one arm, or in all, one after another. A later phase begins at midnight, after
        half a week at the next one, so that doses keep their clock times.
    endpoint : str
        "pain" (points on the scale of 0-10), or a variable in folds of baseline, read in percent: the mean over
        the last 72 h of a phase.

    Returns
    -------
    xarray.Dataset
        ``difference`` and ``p_value`` (arm, trial) against the reference arm; ``change`` (all_arms, trial);
        ``power`` (arm), the share of trials with p < alpha and a difference below 0; ``interval``
        (arm, quantile), the 90 % predictive interval of the difference.

    Other Parameters
    ----------------
    order : str
        Crossover: "random" (half of the subjects in the order of `arms`, half in reverse), "given", or
        "placebo first".
    washout : float
        Crossover: weeks without treatment between two phases.
    dropout : float
        Share of subjects who leave before the end. Where fewer than two stay in an arm, the trial is NaN, and
        a `DropoutWarning` names the arm.
    sd : float, optional
        Spread of a subject's measured change that the model does not explain (points or percent; of one phase
        in a crossover); by default that of the trial FINAL for pain.
    analysis : {"completers", "carried"}
        Those who leave are left out, or count with their baseline.
    alpha : float
        Level of the two-sided test: Welch's t, or paired t for a crossover.
    trials : int
        Repetitions.
    worlds, patients : int
        Draws of the uncertain parameters, and patients simulated in each; a trial takes place in one world.
    seed : int
        Of the patients and of the repetitions.
    threads : int, optional
        As for `simulate`.

    Raises
    ------
    InputError, UnknownNameError
        If an argument cannot be used.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> found = ldn.virtual_trial(ldn.load_model("ldn"), n=40, weeks=2, trials=20, worlds=2, patients=4)
    >>> found.power.dims
    ('arm',)
    """
    check_kinds(
        virtual_trial, locals(), "model", "arms", "weeks", "n", "seed", "dropout", "washout", "alpha", "sd"
    )
    a_model(model)
    if arms is None:
        arms = {"placebo": None, "4.5 mg": "4.5 mg at 22:00"}  # in words, for as many weeks as there are
    arms = dict(instance("arms", arms, Mapping, "a dict of regimens", "{'placebo': None, 'LDN': regimen}"))
    plan = _Plan.checked(model, arms, n, weeks, design, order, washout, dropout, endpoint, sd, analysis)
    for name, value in {"trials": trials, "worlds": worlds, "patients": patients}.items():
        whole(name, value, 2)
    if not 0 < finite("alpha", alpha) < 1:
        raise bad("alpha", alpha, "must be between 0 and 1")
    _check_fold(model, endpoint)
    people = worlds_of(model, worlds, patients, seed)
    responses = plan.responses(model, people, threads)
    rng = np.random.default_rng([seed, 1])
    changes, differences, p_values = plan.repeat(responses, people.attrs["worlds"], trials, rng)
    how = {"design": design, "n": n, "endpoint": endpoint, "sd": plan.sd, "analysis": analysis,
           "dropout": dropout, "alpha": alpha, "seed": seed, "draws_from": people.attrs["draws"]}  # fmt: skip
    return _labelled(plan, changes, differences, p_values, alpha, provenance(model, **how))


def _labelled(plan, changes, differences, p_values, alpha, attrs) -> xr.Dataset:
    from ..labelled import Dataset

    units = {"units": "points" if plan.endpoint == "pain" else "%"}
    won = (p_values < alpha) & (differences < 0)
    return Dataset(
        {
            "difference": (("arm", "trial"), differences,
                           units | {"long_name": "change against the reference arm"}),
            "p_value": (("arm", "trial"), p_values, {"units": "1", "long_name": "two-sided p"}),
            "change": (("all_arms", "trial"), changes, units | {"long_name": "change from baseline"}),
            "power": ("arm", won.mean(axis=1),
                      {"units": "1", "long_name": "share of trials that favour the arm at this level"}),
            "interval": (("arm", "quantile"), quantiles(differences, (LOW, 0.5, HIGH), axis=1).T,
                         units | {"long_name": "predictive interval of the difference"}),
        },
        {"arm": plan.others, "all_arms": list(plan.arms), "quantile": [LOW, 0.5, HIGH]},
        attrs | {"reference": plan.reference},
    )  # fmt: skip


@dataclass(frozen=True)
class _Plan:
    """A trial as checked values."""

    arms: dict[str, Regimen | None]
    n: int
    weeks: dict[str, float]
    design: str
    order: str
    washout: float
    dropout: float
    endpoint: str
    sd: float
    analysis: str

    @classmethod
    def checked(cls, model, arms, n, weeks, design, order, washout, dropout, endpoint, sd, analysis) -> _Plan:
        if len(arms) < 2:
            raise bad("arms", list(arms), "must hold at least two arms")
        n = whole("n", n, 2 * len(arms), "two an arm")
        for argument, value, known in (
            ("design", design, DESIGNS), ("order", order, ("random", "given", "placebo first")),
            ("analysis", analysis, DROPOUTS), ("endpoint", endpoint, model.observables),
        ):  # fmt: skip
            if value not in known:
                raise unknown(argument, value, known)
        dropout, washout = finite("dropout", dropout, 0.0), finite("washout", washout, 0.0)
        if dropout >= 1:
            raise bad("dropout", dropout, "must be in [0, 1)")
        for argument, value, plain in (("order", order, "random"), ("washout", washout, 0.0)):
            if design == "parallel" and value != plain:
                raise bad(argument, value, "has no effect in a parallel trial", "leave it out")
        if isinstance(weeks, Mapping) and set(weeks) != set(arms):
            raise bad("weeks", dict(weeks), f"must name the arms, {', '.join(map(repr, arms))}")
        lengths = {a: finite("weeks", weeks[a] if isinstance(weeks, Mapping) else weeks) for a in arms}
        for value in lengths.values():
            if value * WEEK <= READ:
                raise bad("weeks", value, f"must be longer than the {READ:g} h that are read")
        if sd is None and endpoint != "pain":
            raise bad("sd", sd, f"must be given for the endpoint {endpoint!r}", "the spread in percent")
        arms = {
            name: regimen_of(f"arms[{name!r}]", taken, model, days_of(lengths[name] * WEEK))
            for name, taken in arms.items()
        }
        warn_of_early_ends(arms, lengths)
        sd = float(library.table(model, "trials")["sd"][REFERENCE]) if sd is None else finite("sd", sd, 0.0)
        return cls(arms, n, lengths, design, order, washout, dropout, endpoint, sd, analysis)

    @property
    def reference(self) -> str:
        return next((a for a, r in self.arms.items() if r is None or r.is_placebo), next(iter(self.arms)))

    @property
    def others(self) -> list[str]:
        return [a for a in self.arms if a != self.reference]

    @property
    def sequences(self) -> list[list[str]]:
        """Orders of phases; a parallel trial has one phase a sequence."""
        names = list(self.arms)
        if self.design == "parallel":
            return [[a] for a in names]
        if self.order == "placebo first":
            return [[self.reference, *self.others]]
        return [names] if self.order == "given" else [names, names[::-1]]

    def responses(self, model: Model, people: pd.DataFrame, threads: int | None) -> list[np.ndarray]:
        """Simulate the change of each patient, one array (phase, patient) a sequence."""
        found = []
        for sequence in self.sequences:
            regimen, ends, start = Regimen(), [], 0.0
            for arm in sequence:
                taken = self.arms[arm]
                if taken is not None:
                    regimen = regimen + until(taken, self.weeks[arm] * WEEK).shift(hours=start)
                ends.append(start + self.weeks[arm] * WEEK)
                start = midnight(ends[-1] + self.washout * WEEK)
            found.append(self._read(model, regimen, ends, people, threads))
        return found

    def _read(self, model, regimen, ends, people, threads) -> np.ndarray:
        means = [
            Readout(self.endpoint, "mean", (end - READ, end), name=f"phase_{k}") for k, end in enumerate(ends)
        ]
        with warnings.catch_warnings():  # of thousands of people on top of draws some lie beyond the table
            warnings.simplefilter("ignore", BoundsWarning)
            ds = simulate(
                _in_trial(model), regimen if regimen.records else None, duration=ends[-1], subjects=people,
                metrics=means, threads=threads,
            )  # fmt: skip
        fold = np.stack([ds[mean.name].values for mean in means]) - 1
        return fold * (people["pain_rest"].to_numpy() if self.endpoint == "pain" else 100.0)

    def repeat(self, responses, worlds: int, trials: int, rng: np.random.Generator):
        """Repeat the trial: changes (arm, trial), differences and p-values (other arm, trial)."""
        world = rng.integers(worlds, size=trials)
        draw = self._parallel if self.design == "parallel" else self._crossover
        measured = draw(responses, world, worlds, rng)
        warn_of_few(list(self.arms), measured)
        test = paired if self.design == "crossover" else welch
        with warnings.catch_warnings():  # what NumPy says of an arm that nobody is left in
            for words in ("Mean of empty slice", "Degrees of freedom"):
                warnings.filterwarnings("ignore", words, RuntimeWarning)
            return test(measured, *self._indexes())

    def _indexes(self) -> tuple[int, list[int]]:
        names = list(self.arms)
        return names.index(self.reference), [names.index(a) for a in self.others]

    def _parallel(self, responses, world, worlds, rng) -> list[np.ndarray]:
        shares = np.diff(np.linspace(0, self.n, len(self.arms) + 1).round().astype(int))
        return [self._sample(r, world, worlds, k, rng)[0] for r, k in zip(responses, shares, strict=True)]

    def _crossover(self, responses, world, worlds, rng) -> list[np.ndarray]:
        shares = np.diff(np.linspace(0, self.n, len(responses) + 1).round().astype(int))
        names, parts = list(self.arms), []
        for sequence, response, k in zip(self.sequences, responses, shares, strict=True):
            values = self._sample(response, world, worlds, k, rng)
            parts.append(values[[sequence.index(a) for a in names]])
        return list(np.concatenate(parts, axis=2))

    def _sample(self, response, world, worlds, k, rng) -> np.ndarray:
        """Measured changes, shape (phase, trial, subject); NaN for who left and is not counted."""
        each = response.shape[1] // worlds
        who = world[:, None] * each + rng.integers(each, size=(len(world), k))
        values = response[:, who] + self.sd * rng.standard_normal((len(response), *who.shape))
        left = rng.random(who.shape) < self.dropout
        values[:, left] = np.nan if self.analysis == DROPOUTS[0] else 0.0
        return values


def _in_trial(model: Model) -> Model:
    return model.with_parameters(in_trial=1.0)


def _check_fold(model: Model, endpoint: str) -> None:
    """Refuse what is not 1 in who takes nothing: a level or a share of receptors has no change in percent."""
    untreated = simulate(_in_trial(model), None, times=[0.0], outputs=[endpoint])[endpoint]
    if abs(untreated.item() - 1.0) > UNTREATED:
        rule = f"is {untreated.item():g} in who takes nothing, and is read as a fold of baseline, which is 1"
        raise bad("endpoint", endpoint, rule, "take a variable such as 'pain', 'il6' or 'opioid_tone'")
