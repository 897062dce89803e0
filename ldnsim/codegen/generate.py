"""Equations to the text of a module and its description: the only file that needs SymPy at run time."""

from __future__ import annotations

from typing import Any

from ..engine.target import host
from .blocks import Lowered
from .event_blocks import event_blocks, event_rules
from .native import object_code
from .sides import sides_of
from .source import module_text


def generate(equations: Any, name: str) -> tuple[str, dict[str, Any], bytes]:
    """Generate the kernels of a model.

    Parameters
    ----------
    equations : ldnsim.model.equations.Equations
    name : str
        Name of the model.

    Returns
    -------
    tuple of str, dict and bytes
        Text of the module; names and facts about it, as JSON can hold; its machine code.
    """
    lowered, n_breaks, n_sides, bent, fed = lowered_of(equations)
    blocks = lowered.finish()
    states, parameters = tuple(equations.states), tuple(equations.parameters)
    text = module_text(name, blocks, states, lowered.constants, parameters, equations.time.name)
    meta = {
        "name": name,
        "states": states,
        "parameters": parameters,
        "constants": lowered.constants,
        "outputs": [n for n, _ in equations.outputs],
        "output_states": lowered.output_states,
        "widths": {kind: block.size for kind, block in blocks.items()},
        "n_breaks": n_breaks // 2,
        "n_sides": n_sides,
        "bent": bent,
        "events": event_rules(equations),
        "fed": fed,
    }
    return text, meta, object_code(text, meta["widths"], host())


def lowered_of(equations: Any) -> tuple[Lowered, int, int, Any, Any]:
    """Lower equations with the blocks of their events, breaks, sides and delays.

    Returns
    -------
    tuple
        What is lowered, how many breaks and sides there are, which states are bent, and what delays feed.
    """
    lowered = Lowered(equations)
    breaks = [lowered.hoist(x) for x in lowered.breaks([e.trigger for e in equations.events])]
    if equations.events:
        lowered.blocks.update(event_blocks(lowered, equations.events))
    if breaks:
        lowered.blocks["breaks"] = lowered.block(list(enumerate(breaks)), len(breaks))
    sides, bent = sides_of(equations)
    if sides:
        lowered.blocks["sides"] = lowered.block(list(enumerate(map(lowered.hoist, sides))), len(sides))
    fed = lowered.delays() if equations.delays else None
    return lowered, len(breaks), len(sides), bent, fed
