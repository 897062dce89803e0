"""Options that several commands share, and the model they choose."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import bad, whole
from ..io import SUFFIXES
from ..numeric import number_of
from ..regimen.record import check_days
from ..units import BLOCKED
from . import files

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model


class _Plain:
    """Refuses digits that Python alone reads: 1_5 is no 15."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a number; a default is one already."""
        if isinstance(value, str) and ("_" in value or not value.isascii()):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return super().convert(value, param, ctx)


class _Float(_Plain, type(click.FLOAT)):
    """As click.FLOAT."""


class _Whole(_Plain, type(click.INT)):
    """As click.INT."""


class _Days(_Whole):
    """As WHOLE, and not so many that no run would come to their end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a number of days."""
        days = super().convert(value, param, ctx)
        check_days("--days", days)
        return days


NUMBER, WHOLE, DAYS = _Float(), _Whole(), _Days()


def _apply(*options: Callable) -> Callable:
    def decorate(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


change_options = _apply(
    click.option("--scenario", help="Named set of assumptions; `ldnsim models NAME` lists them."),
    click.option("--condition", help="Preset of a disease; `ldnsim models NAME` lists them."),
    click.option(
        "--param",
        "params",
        multiple=True,
        metavar="ID=VALUE",
        help="Change a parameter; may be repeated.",
    ),
)


def _of_model(kinds: str) -> Callable:
    return _apply(
        click.option(
            "--model",
            default="ldn",
            show_default=True,
            help=f"Name of a shipped model, or a path to {kinds}.",
        ),
        change_options,
    )


model_options = _of_model(".ant or .xml")
folder_options = _of_model("the folder of one")  # where tables are needed beside the equations


def _moved(new: str, why: str) -> Callable:
    """Make a callback that refuses an option and names the one meant."""

    def refuse(context: click.Context, option: click.Parameter, value: Any) -> None:
        if value is not None:
            raise bad(option.name, value, why, f"{new} {value}".removesuffix(".0"))

    return refuse


def renamed(old: str, new: str) -> Callable:
    """Make the hidden option of an earlier name; it is refused, and the name of today given."""
    return click.option(old, hidden=True, expose_value=False, callback=_moved(new, f"is called {new}"))


def interval_option(words: str) -> Callable:
    """Make the option of a dosing interval for a command that has no output step; --every is refused."""
    rule = "is the output step of other commands, and no interval between doses"
    return _apply(
        click.option("--ii", type=NUMBER, help=words),
        click.option("--every", type=NUMBER, hidden=True, expose_value=False, callback=_moved("--ii", rule)),
    )


dosing_options = _apply(
    click.argument("regimen", required=False),
    click.option("--dose", type=NUMBER, help="Dose, mg; instead of a REGIMEN in words."),
    click.option("--at", help="Clock time of the dose, or hours.  [default: 00:00]"),
    click.option("--ii", type=NUMBER, help="Hours between doses.  [default: 24]"),
    click.option("--formulation", help="capsule, slow_release, solution, ...: a row of `ldnsim models ldn`."),
    click.option("--drug", help="Drug that is given.  [default: naltrexone]"),
    click.option("--cmt", help="Dosed state, in a model of your own."),
)  # of a command that takes one regimen; `regimens.one_of` makes it

start_options = _apply(
    click.option("--dose", help="Dose when the page opens, mg."),
    click.option("--at", help="Clock time of the dose then."),
    click.option("--days", help="Days of treatment then."),
    click.option(
        "--set", "fixed", multiple=True, metavar="CONTROL=VALUE",
        help="What another control stands at: formulation=cream, opioid=tramadol, weight=60; may be repeated.",
    ),
)  # of a command that makes a page; `start_of` reads them  # fmt: skip


def start_of(dose: str | None, at: str | None, days: str | None, fixed: tuple[str, ...]) -> dict[str, Any]:
    """Return what the controls of a page are to stand at, as far as it is said."""
    given = {"dose": dose, "at": at, "days": days}
    named = [(name, value) for name, value in given.items() if value is not None]
    return unique("set", [*named, *(pair("set", text, ", such as weight=60") for text in fixed)])


draws_options = _apply(
    click.option(
        "--draws",
        type=WHOLE,
        default=200,
        show_default=True,
        help="Draws of the uncertain parameters, from which intervals come.",
    ),
    click.option("--seed", type=WHOLE, default=0, show_default=True, help="Which draws."),
)


def drawn(model: Model, draws: int, seed: int | None = None) -> pd.DataFrame:
    """Return so many draws of the posterior as --draws asks for."""
    from ..inference.draws import count_of, posterior

    most = count_of(model)
    if whole("--draws", draws, 1) > most:
        raise bad("--draws", draws, f"must be at most the {most} draws shipped")
    return posterior(model, draws, seed)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

run_options = _apply(
    click.option(
        "--days", type=DAYS, default=28, show_default=True, help="Days of treatment; of a single dose, if given, of the run."
    ),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        help="Print this instead of the usual numbers: one of `ldnsim models NAME --metrics`, a text such as "
        '"mean(endorphin)", or opioid_effect_left, of an opioid beside naltrexone; may be repeated.',
    ),
    click.option(
        "--draws", type=WHOLE, help="Give medians and 90 % intervals of so many draws of the posterior."
    ),
    click.option("--seed", type=WHOLE, help="Which draws.  [default: the first]"),
    click.option(
        "--every",
        type=NUMBER,
        default=0.25,
        show_default=True,
        help="Output step, h; --ii is an interval between doses.",
    ),
    click.option("--method", default="auto", show_default=True, help="Solver: auto, fast, LSODA, BDF, ..."),
    click.option(
        "--rtol", type=NUMBER, default=1e-6, show_default=True, help="Relative tolerance of the solver."
    ),
    click.option(
        "--threshold",
        type=NUMBER,
        default=BLOCKED,
        show_default=True,
        help="Occupancy that counts as blocked.",
    ),
    files.out_option("Write the table that is printed, or with .nc or .zarr the whole result", SUFFIXES),
    click.option(
        "--course", type=click.Path(path_type=Path), help="Write the whole course: .nc, .zarr, .csv, ..."
    ),
    files.figure_option(),
    click.option(
        "--panel",
        "panels",
        multiple=True,
        metavar="VARIABLE",
        help="Draw this variable instead of the usual ones, over the last two days of a comparison; may be repeated.",
    ),
    json_option,
)


