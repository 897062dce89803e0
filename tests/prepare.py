"""Write `ldnsim/engine/prepared.xz`: the compiled functions of the package as LLVM's intermediate code.

    python -m tests.prepare

With it a new installation compiles nothing with Numba. What is there already of the same sources stays. Newer
releases of LLVM read what older ones wrote, so the oldest that are supported write it: run this in an environment of
`python tests/floors.py`. Code of other sources than those at hand is not used, and `tests/engine/test_machine.py`
asks for it to be written again.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

MODELS = {
    "events": "species A; A' = -A; A = 1; at A < 0.5, priority = 1: A = 1; at A < 0.5, priority = 1: A = 0.9;",
    "delays": "species A; A' = -delay(A, 0.5); A = 1;",
    "both": "species A; A' = -delay(A, 0.5); A = 1; at A < 0.5: A = 1;",
}


def every() -> dict[tuple, bytes]:
    """Run what has compiled functions, and return their code by names and kind of arguments."""
    import ldnsim as ldn
    from ldnsim.engine import delays, machine, prepared, rosenbrock
    from ldnsim.readouts import reducers, reducing

    found: dict[tuple, bytes] = {}

    def noted(recipe: machine.Recipe) -> bytes:
        code = prepared.prepared(recipe.names, recipe.kind) or recipe.lower()
        found[recipe.names, recipe.kind] = code
        return code

    machine.Recipe.bitcode = noted  # type: ignore[method-assign]
    entries: list[Any] = [rosenbrock.rodas5p, *delays.DOORS.values()]
    for reducer in reducers.REDUCERS.values():
        values = reducer.value, *(beside.value for beside in reducer.beside.values())
        entries += [reducing.entry_of(value, reducing.VALUE) for value in values]
        entries.append(reducing.entry_of(reducer.slope, reducing.SLOPE))
    for entry in entries:
        _ = entry.target
    model, daily = ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=1)
    ldn.summarize(ldn.simulate(model, daily))
    ldn.simulate(model, daily, subjects=ldn.population(model, n=20, seed=1))
    ldn.simulate(model, daily, method="tsit5-scalar")
    ldn.simulate(model, daily, dtype="float32")
    for text in MODELS.values():
        ldn.simulate(ldn.Model.from_antimony(text), None, duration=2.0)
    return found


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LDNSIM_CACHE_DIR"] = folder
        codes = every()
    from ldnsim.engine import prepared

    prepared.write(codes)
    print(f"{len(codes)} functions, {prepared.FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
