"""Rules of studies on runs and searches that something simple stands in for."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import numpy as np
import xarray as xr

from ldnsim.readouts import Readout
from ldnsim.study import optimise, optimise_candidates, runs, statement, verdicts, waits
from ldnsim.study.draws import draws_of

from ..ledger import told
from .small_runs import LDN, R


def judged_runs():
    """Claims over another number, of waits, apart at every hour, or with no number at all, on made-up runs."""
    two = [Readout("il6", "cmax"), Readout("pain", "mean")]
    key = runs.Key(runs.ModelVariant("s", (("ke0", 2.0),)), "r", two[0])
    made, found = _Runs({r: np.linspace(1, 2 + j, 6) for j, r in enumerate(two)}), []
    for more in ({"over": two[1]}, {"subjects": True}, {"over": two[1], "subjects": True}):
        found.append(verdicts._one(statement.Claim("id", "s", "design", readout=two[0], **more), key, made))
    for k, direction in enumerate(waits.DIRECTIONS):
        how = {"direction": direction, "drug": "d", "dose": 3 + k, "days": 2, "level": 0.8, "site": "brain"}
        found.append(verdicts._waits(statement.Claim("id", "s", "design", washout=how), "s", made))
    found.append(runs.ClaimRuns.apart(made, key, key._replace(regimen="other")))
    for values in (np.full(6, np.nan), np.linspace(0, 2, 6)):
        made[two[0]] = values
        more = {"regimen": "r", "set": {"ke0": 2.0}, "rests_on": ["ke0"]}
        claim = statement.Claim("id", "s", "design", "h", holds="> 1", readout=two[0], **more)
        found.append(told(verdicts._row, claim, made))
    return found


class _Runs(dict):
    """Numbers by readout, waits and courses, as `ClaimRuns` has them."""

    @property
    def named(self):
        return {"r": statement.Named("nightly", R.daily(1, 2))}

    def __getitem__(self, key):
        return super().__getitem__(key.readout)

    @property
    def model(self):
        return LDN()

    def variant(self, variant):
        return LDN()

    def draws(self, variant):
        return draws_of(LDN(), 6)

    def washout(self, variant, how):
        sites = {"level": [0.5, 0.8], "site": ["brain", "peripheral"]}
        regained = (("draw", "level", "site"), np.arange(8.0).reshape(2, 2, 2) + len(variant.scenario))
        return xr.Dataset({"waits": ("draw", [float(how["dose"]), 2.0]), "regained_draws": regained}, sites)

    def _end(self, regimen):
        return 48.0 + len(regimen)

    def _run(self, variant, regimen, outputs, times):
        course = np.sin(times) * len(regimen) + np.arange(2.0)[:, None]
        return xr.Dataset({outputs[0]: (("draw", "time"), course)})


def settled():
    """What is left of a search where those that seemed best turn out to break a constraint."""
    found = []
    for goals in (1, 2):
        for broken in ((), (0,), (0, 2), range(6)):
            losses = np.array([[k, 5.0 - k, (k - 2.0) ** 2][:goals] for k in range(6)])
            own = SimpleNamespace(losses=losses, violation=np.zeros(6))

            def settle(some, own=own, broken=broken):
                own.violation[[k for k in some if k in broken]] = 1.0

            judge = SimpleNamespace(found=own, goals=range(goals), regimens=list("abcdef"), settle=settle)
            found.append(optimise._settled(judge, np.arange(6)))
    readouts = [Readout("il6", "stretch_above", level=2.0), Readout("il6", "cmax")]
    for place in (("x", ""), ("x", "b")):
        with mock.patch.object(Readout, "place", place):
            coords = {"x_censored": ("run", [0, 1, 0])}
            if place[1]:
                coords = {"x_censored": (("run", "analyte"), [[0, 1], [1, 1], [0, 0]]), "analyte": ["a", "b"]}
            ds = xr.Dataset(coords=coords)
            judge = SimpleNamespace(
                metrics=readouts, regimens=list("abc"), rtol=1e-6, _run=lambda *_, ds=ds: ds
            )
            found += [optimise_candidates.Candidates.cut_off(judge, np.arange(n)) for n in (1, 3)]
    return found
