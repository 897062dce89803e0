"""The equations in SymPy, for code generation; the only file of the model that knows SymPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import sympy
from sympy import Expr, Symbol
from sympy.logic.boolalg import Boolean

from .expressions import Formula
from .structure import EventData, Structure


@dataclass(frozen=True)
class Event:
    """One SBML event. When it is carried out, each state becomes value x scale.

    Attributes
    ----------
    id : str
    trigger : Boolean
        The event happens when this turns from false to true.
    delay : Expr or None
        Time from trigger to execution.
    priority : Expr or None
        Greater ones go first among events due at one time.
    persistent : bool
        False: forgotten if the trigger turns false before execution.
    initial_value : bool
        The trigger's value just before the start.
    values_from_trigger_time : bool
        True: values are read when the trigger fires, not at execution.
    assignments : tuple of (str, Expr)
        State and its new value.
    scales : tuple of Expr
        One factor an assignment, always read at execution (a compartment's size, else 1).
    """

    id: str
    trigger: Boolean
    delay: Expr | None
    priority: Expr | None
    persistent: bool
    initial_value: bool
    values_from_trigger_time: bool
    assignments: tuple[tuple[str, Expr], ...]
    scales: tuple[Expr, ...]


@dataclass(frozen=True)
class Equations:
    """dy/dt = f(t, y, p) in SymPy, every symbol real; t is the time of the run.

    Attributes
    ----------
    states : tuple of str
    parameters : tuple of str
        Independent numbers, in the order of `Model.values`.
    constants : tuple of (str, Expr)
        From parameters and earlier constants only.
    assignments : tuple of (str, Expr)
        Time-varying, each using only earlier ones.
    rates : tuple of Expr
        One a state, from states, parameters, constants, assignments and `time`.
    initial : tuple of Expr
        States at the start, from parameters and constants.
    outputs : tuple of (str, Expr)
        All that can be asked for.
    events : tuple of Event
    time : Symbol
        Named ``time`` unless a quantity of the model is called so.
    delays : tuple of (str, Expr, Expr)
        Values of the past that formulas use: name, what it is the value of, and how long ago (time of the run).
        A lag may use those that stand before it.
    """

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: tuple[tuple[str, Expr], ...]
    assignments: tuple[tuple[str, Expr], ...]
    rates: tuple[Expr, ...]
    initial: tuple[Expr, ...]
    outputs: tuple[tuple[str, Expr], ...]
    events: tuple[Event, ...]
    time: Symbol
    delays: tuple[tuple[str, Expr, Expr], ...] = ()


def symbol_of(name: str) -> Symbol:
    """Return the symbol of an id; those of one name are equal."""
    return Symbol(name, real=True)


def equations_of(structure: Structure) -> Equations:
    """Write a structure in SymPy."""
    names = {
        *structure.states,
        *structure.parameters,
        *dict(structure.constants),
        *dict(structure.assignments),
    }
    time = "time"
    while time in names:
        time += "_"
    clock = symbol_of(time)
    writer = _Writer(clock, clock / _ratio(structure.hours), _ratio(structure.hours), names)
    write = writer.number
    named = lambda pairs: tuple((name, write(f)) for name, f in pairs)  # noqa: E731
    equations = Equations(
        states=structure.states,
        parameters=structure.parameters,
        constants=named(structure.constants),
        assignments=named(structure.assignments),
        rates=tuple(write(rate) / writer.hours for rate in structure.rates),
        initial=tuple(map(write, structure.initial)),
        outputs=named(structure.outputs),
        events=tuple(writer.event(e) for e in structure.events),
        time=clock,
    )
    return replace(equations, delays=tuple(writer.delays.values()))


_FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "plus": sympy.Add,
    "times": sympy.Mul,
    "divide": lambda a, b: a / b,
    "abs": sympy.Abs,
    "floor": sympy.floor,
    "ceiling": sympy.ceiling,
    "factorial": lambda a: sympy.gamma(a + 1),
    "exp": sympy.exp,
    "ln": sympy.log,
    **{f: getattr(sympy, f) for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{"arc" + f: getattr(sympy, "a" + f) for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
_RELATIONS = {
    "lt": sympy.Lt,
    "leq": sympy.Le,
    "gt": sympy.Gt,
    "geq": sympy.Ge,
    "eq": sympy.Eq,
    "neq": sympy.Ne,
}
_LOGIC = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not, "xor": sympy.Xor}


@dataclass(frozen=True)
class _Writer:
    """Writes formulas, whose time is the model's, for a run whose time may be another.

    Attributes
    ----------
    clock : Symbol
        Time of the run.
    time : Expr
        Time of the model.
    hours : Expr
        How many units of the run's time one of the model's has.
    taken : set of str
        Ids of the model.
    delays : dict
        Values of the past met so far.
    """

    clock: Symbol
    time: Expr
    hours: Expr
    taken: set[str] = field(default_factory=set)
    delays: dict[str, tuple[str, Expr, Expr]] = field(default_factory=dict)

    def number(self, formula: Formula) -> Expr:
        """Write a formula whose value is a number."""
        if isinstance(formula, float):
            return _literal(formula)
        if isinstance(formula, str):
            return symbol_of(formula)
        head, *arguments = formula
        if head == "time":
            return self.time
        if head == "delay":
            return self._past(*arguments)
        if head == "piecewise":
            pairs = zip(arguments[::2], arguments[1::2], strict=False)
            pieces = [(self.number(v), self.truth(c)) for v, c in pairs]
            return sympy.Piecewise(*pieces, (self.number(arguments[-1]), True))
        values = [self.number(a) for a in arguments]
        return _power(*values) if head == "power" else _FUNCTIONS[head](*values)

    def _past(self, formula: Formula, lag: Formula) -> Symbol:
        """Name the value of a formula some time ago."""
        key = repr([formula, lag])
        if key not in self.delays:
            value, ago = self.number(formula), self.number(lag) * self.hours
            name = f"past{len(self.delays)}"
            while name in self.taken:
                name += "_"
            self.delays[key] = name, value, ago
        return symbol_of(self.delays[key][0])

    def truth(self, formula: Formula) -> Boolean:
        """Write a formula that is true or false."""
        if isinstance(formula, bool):
            return sympy.true if formula else sympy.false
        head, *arguments = formula
        if head in _RELATIONS:
            return _RELATIONS[head](*[self.number(a) for a in arguments])
        return _LOGIC[head](*[self.truth(a) for a in arguments])

    def event(self, e: EventData) -> Event:
        return Event(
            id=e.id,
            trigger=self.truth(e.trigger),
            delay=None if e.delay is None else self.number(e.delay) * self.hours,
            priority=None if e.priority is None else self.number(e.priority),
            persistent=e.persistent,
            initial_value=e.initial_value,
            values_from_trigger_time=e.values_from_trigger_time,
            assignments=tuple((x, self.number(f)) for x, f in e.assignments),
            scales=tuple(self.number(f) for f in e.scales),
        )


def _literal(value: float) -> Expr:
    if math.isnan(value):
        return sympy.nan
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Integer(int(value)) if value.is_integer() and abs(value) < 2**53 else sympy.Float(value)


def _ratio(hours: float) -> Expr:
    """Write 24, or 1/60, exactly."""
    inverse = round(1.0 / hours)
    return sympy.Rational(1, inverse) if hours < 1 and abs(hours * inverse - 1) < 1e-12 else _literal(hours)


def _power(base: Expr, exponent: Expr) -> Expr:
    """Write halves as exact fractions, so that square roots are square roots."""
    if exponent.is_Float and float(2 * exponent).is_integer():
        exponent = sympy.Rational(int(2 * exponent), 2)
    return base**exponent
