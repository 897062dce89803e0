"""`questions`: what people ask, with the call that answers it and the answer of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError, bad
from ..textfiles import read_toml
from .pages import answer

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


def questions(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    """Answer the questions of a model's questions.toml.

    Parameters
    ----------
    model : Model
    table : DataFrame
        As `claims` returns it: the answers are quoted from there.

    Returns
    -------
    pandas.DataFrame
        A row a question, numbered from 1: ``question``, ``call``, ``answer`` with 90 % intervals, and
        ``unanswered``, what the model cannot say.

    Raises
    ------
    InputError
        If the model has no such file.
    ModelError
        If an answer quotes a claim that does not exist.
    """
    import pandas as pd

    path = model.folder / "questions.toml" if model.folder is not None else None
    if path is None or not path.is_file():
        raise bad("model", model.name, "has no questions.toml beside it")
    rows = []
    for entry in read_toml(path, ModelError)["question"]:
        parts = []
        for words, claim in entry["answers"]:
            if claim not in table.index:
                raise ModelError(f"{path.name}, {entry['question']!r}: there is no claim {claim!r}")
            parts.append(words.format(answer(table.loc[claim])))
        rows.append((entry["question"], entry["call"], "; ".join(parts), entry["unanswered"]))
    frame = pd.DataFrame(rows, columns=["question", "call", "answer", "unanswered"])
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    frame.attrs.update(table.attrs)
    return frame
