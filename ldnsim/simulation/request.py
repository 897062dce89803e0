"""What the user asked for, checked at the door and brought to one form."""

from __future__ import annotations

import contextlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..choices import BESIDE, Origin, warn_of_companions
from ..engine.solve import MAX_STEPS, check_rtol
from ..errors import BoundsWarning, a_list, bad, instance, reals, unknown, warn_user, whole
from ..model import Model
from ..model.parameters import possible
from ..numeric import as_number, as_numbers
from ..regimen import Regimen
from ..regimen.asked import days_of, regimen_of, regimens_by_name, usual
from ..subjects import no_parameter

if TYPE_CHECKING:
    import pandas as pd


PERSON = 2.0  # a person who is drawn may lie this factor beyond the bounds without a word
_LABELS = ("subject", "id", "unnamed: 0")  # what a column is called that was the index before it became text
RESERVED = frozenset(
    {
        "status",
        "clock",
        "time",
        "regimen",
        "subject",
        "model",
        "node",
        "trace",
        "state",
        "dose_time",
        "dose_drug",
        "node_time",
    }
    | {"last_interval", "mark", "marks", "run"}
    | {"fail_time", "last_state", "dose_number", "dose_end", "analyte", "threshold"}
)  # names of dimensions and coordinates


@dataclass(frozen=True)
class Axis:
    """One dimension of the result: its name, its labels, and whether the user asked for it.

    Without being asked for there is one label, and the result has no such dimension.
    """

    name: str
    labels: tuple[Any, ...]
    asked: bool

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def array(self) -> np.ndarray:
        """Labels as an array of one plain type that any file can hold; what has none becomes text.

        Raises
        ------
        InputError
            If two labels are then the same, as 1 and "1" are, or look the same, as "LDN" and "LDN " do.
        """
        found = self._plain()
        labels = found.tolist()
        looks = list(map(_look, labels)) if found.dtype.kind == "U" else labels
        if len(set(looks)) < len(looks):
            twice = next(x for x, n in Counter(looks).items() if n > 1)
            one, other = [label for label, look in zip(labels, looks, strict=True) if look == twice][:2]
            rule = "would be the label of two" if one == other else f"looks the same as {one!r}"
            raise bad(self.name, other, rule, "give labels that differ as text")
        return found

    def _plain(self) -> np.ndarray:
        kinds = set(map(type, self.labels))
        if len(kinds) == 1 or not kinds & {bool, np.bool_}:  # beside others True would become 1
            with contextlib.suppress(ValueError, OverflowError):  # tuples of several lengths
                found = np.array(self.labels)
                if found.ndim == 1 and found.dtype.kind in "biufU":
                    return found
        return np.array([str(label) for label in self.labels])


