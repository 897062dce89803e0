"""The page as code: a script that computes the same numbers with the library alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import __version__
from .labels import labels_of
from .request import RTOL

if TYPE_CHECKING:
    from .request import Request

_HEAD = '''"""What the explorer of ldnsim {version} showed. Research use, not medical advice.

Writes NAME_curves.csv, NAME_metrics.csv and NAME.png for each regimen.
"""

import numpy as np

import ldnsim as ldn

runs = {{}}
'''

_RUN = """
# {name}: {label}
model = ldn.{model}
regimen = {regimen}
times = np.unique(np.concatenate([{times}]))
runs[{name!r}] = ldn.simulate(
    model,
    regimen,{subjects}
    times=times,
    outputs={outputs},
    rtol={rtol!r},
)
"""

_SUBJECTS = """
    subjects=ldn.posterior(model, {n}),"""

_TAIL = """
for name, ds in runs.items():
    curves, metrics = ds.drop_vars("status"), ldn.summarize(ds)
    if "subject" in ds.dims:  # median and 90 % interval of the draws whose run reached the end
        reached = (ds["status"] == "finished").values
        curves = curves.isel(subject=reached).quantile([0.05, 0.5, 0.95], dim="subject", keep_attrs=True)
        every, metrics = metrics, metrics.quantile([0.05, 0.5, 0.95], dim="subject", skipna=True, keep_attrs=True)
        for flag in (c for c in every.coords if c.endswith("_censored")):  # 1 where a quantile is "at least"
            metric, cut = flag.removesuffix("_censored"), every[flag] == 1
            exact = every[metric].where(~cut).max("subject").fillna(-np.inf)
            metrics[flag] = (cut.any("subject") & (metrics[metric] > exact)).astype(float)
    ldn.save(curves, f"{name}_curves.csv")
    ldn.save(metrics, f"{name}_metrics.csv")
    figure, axes = ldn.plots.timecourse(ds.sel(time=slice(LATE[name], None)))
    figure.savefig(f"{name}.png", dpi=300)
    print(f"{name}: wrote {name}_curves.csv, {name}_metrics.csv and {name}.png")
"""


def script_of(requests: Mapping[str, Request]) -> str:
    """Write the script of what is on the page.

    Parameters
    ----------
    requests : mapping of str to Request
        Name of each side ("A", "B") -> what it shows.

    Returns
    -------
    str
        Python source.
    """
    parts, labels = [_HEAD.format(version=__version__)], labels_of(requests)
    for name, request in requests.items():
        model = ".".join([f"load_model({request.source!r})", *map(str, request.model)])
        parts.append(
            _RUN.format(
                name=name,
                label=labels[name],
                model=model,
                regimen=" + ".join(f"ldn.Regimen.{call}" for call in request.regimen),
                times=", ".join(f"np.arange({a!r}, {b!r}, {c!r})" for a, b, c in request.times),
                subjects="" if request.draws is None else _SUBJECTS.format(n=request.draws),
                outputs=list(request.outputs),
                rtol=RTOL,
            )
        )
    late = {name: request.late for name, request in requests.items()}
    parts.append(f"\nLATE = {late!r}  # h; the figure begins here\n{_TAIL}")
    return "".join(parts)
