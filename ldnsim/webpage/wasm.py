"""A model's kernels as one WebAssembly module: in double precision, in single, and what leads up to a run."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import library
from ..cachedir import cache_folder, keep, kept
from ..codegen import native
from ..codegen.lanes.build import assembly, facts_of, layout_of, structure_of
from ..codegen.lanes.graph import Unsupported
from ..codegen.lanes.layout import Layout
from ..codegen.lanes.variant import Variant
from ..codegen.origins import SOURCES
from ..codegen.program import generated, program
from ..engine.target import BROWSER, object_code
from ..errors import bad
from ..formulation import formulations_of
from ..readouts import readouts_of

if TYPE_CHECKING:
    from ..model import Model

BUILT = Path(__file__).with_name("built")  # modules of the shipped models, which a released wheel brings
VARIANTS = {
    "double": Variant(inputs=True, width=2, origin=0),
    "single": Variant(inputs=True, width=2, single=True, soft=False, origin=0),
}
LEADING = ("constants", "initial", "breaks", "rhs", "observe")  # one subject at a time, before a run
# Functions that JavaScript lends.
LENT = (
    "exp", "log", "pow", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh",
    "atanh", "tgamma", "fmod",
)  # fmt: skip
_OPTIONS = (
    "--no-entry", "--export-dynamic", "--export-memory", "--export=__heap_base", "--strip-all", "-z", "stack-size=262144",
)  # fmt: skip

# Releases of SymPy and LLVM may differ, as the facts go with the code.
_WRITER = f"{SOURCES} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


class Module(NamedTuple):
    """Code, and where things lie for it.

    Attributes
    ----------
    facts : dict
        As JSON can hold it: ``lanes`` by variant, ``states``, ``parameters``, ``outputs``, ``output_states``, those
        that are ``looked`` at, ``n_constants``, ``n_breaks``.
    code : bytes
        The WebAssembly module.
    """

    facts: dict[str, Any]
    code: bytes


def wasm_of(model: Model) -> bytes:
    """Return the WebAssembly module of a model.

    Parameters
    ----------
    model : Model

    Raises
    ------
    InputError
        If the page cannot simulate the model, or the linker is missing.
    """
    return module_of(model).code


def module_of(model: Model) -> Module:
    """Return the module of a model: of a released wheel, from disk, or compiled and linked now."""
    model = model.in_hours()
    name = _name(model)
    built = BUILT / name
    if built.is_file():
        return _read(built.read_bytes())
    folder = cache_folder("wasm")
    data = None if folder is None else kept(folder / name)
    if data is None:
        data = _written(_build(model))
        if folder is not None:
            keep(folder / name, data)
    return _read(data)


def prebuild(model: Model) -> Path:
    """Compile and link a shipped model into the package, so that its page needs no linker."""
    model = model.in_hours()
    path = BUILT / _name(model)
    BUILT.mkdir(exist_ok=True)
    path.write_bytes(_written(_build(model)))
    return path


def _name(model: Model) -> str:
    """Name the file of a model: for the same equations and the same generator it is the same."""
    parts = f"{model.structure_hash} {fed_by(model)} {sorted(seen_of(model))} {VARIANTS} {_WRITER}"
    return f"{model.name}-{hashlib.sha256(parts.encode()).hexdigest()[:24]}.wasm"


def _written(module: Module) -> bytes:
    return json.dumps(module.facts).encode() + b"\n" + module.code


def _read(data: bytes) -> Module:
    facts, _, code = data.partition(b"\n")
    return Module(json.loads(facts), code)


def _build(model: Model) -> Module:
    """Compile all kernels of a model and link them."""
    _check_linker(model.name)
    kernels, constants = generated(model), program(model).constants
    for needs, what in (("events", "events"), ("fed", "delays")):
        if kernels.meta[needs]:
            raise bad("model", model.name, f"has {what}, which a page cannot run", "ldnsim.simulate can")
    widths = {name: kernels.meta["widths"][name] for name in LEADING if name in kernels.meta["widths"]}
    objects = {"lead": native.object_code(kernels.text, widths, BROWSER)}
    layouts: dict[str, Layout] = {}
    fed, seen, outputs = fed_by(model), seen_of(model), kernels.meta["outputs"]
    looked = tuple(k for k, output in enumerate(outputs) if output in seen)
    for name, variant in VARIANTS.items():
        variant = replace(variant, fed=fed, looked=looked)
        try:
            layout = layout_of(structure_of(model.equations(), constants, variant), variant)
        except Unsupported as error:
            rule = f"has equations that a page cannot run ({error})"
            raise bad("model", model.name, rule, "ldnsim.simulate can") from None
        objects[name] = object_code(assembly(layout, variant, BROWSER), BROWSER, f"{name}_")
        layouts[name] = layout
    own = ("states", "parameters", "outputs", "output_states", "n_breaks")
    facts = {
        "lanes": {name: facts_of(layout) for name, layout in layouts.items()},
        "n_constants": len(constants),
        "looked": [outputs[k] for k in looked],
        "fed": list(range(len(kernels.meta["states"]))) if fed is None else list(fed),
        **{name: kernels.meta[name] for name in own},
    }
    return Module(facts, _linked(objects, model.name))


def _check_linker(model: str) -> None:
    """Refuse to begin what could not be ended."""
    if importlib.util.find_spec("ziglang") is None:
        rule = "needs the linker of the package ziglang to become a page"
        raise bad("model", model, rule, "pip install 'ldnsim[page]'")


def fed_by(model: Model) -> tuple[int, ...] | None:
    """Return the states into which doses may be infused: those of its formulations, all where it has none."""
    if not library.has_table(model, "formulations"):
        return None
    dosed = formulations_of(model).states
    return tuple(k for k, state in enumerate(model.states) if state in dosed)


def seen_of(model: Model) -> set[str]:
    """Return the outputs that a page may look at: what the model shows, and what its numbers are read of."""
    return {*model.observables, *(r.variable for r in readouts_of(model))}


def _linked(objects: dict[str, bytes], model: str) -> bytes:
    """Link object files into a module; refuse a function that no page has."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, code in objects.items():
            (folder / f"{kind}.o").write_bytes(code)
        (folder / "lent").write_text("\n".join(LENT))
        files = [str(folder / f"{kind}.o") for kind in objects]
        command = [
            sys.executable,
            "-m",
            "ziglang",
            "wasm-ld",
            *_OPTIONS,
            f"--allow-undefined-file={folder / 'lent'}",
        ]
        done = subprocess.run(
            [*command, *files, "-o", str(folder / "out")], capture_output=True, text=True, check=False
        )
        if done.returncode:
            missing = re.search(r"undefined symbol: (\w+)", done.stderr)
            why = (
                f"needs the function {missing[1]}, which no page has" if missing else "could not be linked: "
            )
            raise bad("model", model, why if missing else why + done.stderr.strip()[-300:])
        return (folder / "out").read_bytes()