def _look(label: str) -> str:
    """Bring a text to what a reader sees of it: blanks at its ends and signs without a width are not seen."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", label) if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def models_of(model: Model | Mapping[str, Model]) -> tuple[Axis, list[Model]]:
    """Bring `model` to a list of models with their labels."""
    if isinstance(model, Model):
        return Axis("model", (model.name,), False), [model]
    instance("model", model, Mapping, "a Model or a dict of models", "ldnsim.load_model('ldn')")
    for label, value in model.items():
        instance(f"model[{label!r}]", value, Model, "a Model")
    return _axis("model", model, "model"), list(model.values())


def regimens_of(
    regimen: Regimen | str | Mapping[str, Regimen | str | None] | None,
    argument: str,
    model: Model,
    duration: float | None = None,
    lengthened: str = "",
) -> tuple[Axis, list[Regimen | None]]:
    """Bring `regimen` to a list of regimens with their labels; None is no dose, and words are read.

    Words that do not say for how long hold for `duration` (h); without it `lengthened` says what could tell.
    """
    how = model, days_of(duration)
    if regimen is None or isinstance(regimen, Regimen | str):
        return Axis("regimen", ("",), False), [regimen_of(argument, regimen, *how, lengthened=lengthened)]
    remedy = f"{usual(regimen)}, or with names {{'LDN': '4.5 mg nightly for 28 days', ...}}"
    instance(argument, regimen, Mapping, "a Regimen, its words, a dict of regimens or None", remedy)
    axis = _axis("regimen", regimen, argument)
    return axis, list(regimens_by_name(argument, regimen, *how, lengthened=lengthened).values())


def _axis(name: str, values: Mapping, argument: str) -> Axis:
    if not values:
        raise bad(argument, {}, "must hold at least one")
    axis = Axis(name, tuple(values), True)
    axis.array  # noqa: B018 - labels that cannot be told apart are refused now
    return axis


class Subjects:
    """Who is simulated: a table of parameters, checked; rows are handed out in slices.

    Parameters
    ----------
    table : DataFrame or None
        One row a subject, a column a parameter; None: one subject with the model's own values. Columns named
        in ``table.attrs["covariates"]`` describe a subject and are not parameters.
    models : sequence of Model
        All models must know all parameters.
    argument : str
        What the table is called where it was given, for messages; "draws" are draws whatever their notes say.

    Notes
    -----
    `ldnsim.choices` says what a column counts for where a model sets the same parameter.
    """

    def __init__(
        self, table: pd.DataFrame | None, models: Sequence[Model], argument: str = "subjects"
    ) -> None:
        self.seed, self._argument, self._origin = None, argument, Origin()
        if table is None:
            self.axis = Axis("subject", (0,), False)
            self.columns: tuple[str, ...] = ()
            self._numbers = np.empty((1, 0))
            self._first = 0
            return
        import pandas as pd

        usual = "ldnsim.posterior(model, 100)" if argument == "draws" else "ldnsim.population(model, 10)"
        instance(argument, table, pd.DataFrame, "a DataFrame, one row a subject", usual)
        if not len(table):
            raise bad(argument, "empty DataFrame", "must have at least one row")
        if not table.index.is_unique:
            twice = table.index[table.index.duplicated()][0]
            raise bad(argument, twice, "is the label of two rows", f"{argument}.reset_index(drop=True)")
        if not table.columns.is_unique:
            raise bad(argument, table.columns[table.columns.duplicated()][0], "is the name of two columns")
        self.axis = Axis("subject", tuple(table.index), True)
        self.seed, self._first = table.attrs.get("seed"), table.attrs.get("first", 0)
        self.columns = tuple(self._parameters(table, models))
        self._origin = Origin.of(table, drawn=argument == "draws")
        self._origin.check(models, self.columns, argument)
        for model in models:
            warn_of_companions(table, model, drawn=argument == "draws")
        self._numbers = self._checked(table)

    def _parameters(self, table: pd.DataFrame, models: Sequence[Model]) -> Iterable[str]:
        beside = {*BESIDE, *table.attrs.get("covariates", ())}
        known = [set(model.parameter_ids) for model in models]
        for name in table.columns.tolist():  # an index hands its labels out slowly one by one
            for model, ids in zip(models, known, strict=True):
                if name not in ids and name not in beside:
                    if str(name).casefold() in _LABELS:
                        remedy = f"{self._argument}.set_index({name!r})"
                        raise bad(f"{self._argument} column", name, "is no parameter; labels are the index", remedy)
                    raise no_parameter(f"{self._argument} column", name, model)
            if all(name in ids for ids in known):
                yield name

    def _checked(self, table: pd.DataFrame) -> np.ndarray:
        own = table if len(self.columns) == table.shape[1] else table[list(self.columns)]
        if all(kind.kind in "fiu" for kind in own.dtypes):
            numbers = own.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            numbers = np.stack([self._column(own[name]) for name in self.columns], axis=1)
        if not np.isfinite(numbers).all():
            row, column = np.argwhere(~np.isfinite(numbers))[0]
            where = f"{self._argument}[{self.columns[column]!r}]"
            raise bad(where, own.iat[row, column], f"row {table.index[row]!r} must be a finite number")
        return numbers

    def _column(self, values: pd.Series) -> np.ndarray:
        found = as_numbers(values)
        if found is None:
            raise bad(
                self._argument, values.name, f"is a column that does not hold numbers, but {values.dtype}"
            )
        return found

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def numbers(self) -> np.ndarray:
        """Number of each subject, which its random numbers follow; a part of a larger table counts on."""
        return self._first + np.arange(len(self))

    @property
    def draws(self) -> str:
        """Which draws of what is not known these are ("posterior"); empty for people."""
        return self._origin.draws

    @property
    def drawn(self) -> bool:
        """Whether the package drew them, people or draws, so that they scatter about the model's values."""
        return self._origin.chosen is not None

    @property
    def given(self) -> dict[str, np.ndarray]:
        """Values of each parameter in the table of subjects."""
        return {name: self._numbers[:, k] for k, name in enumerate(self.columns)}

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least and largest value of each parameter in the table of subjects."""
        ends = self._numbers.min(axis=0).tolist(), self._numbers.max(axis=0).tolist()
        return dict(zip(self.columns, zip(*ends, strict=True), strict=True))

    def values(self, model: Model, rows: slice) -> np.ndarray:
        """Parameter values of some subjects in the model's order, shape (n, n_parameters)."""
        own = self._numbers[rows]
        values = np.repeat(model.values[None, :], len(own), axis=0)
        where = {name: k for k, name in enumerate(model.parameter_ids)}
        without = self._origin.left_out(model, self.columns)
        some = [k for k, name in enumerate(self.columns) if name not in without]
        values[:, [where[self.columns[k]] for k in some]] = own[:, some]
        return values


