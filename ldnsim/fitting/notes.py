"""What is to be said of a fit beside its numbers: what its data do not tell, and what in them has to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import warn_user
from .effects import Effects
from .residual import Residual
from .samples import Samples
from .search import Found
from .uncertainty import POOR, Certainty

if TYPE_CHECKING:
    from .result import Fit

LITTLE = 0.1  # share of the prior's variance
HARDLY = 1.0  # standard error on the scale of a parameter, a factor of 2.7
ROUGH = 0.7  # relative residual error beyond which a model hardly describes what was measured


def notes_of(
    samples: Samples, effects: Effects, best: Found, known: Certainty, edge: np.ndarray, names: list[str]
) -> list[str]:
    """Say what has to be looked at."""
    notes = []
    if not best.converged:
        notes.append(best.words)
    if known.untold:
        untold = ", ".join(names[k] for k in known.untold)
        notes.append(f"the data do not tell {untold}: no standard errors")
    elif known.condition > POOR:
        notes.append(f"condition number {known.condition:.0f}: some estimates go together")
    if edge.any():
        notes.append(
            "at the edge of the range: " + ", ".join(n for n, e in zip(names, edge, strict=True) if e)
        )
    vague = [
        names[j] for j in range(len(effects.estimate)) if known.errors[j] > HARDLY * _unit(effects, best, j)
    ]
    first = effects.sizes[1]
    vague += [name for name, se in zip(names[first:], known.errors[first:], strict=True) if se > HARDLY]
    if vague:
        notes.append(f"the data hardly tell {', '.join(vague)}: standard error above 100 %")
    early = _before_doses(samples)
    if early:
        notes.append(f"{early} measurements lie before their subject's first dose")
    below = int(samples.below.sum())
    if below:
        notes.append(f"{below} of {samples.count} measurements lie below the limit of quantification (M3)")
    without = [str(s) for s, u in zip(samples.data.subjects, map(any, samples.used), strict=True) if not u]
    if without:
        notes.append(f"{len(without)} subjects without a measurement: {', '.join(without[:5])}")
    return notes


def notes_of_signs(samples: Samples, residual: Residual) -> list[str]:
    """Say which measurements are all but impossible where the error is proportional, and warn of them."""
    proportional = np.array([kind == "proportional" for kind in residual.kinds], bool)[samples.output]
    nil = samples.used & ~samples.below & proportional & (samples.y <= 0)
    if not nil.any():
        return []
    row, n = int(samples.row[nil].min()), int(nil.sum())
    note = (
        f"{n} measurement{'s are' * (n > 1) or ' is'} 0 or less (first: record {row}), which a proportional error "
        "makes all but impossible: below a limit of quantification write CENS 1 and LLOQ, or take error='combined'"
    )
    warn_user(note)
    return [note]


def notes_of_repeats(samples: Samples) -> list[str]:
    """Say which measurements stand twice in the table: each counts."""
    table = samples.data.table
    rows = np.sort(samples.row[samples.used])
    shown = [c for c in ("ID", "TIME", "DVID", "DV", "CENS") if c in table]
    twice = table.loc[rows, shown].duplicated()
    if not twice.any():
        return []
    n, first = int(twice.sum()), int(twice.idxmax())
    words = "measurements stand" if n > 1 else "measurement stands"
    return [f"{n} {words} twice, with the same subject, time and value (first: record {first}); each counts"]


def notes_of_residual(residual: Residual, log_sd: np.ndarray) -> list[str]:
    """Say which variables the model hardly describes, and which were not measured."""
    notes = []
    for (o, part), value in zip(residual.places, np.exp(log_sd).tolist(), strict=True):
        name = residual.outputs[o]
        if not residual.tells(o):
            notes.append(
                f"nothing above a limit was measured of {name}: its residual error stays {value:.3g}"
            )
        elif part != "additive" and value > ROUGH:
            notes.append(f"a residual error of {100 * value:.0f} %: the model hardly describes {name}")
    return list(dict.fromkeys(notes))


def notes_of_learning(fit: Fit) -> list[str]:
    """Say of which parameters of patients with a prior the samples say next to nothing."""
    table = fit.learnt
    little = [
        " ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in table.index[table.learnt < LITTLE]
    ]
    if not little:
        return []
    return [f"the samples say next to nothing of {', '.join(little)}: the prior stands"]


def _unit(effects: Effects, best: Found, j: int) -> float:
    """Return the unit of the standard error of a fixed effect: 1 on a logarithm or logit, else its value."""
    scale = effects.scales[effects.estimate[j]]
    return 1.0 if scale.kind != "none" else abs(float(best.x[j])) or np.inf


def _before_doses(samples: Samples) -> int:
    found = 0
    for i, subject in enumerate(samples.data.subjects):
        doses = samples.data.regimens[subject].doses
        first = min((d.time for d in doses), default=-np.inf)
        found += int((samples.time[i, samples.used[i]] < first).sum())
    return found
