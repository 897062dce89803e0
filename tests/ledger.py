"""A ledger of answers: what many calls of the package gave, kept as short sums, and held against what they give now.

    python -m tests.ledger              # writes the ledgers anew, and names what changed
    python -m tests.ledger regimen data # of these parts only

Its cases are in `tests/<part>/cases.py`, functions in a dictionary ``CASES``, its sums in `tests/<part>/ledger.json`.
A case may give numbers, texts, tables, results, records, or lists and dictionaries of these. Kept of it are how many
numbers there are, two sums of them, each with weights of its own and in folds rather than units, and a checksum of
all that is no number. What is refused is kept as the kind of error and the argument that it names, never its words.

A ledger proves nothing by itself: it says that an answer, right when it was kept, is another one now. Look at what
changed before it is written anew.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import math
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

TESTS = Path(__file__).parent
TOLERANCE = 1e-6  # of each number, relative; what lies below a millionth is held to that size
_SMALL = 1e-6
OF_OTHERS = {"_CATEGORIES"}  # constants that a library counts up
REFUSED = ValueError, KeyError, ArithmeticError


def parts_of(thing: Any) -> Iterator[float | str]:
    """Walk an answer: its numbers, and as text all that is none."""
    import pandas as pd
    import xarray as xr

    if isinstance(thing, xr.Dataset):
        for name in sorted(map(str, thing.variables)):
            yield f"{name} {thing[name].dims} {thing[name].attrs.get('units', '')}"
            yield from parts_of(thing[name].values)
    elif isinstance(thing, xr.DataArray):
        yield from parts_of(thing.to_dataset(name="values"))
    elif isinstance(thing, pd.DataFrame):
        yield from parts_of(thing.index)
        for place, name in enumerate(thing.columns):
            yield str(name)
            yield from parts_of(thing.iloc[:, place])
    elif isinstance(thing, pd.Series | pd.Index):
        # What is missing among texts is None or NaN, as the release of pandas has it.
        yield from parts_of([math.nan if x is None else x for x in thing.tolist()])
    elif isinstance(thing, np.ndarray):
        yield str(thing.shape)
        yield from parts_of(thing.ravel().tolist())
    elif isinstance(thing, bool | np.bool_ | int | float | np.number):
        yield float(thing)
    elif isinstance(thing, Mapping):
        for name, value in thing.items():
            yield str(name)
            yield from parts_of(value)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield from parts_of({f.name: getattr(thing, f.name) for f in dataclasses.fields(thing)})
    elif isinstance(thing, set | frozenset):
        yield from parts_of(sorted(thing, key=str))
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from parts_of(value)
    else:
        yield str(thing)


def sums_of(thing: Any) -> list[Any]:
    """Return what is kept of an answer: a checksum of texts, how many numbers, and two sums of them."""
    numbers, texts = [], []
    for part in parts_of(thing):
        if isinstance(part, float) and math.isfinite(part):
            numbers.append(part)
        else:
            texts.append(f"{len(numbers)}: {part}")
    folds = np.arcsinh(np.clip(np.array(numbers), -1e300, 1e300) / _SMALL)
    order = np.arange(len(folds))
    sums = (float((folds * (1.0 + (order * step) % 1.0)).sum()) for step in (0.6180339887, 0.4142135624))
    return [
        f"{zlib.crc32(chr(10).join(texts).encode()):08x}",
        len(folds),
        *(float(f"{s:.13g}") for s in sums),
    ]


def differs(kept: list[Any], now: list[Any], tolerance: float) -> str:
    """Say what is another one now; empty where nothing is."""
    if kept[1] != now[1]:
        return f"{now[1]} numbers, not {kept[1]}"
    most = 2.0 * tolerance * math.sqrt(1.0 + now[1]) + 1e-12 * abs(now[2])
    gap = max(abs(a - b) for a, b in zip(kept[2:], now[2:], strict=True))
    if not gap <= most:
        return f"numbers that differ by {gap / most * tolerance:.2g}"
    return "" if kept[0] == now[0] else "other texts, places or missing numbers"


def told(call: Callable[..., Any], *given: Any, **how: Any) -> Any:
    """Make a call: its answer and the kinds of its warnings, or the kind of its error and what that names.

    Warnings that other packages give their developers differ from release to release and do not count.
    """
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            answer = call(*given, **how)
        except REFUSED as error:  # an answer too
            answer = [type(error).__name__, str(error).partition("=")[0].partition(":")[0][:30]]
    kinds = {w.category for w in warned if not issubclass(w.category, DeprecationWarning | FutureWarning)}
    return [answer, sorted(kind.__name__ for kind in kinds)]


def defaults_of(part: str) -> dict[str, Any]:
    """Return what public functions of a part do where nobody says more: the defaults of their arguments."""
    import ldnsim as ldn

    found = {}
    here = dir(importlib.import_module(f"ldnsim.{part}"))  # nothing else is loaded
    for name in sorted(set(ldn.__all__) & set(here)):
        thing = getattr(ldn, name)
        own = getattr(thing, "__module__", "").startswith(f"ldnsim.{part}.")
        for member, call in (
            [("", thing), *vars(thing).items()] if own and isinstance(thing, type) else [("", thing)]
        ):
            call = getattr(call, "__func__", call)
            if own and callable(call) and not member.startswith("_") and not isinstance(call, type):
                given = inspect.signature(call).parameters.values()
                plain = {
                    p.name: p.default
                    for p in given
                    if isinstance(p.default, bool | int | float | str | tuple)
                }
                found[f"{name}.{member}"] = plain
    return found


def constants_of(part: str) -> dict[str, Any]:
    """Return numbers that modules of a part set: at their heads, and as defaults of functions and of fields."""
    top, found = Path(importlib.import_module("ldnsim").__file__).parent, {}
    for path in sorted((top / part).rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        targets = [t for line in body if isinstance(line, ast.Assign) for t in line.targets]
        targets += [line.target for line in body if isinstance(line, ast.AnnAssign)]
        names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and n.id.isupper()]
        names = [name for name in names if name not in OF_OTHERS]
        names += [line.name for line in body if isinstance(line, ast.FunctionDef | ast.ClassDef)]
        place = path.relative_to(top).with_suffix("")
        module = importlib.import_module(".".join(("ldnsim", *place.parts)).removesuffix(".__init__"))
        own = {name: list(_numbers(_defaults(getattr(module, name, None)))) for name in names}
        found |= {f"{place.as_posix()} {name}": numbers for name, numbers in own.items() if numbers}
    return found


def _defaults(thing: Any) -> Any:
    """Return the defaults of a function, or of the methods and fields of a class; anything else as it is."""
    if isinstance(thing, type):
        methods = [_defaults(m) for m in vars(thing).values() if isinstance(m, classmethod | FunctionType)]
        return [list(thing) if issubclass(thing, Enum) else _of_fields(thing), *methods]
    thing = inspect.unwrap(thing.__func__ if isinstance(thing, classmethod) else thing)
    return [thing.__defaults__, thing.__kwdefaults__] if inspect.isfunction(thing) else thing


def _numbers(thing: Any) -> Iterator[float]:
    if isinstance(thing, Mapping):
        thing = [*thing, *thing.values()]
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        thing = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    elif isinstance(thing, np.ndarray):
        thing = thing.ravel().tolist()
    elif isinstance(thing, set | frozenset):
        thing = sorted(thing, key=str)
    if isinstance(thing, list | tuple):
        for part in thing:
            yield from _numbers(part)
    elif isinstance(thing, int | float | np.number) and not isinstance(thing, bool):
        yield float(thing)


def _of_fields(kind: type) -> dict[str, Any]:
    """Return the defaults of a dataclass or of a named tuple."""
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return {field.name: field.default for field in fields} | getattr(kind, "_field_defaults", {})


def rows_of(
    name: str, things: list[Any], each: Callable[[Any], Any], size: int = 20
) -> dict[str, Callable[[], Any]]:
    """Return cases of so many things each."""
    return {
        f"{name} {k + 1}-{min(k + size, len(things))}": lambda some=things[k : k + size]: [
            each(x) for x in some
        ]
        for k in range(0, len(things), size)
    }


def cases_of(part: str) -> dict[str, Callable[[], Any]]:
    """Return the cases of a part of the package."""
    return importlib.import_module(f"tests.{part}.cases").CASES


def tolerance_of(part: str, name: str) -> float:
    """Return the relative tolerance of the numbers of a case."""
    own = {"constants": 1e-9} | getattr(importlib.import_module(f"tests.{part}.cases"), "TOLERANCES", {})
    return own.get(name, TOLERANCE)


def kept_of(part: str) -> dict[str, list[Any]]:
    """Return what was kept of a part of the package."""
    path = TESTS / part / "ledger.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main() -> int:
    """Write ledgers anew and name what changed."""
    parts = sys.argv[1:] or sorted(p.parent.name for p in TESTS.glob("*/cases.py"))
    for part in parts:
        before, now = kept_of(part), {name: sums_of(case()) for name, case in cases_of(part).items()}
        for name in dict.fromkeys([*before, *now]):
            if name not in now or name not in before:
                print(f"{part}, {name}: {'new' if name in now else 'gone'}")
            elif what := differs(before[name], now[name], tolerance_of(part, name)):
                print(f"{part}, {name}: {what}")
            else:
                now[name] = before[name]
        rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(row)}" for name, row in now.items())
        (TESTS / part / "ledger.json").write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
