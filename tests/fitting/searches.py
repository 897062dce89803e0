"""Searches on made-up objectives for the ledger, with places where there is none, and what is read at the door."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pandas as pd

from ldnsim.fitting import likelihood, penalty, priors, quadrature, report, samples, search, specification
from ldnsim.fitting.scales import Scale
from ldnsim.model.parameters import Parameter

from ..ledger import told


class Bowl:
    """A sum of squares, curved more in one direction; nothing beyond an edge."""

    def __init__(self, edge: float, box: float) -> None:
        self.edge = edge
        self.effects = SimpleNamespace(box=[(-box, box)] * 2)

    def answer(self, x: np.ndarray) -> likelihood.Answer:
        if not len(x) or x[0] > self.edge:
            return likelihood.Answer(np.array([1.0, np.nan if len(x) else 2.0]), np.full((2, len(x)), np.nan))
        own = (x - np.array([1.0, -0.5])) * np.array([1.0, 3.0])
        return likelihood.Answer(own**2, np.diag(2.0 * own * np.array([1.0, 3.0])))


def searched():
    """Where searches end, from where they begin, and how they say so."""
    found, told_of = [], []  # how they go from step to step is a matter of SciPy's release
    for bowl in (Bowl(9.0, 9.0), Bowl(9.0, 0.7), Bowl(1.2, 9.0), Bowl(0.5, 9.0)):
        for start in ([0.0, 0.0], [0.9, -3.0], [3.0, 0.0], []):
            out = search.search(bowl, np.array(start), lambda n, best: told_of.append((n, best)))
            short = search.search(bowl, np.array(start), None, 2)
            here = (
                [np.round(out.x, 3), np.round(out.answer.total, 4)] if out.converged else out.evaluations > 9
            )
            found.append([here, out.converged, out.words[:15], "edge" in out.words, short.converged,
                short.words[:15], len(start) or out.evaluations])  # fmt: skip
    watch = search._Watch(Bowl(0.5, 9.0), np.zeros(2), np.array([1.0, 2.0]))
    return [
        *found,
        len(told_of) > 9,
        [watch(np.array(u)) for u in ([0.7, 0.1], [0.3, 0.1], [0.8, 0.5])],
        watch.n,
    ]


def nowhere():
    """Objectives where random effects have no mode, and with priors beside them."""
    modes = SimpleNamespace(joint=np.array([1.0, np.nan, 3.0]))
    one = SimpleNamespace(
        effects=SimpleNamespace(at=lambda x: None, spread=[1]), at_modes=lambda point: modes
    )
    one.inner = one
    x = np.zeros(2)
    found = [likelihood.Approximation.value(one, x), likelihood.Approximation.answer(one, x), quadrature.Exact.answer(
        one, x)]  # fmt: skip
    inside = SimpleNamespace(value=lambda x: np.array([1.0, 2.0]), answer=Bowl(9.0, 9.0).answer)
    priced = SimpleNamespace(objective=inside, _own=lambda x: (3.0, np.array([0.5, 0.25])))
    return [*found, penalty.Penalised.value(priced, x), penalty.Penalised.answer(priced, x)]


def starts():
    """Bounds, priors and covariances to start from, of parameters with and without a row in the table."""
    rows = [Parameter("CL", 2.0, lower=0.5, upper=8.0), Parameter("V", 5.0)]
    model = SimpleNamespace(table=rows, values=np.array([2.0, 5.0, 3.0]), parameter_ids=["CL", "V", "x"])
    nan, found = np.nan, []
    for bounds in ({}, {"CL": (1.0, nan), "x": (nan, 9.0)}, {"CL": (3.0, nan)}, {"V": (5.0, 5.0)}):
        asked = SimpleNamespace(bounds=bounds)
        found += [told(specification._bounds, model, asked, name) for name in ("CL", "V", "x")]
    found += [specification._inner(Scale(kind), ends) for kind in ("log", "none", "logit") for ends in (
        (0.0, np.inf), (0.5, 8.0), (-1.0, 3.0))]  # fmt: skip
    found += [told(priors._normal, "CL", text, Scale(kind)) for kind in ("log", "none", "logit") for text in (
        "normal(1, 0.2)", "normal(0.3, 0.2) of log", "normal(0.3, 0.2) of log10", "lognormal(1, 0.2)")]  # fmt: skip
    table = pd.DataFrame(
        {"iiv_cv": [0.3, 0.0, nan], "uncertainty_gsd": [1.5, 1.0, nan]}, index=["CL", "V", "x"]
    )
    spread = SimpleNamespace(parameters=table)
    found += [
        told(priors._own, spread, n, which) for n in table.index for which in ("both", "iiv", "uncertainty")
    ]
    asked = SimpleNamespace(varying=["CL", "V"], variance={}, blocks=[["CL", "V"]])
    own = pd.DataFrame([[0.2, 0.05], [0.05, 0.3]], index=["CL", "V"], columns=["CL", "V"])
    for omega in (None, own, own[["CL"]], own[:1], own.assign(CL=[0.2, 0.1]), {"CL": 0.5}):
        found.append(told(specification._omega_start, spread, asked, omega))
    return found


def seen(model, *data):
    """Which variable each measurement is of, told and not."""
    found = []
    kept = {"quantities": model.quantities, "name": model.name, "outputs": model.outputs}
    for some in (
        model,
        SimpleNamespace(observables=["Cp"], **kept),
        SimpleNamespace(observables=["Cp", "A"], **kept),
    ):
        for one in data:
            for observe in (None, "Cp", {1: "Cp", 2: "Cp"}, {1: "Cp"}):
                found.append(told(samples.observed, some, one, observe))
    return found


def paged(fit):
    """Pages of a fit without their figures and digits, and where they are written."""
    bare, found = re.compile(r"-?\d[\d.e+-]*"), []
    with mock.patch.object(report, "FIGURES", {}), tempfile.TemporaryDirectory() as folder:
        for place in ("fit.html", "fit.HTM", "fit.txt", "no/fit.html"):
            found.append(told(lambda p=place: Path(fit.report(Path(folder) / p)).name))
        found.append(bare.sub("#", report._page(fit)))
    return [*found, bare.sub("#", fit._repr_html_()), bare.sub("#", repr(fit))]
