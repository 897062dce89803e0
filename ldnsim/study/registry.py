"""`registered`: what each structure predicts of studies whose answer is not known yet, dated and hashed."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import library
from ..door import check_kinds
from ..errors import bad
from ..inference.arguments import a_model
from ..inference.draws import posterior
from ..simulation import simulate
from .draws import interval
from .statement import regimen_of

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

ALL = "all"
STEP = 0.5  # h
_USUAL = {"scale": 1.0, "shift": 0.0, "against": "", "caveat": ""}


def registered(model: Model | None = None, *, threads: int | None = None) -> pd.DataFrame:
    """Predict studies that are under way or not yet begun.

    Parameters
    ----------
    model : Model, optional
        With a ``studies.toml``; the shipped ``ldn`` by default.
    threads : int, optional
        As for `simulate`.

    Returns
    -------
    DataFrame
        One row a study and structure, and one of all structures together ("all"): ``study``, ``structure``,
        ``registration``, ``title``, ``regimen``, ``words``, ``median``, ``low`` and ``high`` (90 % of the
        posterior draws: what the mean of a very large study would show), ``unit``, ``draws``, ``caveat``.

    Raises
    ------
    InputError
        If the model has no studies.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.registered().structure.unique()[0]  # doctest: +SKIP
    'all'
    """
    import pandas as pd

    check_kinds(registered, locals(), "model")
    model = library.load_model(library.DEFAULT_MODEL) if model is None else a_model(model)
    studies = _studies(model)
    draws, rows = posterior(model), []
    for study in studies:
        values = _values(model, study, draws, threads)
        groups = {ALL: np.full(len(draws), True)}
        if "structure" in draws:
            groups |= {
                name: (draws["structure"] == name).to_numpy() for name in sorted(set(draws["structure"]))
            }
        for name, some in groups.items():
            median, low, high = interval(values[some])
            rows.append(
                {
                    "study": study["id"],
                    "structure": name,
                    **{k: study[k] for k in ("registration", "title", "words", "unit", "caveat")},
                    "regimen": study["label"],
                    "median": float(median),
                    "low": float(low),
                    "high": float(high),
                    "draws": int(some.sum()),
                }
            )
    return pd.DataFrame(rows)


def _studies(model: Model) -> list[dict[str, Any]]:
    path = model.folder / "studies.toml" if model.folder is not None else None
    if path is None or not path.is_file():
        raise bad("model", model.name, "has no studies.toml beside it")
    return [_USUAL | entry for entry in tomllib.loads(path.read_text(encoding="utf-8"))["study"]]


def _values(model: Model, study: dict[str, Any], draws: pd.DataFrame, threads: int | None) -> np.ndarray:
    """One number a draw."""
    regimen = regimen_of(study["doses"])
    last = max(dose.time for dose in regimen.doses)
    times = last + (
        np.arange(0, study["over"] + STEP / 2, STEP) if "over" in study else np.array([study["at"]])
    )
    trial = bool(study["against"])
    subjects = draws.assign(in_trial=1.0) if trial else draws
    subjects.attrs = draws.attrs

    def course(doses) -> np.ndarray:
        ds = simulate(
            model, doses, subjects=subjects, times=times, outputs=[study["variable"]], threads=threads
        )
        return ds[study["variable"]].transpose("subject", "time").values.mean(axis=1)

    found = course(regimen) - (course(None) if trial else 0.0)
    return study["scale"] * (found + study["shift"])


def record(table: pd.DataFrame, model: Model, date: str, earlier: Path | None = None) -> dict[str, Any]:
    """Put predictions on record.

    Parameters
    ----------
    table : DataFrame
        Of `registered`.
    model : Model
    date : str
        Of today, as 2026-11-29.
    earlier : Path, optional
        A record made before: where its predictions are the same, its date stays.

    Returns
    -------
    dict
        ``date``, ``model_hash``, ``sha256`` of the predictions as canonical JSON, and ``predictions``.
    """
    rows = [
        {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in row.items()}
        for row in table.to_dict("records")
    ]
    digest = digest_of(rows)
    if earlier is not None and earlier.is_file():
        known = json.loads(earlier.read_text(encoding="utf-8"))
        date = known["date"] if known.get("sha256") == digest else date
    return {"date": date, "model_hash": model.hash, "sha256": digest, "predictions": rows}


def digest_of(rows: list[dict[str, Any]]) -> str:
    """Hash predictions: SHA-256 of their canonical JSON."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def page(kept: dict[str, Any]) -> str:
    """Write a record as a page."""
    lines = [
        "# Predictions, registered",
        f"What each structure of the feedback predicts of studies whose answer is not known yet, put on record on "
        f"{kept['date']} so that time can prove it wrong. SHA-256 of the predictions in `predictions.json`: "
        f"`{kept['sha256']}`. Intervals hold 90 % of the posterior draws: what the mean of a very large study would "
        "show; a small one scatters more. For research, not medical advice.",
    ]
    for study in dict.fromkeys(row["study"] for row in kept["predictions"]):
        rows = [row for row in kept["predictions"] if row["study"] == study]
        one = rows[0]
        lines += [
            f"## {one['title']}",
            f"Registration: {one['registration']}. {one['regimen']}: {one['words']}, {one['unit']}. "
            f"Caveat: {one['caveat']}.",
            "\n".join(
                ["| structure | median | 90 % | draws |", "| --- | --- | --- | --- |", *map(_line, rows)]
            ),
        ]
    return "\n\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    numbers = f"{row['median']:.3g} | {row['low']:.3g} to {row['high']:.3g} | {row['draws']}"
    return f"| {row['structure']} | {numbers} |"