def chosen_model(model: str, scenario: str | None, condition: str | None, params: tuple[str, ...]) -> Model:
    """Load a model and change it as the options say."""
    import ldnsim as ldn

    chosen = ldn.load_model(model)
    if scenario is not None:
        chosen = chosen.with_scenario(scenario)
    if condition is not None:
        chosen = chosen.with_condition(condition)
    values = unique("param", map(_assignment, params))
    return chosen.with_parameters(**values) if values else chosen


def unique(argument: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Collect repeated options by name, and refuse a name that comes twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise bad(argument, name, "is given twice", "keep one of them")
        found[name] = value
    return found


def _assignment(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    number = number_of(value)
    if not (sign and name.strip()) or math.isnan(number):
        raise bad("param", text, "must read ID=VALUE with a number, such as ke0=1.2")
    return name.strip(), number


def pair(argument: str, text: str, example: str = "", value_is: str = "VALUE") -> tuple[str, str]:
    """Read ``NAME=VALUE``, or refuse what reads otherwise."""
    name, sign, value = map(str.strip, text.partition("="))
    if not (sign and name and value):
        raise bad(argument, text, f"must read NAME={value_is}" + example)
    return name, value


def check_folder(argument: str, path: Path | None) -> None:
    """Refuse a folder that could not be written into, before hours are spent on computing."""
    if path is None:
        return
    if not path.is_dir():
        raise bad(argument, str(path), "is no folder", "make it first")
    if not os.access(path, os.W_OK):
        raise bad(argument, str(path), "cannot be written", "choose a place of yours")


def at_terminal() -> bool:
    """Say whether stderr is watched, so that progress is worth showing."""
    return sys.stderr.isatty()


@contextlib.contextmanager
def busy(words: str) -> Iterator[None]:
    """Show on stderr that something runs, and for how long already; nothing where nobody watches."""
    if not at_terminal():
        yield
        return
    from tqdm import tqdm

    ended = threading.Event()
    with tqdm(desc=words, bar_format="{desc}, {elapsed}", leave=False) as bar:

        def tick() -> None:
            while not ended.wait(0.5):
                bar.refresh()

        clock = threading.Thread(target=tick, daemon=True)
        clock.start()
        try:
            yield
        finally:
            ended.set()
            clock.join()