def named(argument: str, names: Iterable[str] | str) -> tuple[str, ...]:
    """Bring a list of names to a tuple without repetition; one name may stand alone."""
    if isinstance(names, str):
        return (names,)
    least = 0 if argument == "amounts" else 1
    return tuple(dict.fromkeys(a_list(argument, names, "a list of names, at least one", least, str)))


def outputs_of(outputs: tuple[str, ...] | None, amounts: tuple[str, ...], model: Model) -> dict[str, str]:
    """Variables to return, in order: name -> the model's output, which differs for an amount.

    A quantity of the model that bears the name of a dimension or coordinate is returned with an underscore
    behind it, ``time_``, and may be asked for by either name.

    Raises
    ------
    UnknownNameError
        If the model has no such output, or no such species.
    """
    known = output_ids(model)
    renamed = {name: beside(name, known) for name in known if name in RESERVED}
    given = {shown: name for name, shown in renamed.items()}
    names = [given.get(name, name) for name in (model.observables if outputs is None else outputs)]
    for name in names:
        if name not in known:
            raise unknown("outputs", name, known, listing="model.outputs")
        if name in model.silent:
            rule = f"no effect on it was ever measured in the condition {model.condition!r}"
            raise bad("outputs", name, rule, "leave it out, or choose a condition in which it was")
    for name in amounts:
        if name not in model.amounts:
            raise unknown("amounts", name, model.amounts, listing="model.amounts")
    found = {renamed.get(name, name): name for name in names}
    return found | {renamed.get(name, name): model.amounts[name] for name in amounts}


def beside(name: str, known: Iterable[str]) -> str:
    """Return a name with as many underscores behind it as make it one that is not known."""
    taken = set(known)
    while name in taken or name in RESERVED:
        name += "_"
    return name


def output_ids(model: Model) -> dict[str, None]:
    """Ids of all that can be asked for, in order."""
    return dict.fromkeys(q.id for q in model.quantities)


