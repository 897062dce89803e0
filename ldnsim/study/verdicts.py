"""`claims`: what is said of low-dose naltrexone, put to the model and its uncertainty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .. import library
from ..door import check_kinds
from ..inference.arguments import a_model
from ..inference.draws import deciding
from ..inference.structures import by_structure
from ..model.parameters import GRADES
from ..simulation.request import named
from .draws import interval
from .runs import ClaimRuns, Key, ModelVariant, keys_of
from .statement import Claim, statements_of
from .trial import REFERENCE
from .waits import DIRECTIONS

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

HOLDS, FAILS = 0.9, 0.1  # share of draws from which a sentence holds, and up to which it is contradicted
LIKELY, UNLIKELY = 2 / 3, 1 / 3  # between the two above: how strongly draws lean
OPEN = 0.25  # share of a contrasting scenario's few draws from which it leaves a contradiction open
STRONG = 0.2  # rank correlation from which a parameter decides
COLUMNS = (
    "claim",
    "regimen",
    "answer",
    "low",
    "high",
    "unit",
    "share",
    "structures",
    "grade",
    "deciding",
    "verdict",
    "said",
)
_HOURS = {"days": 24.0, "weeks": 168.0}
_POWER = 2.8016  # z(0.975) + z(0.8): two-sided 5 %, power 80 %


def claims(
    model: Model | None = None,
    *,
    only: Iterable[str] | None = None,
    draws: int = 400,
    seed: int = 0,
    threads: int | None = None,
) -> pd.DataFrame:
    """Judge sentences said of low-dose naltrexone.

    Parameters
    ----------
    model : Model, optional
        With a ``claims.toml``; the shipped ``ldn`` by default.
    only : sequence of str, optional
        Ids of claims; all by default.
    draws : int
        Draws of the uncertain parameters, from the posterior; contrasting scenarios get a quarter of them.
    seed : int
        Which draws.
    threads : int, optional
        As for `simulate`.

    Returns
    -------
    pandas.DataFrame
        A row a sentence, indexed by its id: ``claim``; ``regimen`` simulated; ``answer`` (median of
        draws) with ``low`` and ``high`` (90 % interval) in ``unit``; ``share`` of draws in which it holds, and
        ``structures``, the same within each rival structure of the feedback;
        ``deciding``, up to three parameters whose rank goes with that of the answer; ``grade``, that of the
        weakest of them; ``verdict``; and where it is ``said`` (design, pages).

    Notes
    -----
    A sentence holds where it does in at least 90 % of the draws, and is contradicted where it does in at most
    10 %; between it is likely (from two thirds on), open, or unlikely (up to one third). Where a contrasting
    scenario disagrees it holds only under one; a contradiction is left open under those in which a quarter of
    the draws or more speak against it.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> table = ldn.claims()   # doctest: +SKIP
    """
    import pandas as pd

    check_kinds(claims, locals(), "model", "only", "draws", "seed")
    model = library.load_model(library.DEFAULT_MODEL) if model is None else model
    statements = statements_of(a_model(model))
    if only is not None:
        statements = statements.only(named("only", only))
    asked = [(c, s) for c in statements.claims for s in (c.scenario, *c.contrast) if not c.outside]
    runs = ClaimRuns(model, statements, asked, draws, seed, threads)
    rows = {c.id: _row(c, runs) for c in statements.claims}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("id")
    table.attrs["short"] = [c.id for c in statements.claims if c.short]
    table.attrs["plain"] = {c.id: c.plain for c in statements.claims if c.plain}
    table.attrs.update(
        draws=draws, seed=seed, draws_from=runs.draws(ModelVariant()).attrs["draws"], model=model.name,
        scenario=model.scenario or "", condition=model.condition or "",
    )  # fmt: skip
    return table


def _row(claim: Claim, runs: ClaimRuns) -> list:
    if claim.outside:
        verdict = f"outside the model: {claim.outside}"
        return [claim.sentence, "", np.nan, np.nan, np.nan, "", np.nan, "", "", "", verdict, claim.said]
    values, label = _answer(claim, claim.scenario, runs)
    shares = {s: _share(claim, _answer(claim, s, runs)[0]) for s in claim.contrast}
    share = _share(claim, values)
    median, low, high = interval(values[~np.isnan(values)]) if not np.isnan(values).all() else [np.nan] * 3
    decide = _deciding(claim, values, runs)
    grade = max((runs.model.parameters["grade"][p] for p in decide), key=GRADES.index, default="assumed")
    verdict = _verdict(claim, share, shares)
    drawn = runs.draws(ModelVariant(claim.scenario, tuple(sorted(claim.set.items()))))
    parted = ", ".join(f"{s} {100 * _share(claim, x):.0f} %" for s, x in by_structure(drawn, values).items())
    told = (median, low, high, claim.unit, share, parted, grade, ", ".join(decide))
    return [claim.sentence, label, *told, verdict, claim.said]


def _share(claim: Claim, values: np.ndarray) -> float:
    return float(claim.is_met(values).mean())


def _verdict(claim: Claim, share: float, shares: dict[str, float]) -> str:
    """Put shares of draws into words."""
    agree = [s for s, x in shares.items() if x >= HOLDS]
    against = [s for s, x in shares.items() if x < HOLDS]
    if share >= HOLDS and (claim.scenario or against):
        others = ", ".join([claim.scenario or claim.reading, *agree])
        return f"holds only under scenario {others}" + (
            f"; not under {', '.join(against)}" if against else ""
        )
    if share >= HOLDS:
        return "holds"
    if agree:
        but = f"; else contradicted by {claim.contradicts}" if share <= FAILS and claim.contradicts else ""
        return f"holds only under scenario {', '.join(agree)}{but}"
    if share > FAILS:
        return "likely" if share >= LIKELY else "unlikely" if share <= UNLIKELY else "open"
    left = [s for s, x in shares.items() if x >= OPEN]
    if left:
        return f"contradicted by {claim.contradicts or 'the model'}; left open under {', '.join(left)}"
    return f"contradicted by {claim.contradicts or 'the model in all readings tried'}"


def _deciding(claim: Claim, values: np.ndarray, runs: ClaimRuns) -> list[str]:
    if claim.rests_on:
        return list(claim.rests_on)
    found = deciding(runs.draws(ModelVariant(claim.scenario, tuple(sorted(claim.set.items())))), values)
    return [name for name, rho in found.items() if abs(rho) >= STRONG] or list(found.index[:1])


def _answer(claim: Claim, scenario: str, runs: ClaimRuns) -> tuple[np.ndarray, str]:
    """One number a draw, and the regimen in words."""
    if claim.washout:
        values, label = _waits(claim, scenario, runs)
    else:
        label = runs.named[claim.regimen].label
        if claim.set:
            label += "; " + ", ".join(f"{k} = {v:g}" for k, v in claim.set.items())
        if claim.against and claim.against != claim.regimen:
            label += f" against {runs.named[claim.against].label}"
        values = _value(claim, keys_of(claim, scenario), runs)
    return claim.scale * (values / _HOURS.get(claim.unit, 1.0) + claim.shift), label


def _value(claim: Claim, keys: list[Key], runs: ClaimRuns) -> np.ndarray:
    if claim.how == "pointwise":
        return runs.apart(*keys)
    values = [_one(claim, key, runs) + claim.shift_each for key in keys]
    if not claim.against:
        return values[0]
    return values[0] / values[1] if claim.how == "ratio" else values[0] - values[1]


def _one(claim: Claim, key: Key, runs: ClaimRuns) -> np.ndarray:
    value = runs[key]
    if claim.over is not None:
        value = value / runs[key._replace(readout=claim.over)]
    return _subjects_needed(value, key, runs) if claim.subjects else value


def _subjects_needed(pain: np.ndarray, key: Key, runs: ClaimRuns) -> np.ndarray:
    """Subjects of a trial of two equal arms: 4 (z sd / effect)^2, with the effect on pain in points."""
    model, draws = runs.variant(key.variant), runs.draws(key.variant)
    rest = draws["pain_rest"].to_numpy() if "pain_rest" in draws else model.parameters["value"]["pain_rest"]
    effect = (pain - 1) * rest
    sd = float(library.table(runs.model, "trials")["sd"][REFERENCE])
    with np.errstate(divide="ignore"):
        return 4 * (_POWER * sd / effect) ** 2


def _waits(claim: Claim, scenario: str, runs: ClaimRuns) -> tuple[np.ndarray, str]:
    how = {k: v for k, v in claim.washout.items() if k not in ("level", "site")}
    ds = runs.washout(ModelVariant(scenario), how)
    drug = how["drug"]
    if how["direction"] == DIRECTIONS[0]:
        return ds["waits"].values, f"{drug} {how['dose']:g} mg, {how['days']} d, then 4.5 mg of naltrexone"
    picked = ds["regained_draws"].sel(level=claim.washout["level"], site=claim.washout["site"])
    return picked.values, f"{how['dose']:g} mg of naltrexone a day, {how['days']} d, then {drug}"
