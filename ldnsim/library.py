"""The one reader of models/: finds models, tables, evidence and references, in a wheel or a checkout."""

from __future__ import annotations

import csv
import difflib
import functools
import math
from collections.abc import Iterable
from io import StringIO
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .door import check_kinds
from .errors import ModelError, a_list, a_path, bad, unknown
from .model import Model, bibliography
from .model.files import text_of
from .model.folder import owner_of, read_folder
from .model.tables import rows_in
from .numeric import number_of
from .textfiles import read_text

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_MODEL = "ldn"
_SUFFIXES = (".ant", ".xml", ".sbml")


@functools.cache
def models_folder() -> Path:
    """Return the folder with the shipped models: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "_models", package.parent / "models"):
        if folder.is_dir():
            return folder
    raise ModelError(f"no models are found beside {package}; install ldnsim again")


def list_models() -> list[str]:
    """List the names of the shipped models.

    Returns
    -------
    list of str
        Sorted.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> "ldn" in ldn.list_models()
    True
    """
    return sorted(path.parent.name for path in models_folder().glob("*/model.ant"))


def load_model(name_or_path: str | Path) -> Model:
    """Load a shipped model by name, or any model from a file.

    Parameters
    ----------
    name_or_path : str or Path
        A name of `list_models`, the path of an Antimony (``.ant``) or SBML (``.xml``, ``.sbml``) file, or of
        a folder made like the shipped ones (``model.ant`` with ``parameters.csv``).

    Returns
    -------
    Model
        An immutable value, under the default scenario and without a disease.

    Raises
    ------
    UnknownNameError
        If there is no such model; the message suggests the nearest name.
    InputError
        If there is no such file; the message names those beside it.
    ModelError
        If the model cannot be read, with the line.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.load_model("naltrexone_pk").name
    'naltrexone_pk'
    """
    if isinstance(name_or_path, str) and not name_or_path:
        raise unknown("model", name_or_path, list_models())
    path = a_path("name_or_path", name_or_path)
    if isinstance(name_or_path, str) and name_or_path in list_models():
        return _load_folder(models_folder() / name_or_path)
    if path.is_dir() and (path / "model.ant").is_file():
        return _load_folder(path.resolve())
    if path.is_file():
        if path.name == "model.ant" and owner_of(path.parent, "parameters.csv"):
            return _load_folder(path.resolve().parent)
        return _load_file(path)
    if path.suffix in _SUFFIXES or len(path.parts) > 1 or path.is_dir():
        raise _no_file(path)
    raise unknown("model", str(name_or_path), list_models())


def _no_file(path: Path) -> Exception:
    """Say what of a path is missing: its folder, or the file, with those that are there."""
    if path.is_dir():
        return bad("model", str(path), "is a folder without model.ant", "give the path of a model file")
    if not path.parent.is_dir():
        return bad("model", str(path), "there is no such file", f"there is no folder {str(path.parent)!r}")
    there = sorted(p.name for p in path.parent.iterdir() if p.suffix in _SUFFIXES)
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.5)
    remedy = "did you mean " + " or ".join(map(repr, near)) + "?" if near else ""
    if there and not near:
        remedy = f"in this folder there are {', '.join(there[:5])}" + (", ..." if len(there) > 5 else "")
    return bad("model", str(path), "there is no such file", remedy)


def _load_file(path: Path) -> Model:
    if path.suffix not in _SUFFIXES:
        raise ModelError(f"{path}: a model file ends in {', '.join(_SUFFIXES)}")
    if not path.stat().st_size:
        raise ModelError(f"{path}: is an empty file")
    try:
        if path.suffix == ".ant":
            return Model.from_antimony(text_of(path), folder=path.parent)
        return Model.from_sbml(path)
    except ModelError as error:
        if path.name in str(error):
            raise
        raise ModelError(f"{path}: {error}") from None


def _load_folder(folder: Path) -> Model:
    newest = max(file.stat().st_mtime_ns for file in (*folder.iterdir(), *_lent(folder)))
    return _read_folder(folder, newest)


def _lent(folder: Path) -> list[Path]:
    owner = owner_of(folder, "parameters.csv")
    return [owner / "parameters.csv"] if owner else []


@functools.lru_cache(maxsize=32)
def _read_folder(folder: Path, newest: int) -> Model:
    return read_folder(folder)


def is_shipped(model: Model) -> bool:
    """Tell whether a model is a shipped one, not one of one's own with the same name."""
    return model.folder == models_folder() / model.name


def table(model: Model | str, name: str) -> pd.DataFrame:
    """Read a table of a model's folder.

    Parameters
    ----------
    model : Model or str
        A shipped model, or its name.
    name : str
        File name without ``.csv``: ``"formulations"``, ``"conditions"``, ``"drugs"``, ...

    Returns
    -------
    DataFrame
        Indexed by the column that names the row. Columns of numbers are float, others text (``""``: empty).

    Raises
    ------
    UnknownNameError
        If the model has no such table.
    """
    if isinstance(model, str) and model not in list_models():
        raise unknown("model", model, list_models())
    path = table_file(model, name)
    if path is None:
        folder = _folder_of(model)
        raise unknown("table", name, sorted(p.stem for p in folder.glob("*.csv")) if folder else [])
    return table_of(path)


