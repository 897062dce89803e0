"""State-dependent events as kernels and plain facts; see `ldnsim.engine.triggers` for what they mean."""

from __future__ import annotations

from typing import Any

import sympy

from .blocks import Block, Lowered


def event_blocks(lowered: Lowered, events: tuple[Any, ...]) -> dict[str, Block]:
    """Make the blocks "triggers" and "effects"."""
    triggers = [sympy.Piecewise((sympy.S.One, e.trigger), (sympy.S.Zero, True)) for e in events]
    delays = [sympy.S.Zero if e.delay is None else e.delay for e in events]
    priorities = [-sympy.oo if e.priority is None else e.priority for e in events]
    values = [x for e in events for _, x in e.assignments]
    scales = [x for e in events for x in e.scales]
    blocks = {}
    for name, entries in (("triggers", triggers), ("effects", [*delays, *priorities, *values, *scales])):
        blocks[name] = lowered.block(list(enumerate(map(lowered.hoist, entries))), len(entries))
    return blocks


def event_rules(equations: Any) -> dict[str, Any] | None:
    """Collect what `ldnsim.engine.triggers.TriggerRules` holds, as JSON can; None without events."""
    events = equations.events
    if not events:
        return None
    place = {name: i for i, name in enumerate(equations.states)}
    first = [0]
    for e in events:
        first.append(first[-1] + len(e.assignments))
    return {
        "initial": [float(e.initial_value) for e in events],
        "persistent": [e.persistent for e in events],
        "early_values": [e.values_from_trigger_time for e in events],
        "first": first,
        "states": [place[name] for e in events for name, _ in e.assignments],
        "unsteady": _unsteady(equations),
    }


def _unsteady(equations: Any) -> str:
    """Say why one period of a run may not be like the next though its states are; empty if nothing speaks for it."""
    for e in equations.events:
        where = f"event {e.id!r}" if e.id else "an event"
        if e.delay is not None:
            return f"{where} has a delay, and may be under way where a period ends"
        if not e.initial_value:
            return f"{where} may fire because a run starts"
        if equations.time in e.trigger.free_symbols:
            return f"{where} depends on time"
    lots = sum(e.priority is not None for e in equations.events) > 1
    return "chance may decide which of its events goes first" if lots else ""
