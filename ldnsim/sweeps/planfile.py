"""A sweep as a TOML file: data, checked key by key, never run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import a_path, bad, unknown, whole
from ..library import load_model
from ..numeric import as_number
from ..regimen.record import check_days
from ..subjects import population
from ..textfiles import read_toml
from .grid import DOSING, worded

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model

RUN = ("duration", "every", "times", "chunk", "method", "rtol", "threads")
KEYS = (
    "model", "scenario", "condition", "parameters", "over", "population", "draws", "metrics", "outputs", "store",
)  # fmt: skip
POPULATION = ("n", "seed", "covariates")
_TEXT = ("model", "scenario", "condition", "store", "method")
_LISTS = ("metrics", "outputs")
_TABLES = ("parameters", "over", "population")


def read_plan(path: str | Path, draw: Callable[[Model, int], pd.DataFrame]) -> dict[str, Any]:
    """Read a sweep from a file.

    Parameters
    ----------
    path : str or Path
        TOML with the keys of `KEYS`, arguments of the regimen or a ``regimen`` in words, and options of the
        run. In the table ``over`` names joined by a comma are varied together: ``"dose, at" = [[4.5,
        "22:00"], [50, "08:00"]]``; its table ``regimen`` names regimens in words.
    draw : callable
        Gives ``draws = 200`` of a model, as `ldnsim.posterior` does.

    Returns
    -------
    dict
        Arguments of `ldnsim.sweep`.

    Raises
    ------
    InputError
        If the file cannot be read (with the line), or a value cannot be used; the message names the key.
    UnknownNameError
        If a key does not exist.
    """
    plan = read_toml(a_path("plan", path))
    if not plan:
        raise bad("plan", str(path), "says nothing", "[over] and below it dose = [1.5, 4.5]")
    for key in plan:
        if key not in (*KEYS, *DOSING, *RUN):
            raise unknown("key", key, (*KEYS, *DOSING, *RUN), limit=99)
    for names, kind, words in ((_TEXT, str, "text"), (_TABLES, dict, "a table"), (_LISTS, list, "a list")):
        for key in names:
            if key in plan and not isinstance(plan[key], kind):
                raise bad(key, plan[key], f"must be {words}")
    if not plan.get("over"):
        raise bad(
            "over", plan.get("over"), "must say what is varied", "[over] and below it dose = [1.5, 4.5]"
        )
    model = load_model(plan.pop("model", "ldn"))
    model = model.with_scenario(plan.pop("scenario", None)).with_condition(plan.pop("condition", None))
    model = model.with_parameters(**plan.pop("parameters", {}))
    _check_days(plan)
    _worded(plan, model)
    if "population" in plan:
        plan["subjects"] = _people(model, plan.pop("population"))
    if "draws" in plan:
        plan["draws"] = draw(model, whole("draws", plan["draws"], 1))
    return {**plan, "model": model, "over": {_names(k): _points(k, v) for k, v in plan["over"].items()}}


def _people(model: Any, told: Mapping[str, Any]) -> Any:
    for key in told:
        if key not in POPULATION:
            raise unknown("population key", key, POPULATION)
    if "n" not in told:
        raise bad("population.n", None, "must be given", "n = 100")
    return population(model, **told)


def _check_days(plan: Mapping[str, Any]) -> None:
    """Refuse more days than a command takes."""
    varied = plan["over"].get("days", [])
    for days in (plan.get("days"), *(varied if isinstance(varied, list) else [])):
        check_days("days", as_number(days))


def _worded(plan: dict[str, Any], model: Model) -> None:
    """Read regimens in words, in place; the days of the plan are those of words that do not say."""
    texts = plan["over"].get("regimen")
    if texts is not None and (not isinstance(texts, dict) or not texts):
        remedy = "[over.regimen] and below it evening = '4.5 mg at 22:00'"
        raise bad("over.regimen", texts, "must be a table of regimens in words", remedy)
    held: dict[str, Any] = {name: plan.pop(name) for name in ("regimen", "days") if name in plan}
    plan["over"], held = worded(model, plan["over"], held, plan.get("duration"))
    plan.update(held)


def _names(key: str) -> str | tuple[str, ...]:
    names = tuple(name.strip() for name in key.split(","))
    return names[0] if len(names) == 1 else names


def _points(key: str, values: Any) -> Any:
    """Bring values to a list; those of several names to tuples; an empty text is the default preset."""
    if key == "regimen":
        return values
    if not isinstance(values, list):
        raise bad(f"over.{key}", values, "must be a list of values")
    if "," in key:
        return [tuple(v) if isinstance(v, list) else v for v in values]
    return [None if v == "" else v for v in values] if key in ("scenario", "condition") else values