def table_file(model: Model | str, name: str) -> Path | None:
    """Find the file of a model's table, its own or a borrowed one; None where there is no such table."""
    folder = _folder_of(model)
    owner = owner_of(folder, f"{name}.csv") if folder else None
    return owner / f"{name}.csv" if owner else None


def _folder_of(model: Model | str) -> Path | None:
    return models_folder() / model if isinstance(model, str) else model.folder


def has_table(model: Model, name: str) -> bool:
    """Tell whether a model's folder holds a table (a model read from a file holds none)."""
    return table_file(model, name) is not None


def rows_of(model: Model, name: str) -> list[Any]:
    """List the rows of one of the model's tables; none where it has no such table."""
    return list(table(model, name).reset_index().itertuples()) if has_table(model, name) else []


def table_of(path: Path) -> pd.DataFrame:
    """Read the file of a table; see `table`."""
    frame = _read_csv(path)
    return frame.set_index({"formulations": "formulation"}.get(path.stem, frame.columns[0]))


def _read_csv(path: Path) -> pd.DataFrame:
    """Read a table, which nobody may change: it is handed out again."""
    return _parsed(read_text(path, ModelError), path.name)


@functools.lru_cache(maxsize=64)
def _parsed(text: str, name: str) -> pd.DataFrame:
    """Take a table apart; that of the draws is asked for again and again."""
    import pandas as pd

    rows = rows_in(text, name)
    names = next(csv.reader(StringIO(text)))
    columns = {column: _numbers([row[column] for row in rows]) for column in names}
    return pd.DataFrame(columns, dtype=None if rows else str)  # without rows Pandas takes columns for numbers


def _numbers(cells: list[str]) -> list[float] | list[str]:
    """Return what is written in a column as numbers if all that is filled is one, an empty cell as NaN."""
    numbers = [number_of(cell) for cell in cells]
    told = [cell != "" for cell in cells]
    return numbers if any(told) and all(map(math.isfinite, compress(numbers, told))) else cells


def formulations() -> pd.DataFrame:
    """List the formulations of the ldn model.

    Returns
    -------
    DataFrame
        Indexed by name, one row or more each (a dose may be split): drug, dosed state, fraction, lag (h),
        duration (h), grade, source.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> "slow_release" in ldn.formulations().index
    True
    """
    return table(DEFAULT_MODEL, "formulations")


def conditions() -> pd.DataFrame:
    """List the conditions (diseases) of the ldn model.

    Returns
    -------
    DataFrame
        Indexed by name: what each rests on, the parameters it sets (NaN: as it is), grade, source.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.conditions().grade["fibromyalgia"] in ("measured", "fitted", "assumed")
    True
    """
    return table(DEFAULT_MODEL, "conditions")


def drugs() -> pd.DataFrame:
    """List the drugs that can be dosed.

    Returns
    -------
    DataFrame
        Indexed by name: unit of the dose, usual formulation, and the parameters that each sets.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.drugs().unit["naltrexone"], ldn.drugs().unit["lps"]
    ('mg', 'ng/kg')
    """
    return table(DEFAULT_MODEL, "drugs")


def evidence() -> pd.DataFrame:
    """Return the shipped published measurements.

    Returns
    -------
    DataFrame
        One row each, with value, unit, spread and source. The column ``area`` says which file a row comes
        from: ``pk``, ``receptor``, ``immune``, ...

    Examples
    --------
    >>> import ldnsim as ldn
    >>> {"quantity", "value", "unit", "source"} <= set(ldn.evidence().columns)
    True
    """
    import pandas as pd

    files = sorted((models_folder() / "evidence").glob("*.csv"))
    if not files:
        raise ModelError(f"no evidence is found in {models_folder()}; install ldnsim again")
    frames = [_read_csv(path).assign(area=path.stem) for path in files]
    return pd.concat(frames, ignore_index=True)


def references(keys: Iterable[str] | str | None = None) -> str:
    """Return BibTeX entries of the shipped references.

    Parameters
    ----------
    keys : str or iterable of str, optional
        Keys, as in the ``source`` columns (``"Key1;Key2"`` too); all entries if not given.

    Returns
    -------
    str
        The entries, one after another.

    Raises
    ------
    UnknownNameError
        For a key that does not exist.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.references(ldn.drugs().source["morphine"]).startswith("@")
    True
    """
    check_kinds(references, locals(), "keys")
    path = models_folder() / "references.bib"
    if keys is None:
        return bibliography.bibtex(path, bibliography.entries(path))
    listed = [keys] if isinstance(keys, str) else a_list("keys", keys, "a key, or a list of keys", kinds=str)
    return bibliography.bibtex(path, bibliography.keys_of(listed), "keys")