def check_bounds(models: Sequence[Model], who: Subjects) -> None:
    """Refuse what cannot be, negative where the table has no such values or a share above 1; warn once of the rest."""
    found = {}
    for model in models:
        table = {p.id: p for p in model.table}
        given = {name: (value, value) for name, value in model.overrides.items()} | who.ranges
        rows = [(table[name], *ends) for name, ends in given.items() if name in table]
        slack = [PERSON if who.drawn and p.id in who.columns else 1.0 for p, *_ in rows]
        bounds = np.array([(p.lower, p.upper, s) for (p, *_), s in zip(rows, slack, strict=True)]).reshape(-1, 3).T
        ends = np.array([ends for _, *ends in rows]).reshape(-1, 2)
        suspect = _is_beyond(ends, *bounds[:, :, None]).any(axis=1)
        for (p, low, high), s in ((rows[k], slack[k]) for k in np.flatnonzero(suspect)):
            values = who.given.get(p.id, np.array([low, high]))
            first = float(values[_is_beyond(values, p.lower, p.upper, s)][0])
            possible(first, p)
            limits = " and ".join(
                w for w, b in ((f">= {p.lower:g}", p.lower), (f"<= {p.upper:g}", p.upper)) if b == b
            )
            found[p.id] = f"{p.id}={first:g} (the table says {limits} {'' if p.unit == '1' else p.unit}".rstrip() + ")"
    if found:
        warn_user(
            f"outside the bounds of the parameter table: {', '.join(found.values())}; the run goes on",
            BoundsWarning,
        )


def on_one_clock(models: Sequence[Model], regimens: Iterable[Regimen | None]) -> list[Model]:
    """Let all models of a call count time in one unit.

    In h as soon as any regimen holds a record, or if the models differ; else in the unit of the models.

    Raises
    ------
    InputError
        If a model must count in h and its unit has none.
    """
    dosed = any(r is not None and r.records for r in regimens)
    alike = len({model.time_unit or "h" for model in models}) == 1
    return list(models) if alike and not dosed else [model.in_hours() for model in models]


def refuse_metrics_of_another_clock(models: Sequence[Model]) -> None:
    """Refuse metrics of a run that does not count time in h."""
    unit = models[0].time_unit or "h"
    if unit != "h":
        rule = f"are counted in h, and a run of {models[0].name!r} without a dose counts in {unit}"
        raise bad("metrics", "...", rule, "simulate model.in_hours()")


def _is_beyond(values: np.ndarray, lower, upper, slack) -> np.ndarray:
    """Say which values are out of bounds, by more than a person on top of a posterior draw may be."""
    slack = np.where(np.less_equal(upper, 1.0), 1.0, slack)
    lowest = np.where(np.greater(lower, 0.0), np.divide(lower, slack), np.multiply(lower, slack))
    return (values < lowest) | (values > upper * slack)


def check_numbers(
    threads: int | None,
    rtol: float,
    dtype: str = "float64",
    atol: float | np.ndarray | None = None,
    max_steps: int = MAX_STEPS,
) -> None:
    """Refuse what no engine could use, before equations are compiled."""
    if threads is not None:
        whole("threads", threads, 1, "None takes one a core")
    whole("max_steps", max_steps, 1)
    check_rtol(rtol)
    if atol is not None and not np.isfinite(as_number(atol)):
        reals("atol", atol, "must be a finite number >= 0, or one for each state")
    if str(dtype) not in ("float64", "float32"):
        raise bad("dtype", dtype, "must be 'float64' or 'float32'")


def warn_without_effect(given: Mapping[str, bool], why: str) -> None:
    """Warn of arguments that were given and change nothing."""
    for name, was in given.items():
        if was:
            warn_user(f"{name} has no effect {why}")


def seed_of(seed: int | None, models: Sequence[Model], who: Subjects, drawn: bool = False) -> int | None:
    """Return the seed of what is drawn by lot, None where nothing is; warn of one that has no effect."""
    seed = None if seed is None else whole("seed", seed)
    if not drawn and not any(model.structure.draws_lots for model in models):
        warn_without_effect({"seed": seed is not None}, "where no model has several events with a priority")
        return None
    chosen = who.seed if seed is None else seed
    return 0 if chosen is None else chosen
