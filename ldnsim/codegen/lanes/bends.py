"""Steps across a bend in lanes: what `ldnsim.engine.bends` asks of a step, as part of its error.

The sides are compared at the start, in the middle and at the end of a step, in each lane; where one changes, the
states whose rates have it are held to what the interpolant's two highest powers say.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...engine.bends import SHARE
from .block import slope
from .emitter import Emitter
from .error import Worst
from .module import Place


class Bent(NamedTuple):
    """A free state whose rate bends somewhere: position among the free, state, error, values before and after."""

    free: int
    state: int
    error: Any
    old: Any
    new: Any


class Interpolant(NamedTuple):
    """What a step knows between its ends: combinations of a state's rows of stages.

    Attributes
    ----------
    middle, top : array
        Weights for half of the step, without `share` of the state's change, and for the two highest powers.
    share : float
    scale : vector or None
        Factor of all combinations.
    """

    middle: Any
    top: Any
    share: float
    scale: Any = None

    def of(self, p: Place, weights: Any, i: int) -> Any:
        """Combine the stages of the i-th free state."""
        rows = [p.code.load(p.work, p.layout.u(i, j)) for j in range(len(weights))]
        total = p.code.combined([float(w) for w in weights], rows)
        return total if self.scale is None else p.code.mul(total, self.scale)


def hold_to_more(p: Place, worst: Worst, bent: list[Bent], y: Any, y_new: Any, within: Interpolant) -> None:
    """Take the errors of states that bend in, with more where a side of their rates changes within the step."""
    c, changed = p.code, _changed(p, y, y_new, within)
    for state in bent:
        high = [c.abs(within.of(p, weights, state.free)) for weights in within.top]
        more = c.mul(c.add(*high), SHARE)
        crossed = None
        for side in p.layout.structure.bent[state.free]:
            crossed = changed[side] if crossed is None else p.builder.or_(crossed, changed[side])
        size = c.abs(state.error)
        held = p.builder.and_(crossed, c.less(size, more))
        worst.add(c.select(held, more, state.error), state.old, state.new, state.state)


def _changed(p: Place, y: Any, y_new: Any, within: Interpolant) -> list[Any]:
    """Return for each side in which lanes it changes; a value that is not a number is no change."""
    c, b = p.code, p.builder
    emitters = [_at_end(p, y, 0.0), _in_the_middle(p, y, y_new, within), _at_end(p, y_new, 1.0)]
    found = []
    for n in p.layout.structure.sides:
        before, *after = (c.value(emit(n)) for emit in emitters)
        differ = [b.or_(c.less(before, x), c.less(x, before)) for x in after]
        found.append(b.or_(*differ))
    return found


def _at_end(p: Place, y: Any, theta: float) -> Emitter:
    row = p.layout.state.row
    return p.emitter(lambda op, state: p.narrow(p.wide_row(state * row, y)), lambda: p.time(theta))


def _in_the_middle(p: Place, y: Any, y_new: Any, within: Interpolant) -> Emitter:
    s, c, row = p.layout.structure, p.code, p.layout.state.row

    def leaf(op: str, state: int) -> Any:
        old, new = (p.narrow(p.wide_row(state * row, ends)) for ends in (y, y_new))
        if state in s.free:
            inside = within.of(p, within.middle, s.free.index(state))
            return c.add(c.fma(c.sub(new, old), within.share, old), inside)
        # A parabola through both ends, with the slope at the start.
        half = c.mul(c.mul(slope(p, y, s.block.index(state)), p.scalar("h")), 0.25)
        return c.add(c.fma(c.sub(new, old), 0.25, old), half)

    return p.emitter(leaf, lambda: p.time(0.5))
