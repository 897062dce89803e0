"""What doses do to the derivatives of the states: an amount, a lag or a duration may depend on a parameter.

A dose that feeds the state i at the time tau makes y jump there by a e_i, or its rate of change by r e_i. With
a dot for the derivative along a direction of parameters, the derivative of y then jumps by

    dot a e_i + (f(y-) - f(y+)) dot tau = (dot a - a J_i dot tau) e        (bolus, J_i column i of df/dy)
    -r e_i dot tau at the start, +r e_i dot tau at the end                 (infusion, at whose rate dot r it
                                                                            is fed in between)

which are doses themselves, into the companions of the states. (Differentiate the state just after the dose,
y+ = y- + a e_i, at a time that moves: Rozenvasser, Automat. Remote Control 28, 1967.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad
from ..formulation import Formulations, Product, Share
from ..regimen import Record, Regimen
from ..regimen.record import DURATION_COLUMN, MODELLED_DURATION, RATE_COLUMN
from .dosing import DoseLowering, Periods
from .inputs import Bench, Input, named

if TYPE_CHECKING:
    from ..codegen.program import Program

ELSEWHERE = ((0.7, 3.1), (1.9, 11.3), (3.3, 50.0))  # factors of the states and times (h) to compare slopes at
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class TangentBench(Bench):
    """Turns a record into inputs of the states and of their companions.

    Attributes
    ----------
    base : Program
        Compiled equations of the model alone.
    dots : mapping of str to array, shape (n,)
        Direction: the derivative of each parameter along it.
    values : array, shape (n, n_parameters)
        Parameters of the model.
    """

    base: Program
    dots: Mapping[str, np.ndarray]
    values: np.ndarray

    def slopes(self, record: Record) -> list[Input]:
        """Make the inputs into the companions; none where nothing depends on the direction."""
        found = []
        for share in self.shares(record):
            found += self._slopes(record, share, self._input(record, share))
        return found

    def moving(self, record: Record) -> list[tuple[np.ndarray, np.ndarray]]:
        """Delays (h) after which the record acts, each with its derivative; only those that move."""
        found = []
        for share in self.shares(record):
            given = self._input(record, share)
            lag, (longer, _) = self._dot(share.lag), self._speed_dots(record, share, given)
            found += [(given.lag, lag), (given.lag + given.duration, lag + longer)]
        return [(delay, slope) for delay, slope in found if slope.any()]

    def _slopes(self, record: Record, share: Share, given: Input) -> list[Input]:
        n_states, nothing = len(self.base.states), np.zeros(self.n)
        fraction, lag = self._dot(share.fraction), self._dot(share.lag)
        own = given.state + n_states
        if record.is_constant_infusion:  # it has no beginning, and its end is that of the record
            found = [Input(own, nothing, given.lag, self._speed_dots(record, share, given)[1], nothing)]
        elif given.is_infusion:
            longer, faster = self._speed_dots(record, share, given)
            found = [
                Input(own, faster * given.duration, given.lag, faster, given.duration),
                Input(own, -given.rate * lag, given.lag, nothing, nothing),
                Input(own, given.rate * (lag + longer), given.lag + given.duration, nothing, nothing),
            ]
        else:
            lag = lag + self._dot(share.duration) / 2  # a release that takes no time yet
            found = [Input(own, record.amt * record.F * fraction, given.lag, nothing, nothing)]
            if lag.any():
                column = -self._column(share, given.state) * (given.amount * lag)[:, None]
                found += [Input(n_states + k, c, given.lag, nothing, nothing) for k, c in enumerate(column.T)]
        return [one for one in found if one.amount.any() or one.is_infusion]

    def _speed_dots(self, record: Record, share: Share, given: Input) -> tuple[np.ndarray, np.ndarray]:
        """Differentiate duration and rate of an infusion; zeros for a bolus."""
        nothing = np.zeros(self.n)
        if not given.is_infusion:
            return nothing, nothing
        amount, fraction = record.amt * record.F, share.fraction(self.parameters, self.n)
        thinner = self._dot(share.fraction)
        if record.rate > 0:
            return nothing, record.rate * thinner
        if record.rate in (0.0, MODELLED_DURATION):
            longer = (
                self._dot(share.duration)
                if record.rate == 0.0
                else self._modelled_dot(record, share, DURATION_COLUMN, "D")
            )
            return longer, amount / given.duration * (thinner - fraction * longer / given.duration)
        rate = self._modelled(record, share, RATE_COLUMN, "R")
        faster = self._modelled_dot(record, share, RATE_COLUMN, "R")
        return -amount * faster / rate**2, faster * fraction + rate * thinner

    def _modelled_dot(self, record: Record, share: Share, column: str, letter: str) -> np.ndarray:
        stated, name = self.modelled_by(record, share, column, letter)
        return self._in_hours(letter, self.dots[name]) if stated is None else np.zeros(self.n)

    def _dot(self, product: Product) -> np.ndarray:
        """Differentiate a product along the direction."""
        total = np.zeros(self.n)
        for k, (name, complement) in enumerate(product.factors):
            rest = Product(product.number, (*product.factors[:k], *product.factors[k + 1 :]))
            total = total + rest(self.parameters, self.n) * (-1.0 if complement else 1.0) * self.dots[name]
        return total

    def _column(self, share: Share, state: int) -> np.ndarray:
        """Differentiate all rates by the dosed state, shape (n, n_states), which must not depend on it.

        Raises
        ------
        InputError
            If they depend on the state or on time.
        """
        constants = self.base.constants_of(self.values)
        rest = self.base.initial_state(constants)
        here = self._columns(0.0, rest, constants, state)
        for factor, time in ELSEWHERE:
            away = rest * factor + (rest == 0.0) * factor
            there = self._columns(time, away, constants, state)
            if not np.allclose(here, there, rtol=ROUNDING, atol=ROUNDING * np.abs(here).max()):
                name = next(n for n, _ in (*share.lag.factors, *share.duration.factors) if self.dots[n].any())
                rule = (
                    f"moves the time of a dose into {share.cmt!r}, which does not leave it at a constant rate"
                )
                raise bad("parameters", name, rule, "leave it out")
        return here

    def _columns(self, time: float, y: np.ndarray, constants: np.ndarray, state: int) -> np.ndarray:
        n_states = y.shape[1]
        found = np.zeros((len(y), n_states, n_states))
        for k in range(len(y)):
            self.base.system.jac(time, y[k], constants[k], found[k])
        return found[:, :, state]


class TangentLowering(DoseLowering):
    """A regimen on its way to the events of a model and of its companions.

    Parameters
    ----------
    program : Program
        Equations with companions.
    regimen, formulations
        See `ldnsim.simulation.dosing.lower`.
    values : array, shape (n, 2 n_parameters)
        Parameters of the model, then their derivatives along the direction.
    base : Program
        Equations without.
    in_order : bool
        See `ldnsim.simulation.dosing.events`.
    periods : Periods, optional
        Parameters and derivatives that change from period to period.
    """

    def __init__(
        self,
        program: Program,
        regimen: Regimen,
        values: np.ndarray,
        formulations: Formulations,
        base: Program,
        in_order: bool = False,
        periods: Periods | None = None,
    ):
        super().__init__(program, regimen, values, formulations, in_order, periods=periods)
        self.base = base

    def _bench(self, k: int) -> TangentBench:
        values, names = self._values(k), self.base.parameters
        own, dots = values[:, : len(names)], values[:, len(names) :]
        more: dict[str, Any] = {"base": self.base, "dots": named(names, dots), "values": own}
        return TangentBench(
            self.base.states, named(names, own), self.formulations, len(values), self.base.hours, **more
        )

    def _inputs(self, k: int, record: Record) -> list[Input]:
        if not record.is_dose:
            return []
        bench = self._bench(k)
        return [*bench.inputs(record), *bench.slopes(record)]

    def _values(self, k: int) -> np.ndarray:
        """Parameters that hold at record k; one that the records state does not move."""
        values = super()._values(k)
        for name in self.varying:
            values[:, len(self.base.parameters) + self.base.parameters.index(name)] = 0.0
        return values

    def touched(self) -> np.ndarray:
        """Tell for which rows the doses depend on the direction, shape (n,)."""
        found = np.zeros(len(self.values), bool)
        for k, record in enumerate(self.records):
            for given in self._bench(k).slopes(record) if record.is_dose else ():
                found |= (given.amount != 0) | (given.rate != 0)
        return found

    def moving(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Find when doses act (h), shape (n, any), each with its derivative, shape (n,)."""
        found = []
        for k, record in enumerate(self.records):
            for delay, slope in self._bench(k).moving(record) if record.is_dose else ():
                before = int(np.ceil(delay.max() / record.ii)) if record.ss and record.ii else 0
                train = record.time + record.ii * np.arange(-before, record.addl + 1)
                found.append((train + delay[:, None], slope))
        return found
