"""Models for the ledger: what texts come to as equations, there and back; formulas drawn from a seed; units; verbs."""

from __future__ import annotations

import dataclasses
import functools
import math
import random
import warnings
import zlib

import libsbml
import sympy

import ldnsim as ldn
from ldnsim.model import (
    algebraic,
    checks,
    digits,
    expressions,
    files,
    influence,
    lines,
    mathml,
    mathml_text,
    nesting,
    parameters,
    show,
)
from ldnsim.model.chains import _pairs, _paths, _statements, split
from ldnsim.model.dose_units import UNITS, is_scaled
from ldnsim.model.ordering import in_order
from ldnsim.model.readout_rows import rows_of as readouts_of
from ldnsim.model.unit_names import unit_namer

from ..ledger import constants_of, defaults_of, told
from .documents import documents
from .texts import BODIES, DISAGREEING, MISTAKES, text_of

Model, TEXTS = ldn.Model, BODIES | DISAGREEING


@functools.cache
def model_of(name):
    """The model of one text."""
    return Model.from_antimony(text_of(TEXTS[name]))


def facts(model):
    """What a model comes to."""
    d = model.document
    return [model.structure, d.compartments, d.species, d.parameters, d.reactions, d.events, d.initial, d.rules,
        d.units, d.remarks, d.time_unit, str(d.hours), model.quantities, model.table, model.values, model.amounts,
        model.observables, {k: sorted(v) for k, v in model.structure.behind.items()}, model.structure.draws_lots,
        model.arrivals, repr(model)]  # fmt: skip


def valued(thing):
    """Equations as numbers, at values of what they use."""
    if isinstance(thing, sympy.Basic):
        given = {s: sympy.Float(0.2 + zlib.crc32(s.name.encode()) / 2**32) for s in thing.free_symbols}
        found = thing.xreplace(given)
        return bool(found) if found.is_Boolean else float(sympy.re(found.evalf()))
    if dataclasses.is_dataclass(thing):
        return {f.name: valued(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    return [valued(x) for x in thing] if isinstance(thing, tuple) else thing


def read(name):
    """A text: its equations, there and back, reduced to each of its outputs, started elsewhere, in hours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of units, told where it is first read
        return _read(name)


def _read(name):
    model = told(model_of, name)
    if not isinstance(model[0], Model):
        return model
    if name in DISAGREEING:
        model.append(told(checks.messages_of, model[0].to_sbml())[0])
    found, model = [model[1:], facts(model[0]), valued(model[0].equations())], model[0]
    for back in (told(Model.from_sbml, model.to_sbml()), told(Model.from_antimony, model.to_antimony())):
        found.append([back[1], back[0].structure, back[0].values] if isinstance(back[0], Model) else back)
    for output in [n for n, _ in model.structure.outputs][:4]:
        found.append(
            [influence.influences(model.structure, [output]), influence.reduced(model.structure, [output])]
        )
    if model.states:
        started = model.with_initial(**{model.states[0]: 1.25})
        found += [started.structure, started.values, Model.from_sbml(started.to_sbml()).structure]
    if model.parameter_ids:
        changed = model.with_parameters(**{model.parameter_ids[0]: 0.75})
        found += [changed.values, Model.from_sbml(changed.to_sbml()).values, changed._repr_html_()]
    return [
        *found,
        told(lambda: model.in_hours().structure),
        told(lambda: valued(model.in_hours().equations())),
        model.readouts,
        model.outputs,
        lines.line_of("x", text_of(TEXTS[name])),
    ]


def formulas(n=120):
    """Formulas of all functions, of numbers on which they turn, and of ids."""
    rng = random.Random(41)
    leaves = (0.0, 1.0, -1.0, 2.0, 0.5, math.inf, math.nan, True, False, "x", "y", ["time"], 3.0, -2.5)
    names = [*expressions.NUMERIC, *expressions.RELATIONS, *expressions.LOGIC, "piecewise", "delay"]
    one = {"abs", "floor", "ceiling", "factorial", "exp", "ln", "not"} | {
        f for f in names if f[-3:] in ("sin", "cos", "tan", "inh", "osh", "anh")
    }

    def made(depth):
        if not depth or rng.random() < 0.2:
            return rng.choice(leaves)
        name = rng.choice(names)
        count = (
            1
            if name in one
            else 2
            if name in ("divide", "power", "delay", *expressions.RELATIONS)
            else rng.randint(1, 4)
        )
        return told(expressions.make, name, *(made(depth - 1) for _ in range(count)))[0]

    return [made(3) for _ in range(n)]


def asked(formula):
    """All that a formula can be asked."""
    e = expressions
    return [formula, e.size(formula), e.depth(formula), list(e.ids(formula)), e.uses(formula, "time"), told(e.as_number,
        formula), told(e.as_truth, formula), [told(e.substitute, formula, {"x": v, "y": w}) for v, w in ((2.0,
        0.5), (0.0, -1.0), ("y", "x"), (True, 1.0))], told(algebraic.linear_in, formula, "x"), told(mathml_text.mathml_of,
        formula), told(e.replace_calls, formula, "plus", lambda *a: 3.0)]  # fmt: skip


def built(build, *given):
    """Call what builds a formula; "no" where it takes another number of arguments."""
    try:
        return told(build, *given)[0]
    except (TypeError, IndexError):
        return "no"


def numbers():
    """Functions of numbers, around where each of them turns."""
    points = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 170.0, 171.0, 800.0, math.inf, math.nan)
    pairs = [(x, y) for x in points for y in points[1:8]]
    found = []
    for name in (*expressions.NUMERIC, *expressions.RELATIONS):
        found += [built(expressions.make, name, *some) for some in (*((x,) for x in points), *pairs)]
    for name in (*expressions.NUMERIC, *expressions.RELATIONS, *expressions.LOGIC, "piecewise", "delay"):
        turns = (-1.0, 0.0, 0.01, 1.0, 2.0, True, False, "x", "y", math.inf)
        found += [built(expressions.make, name, *some) for x in turns for some in (("x", x), (x, "x"), ("y", x, "x"))]
    some = (
        (0.0,),
        (2.0,),
        (100.0,),
        (2.0, 8.0),
        (7.0, 2.0),
        (-7.0, 2.0),
        (0.0, 3.0),
        ("x",),
        ("x", 2.0),
        (1.0, 3.0, 2.0),
    )
    for depth in (199, 200, 201):
        deep = functools.reduce(lambda f, _: ["sin", f], range(depth), "x")
        found.append(str(told(expressions.within_limits, deep, "here"))[:20])
        found.append(told(expressions.within_limits, ["plus", *["x"] * (depth * 1000)], "here")[0][:1])
    for name in ("_arccot", "_log", "_root", "_quotient", "_rem"):
        found += [built(getattr(mathml, name), *given) for given in some]
    return found + [built(build, *given) for build in mathml.BUILDERS.values() for given in some[-4:]]


def kept_digits():
    """Numbers that 15 digits hold and others, in documents and in texts."""
    stands = digits.StandIns()
    some = (
        0.1,
        1 / 3,
        2 / 3,
        1e300 / 3,
        math.inf,
        731_000_000.5,
        731_999_999.5,
        732_000_000.5,
        730_999_999.5,
        5.0,
        0.1 + 0.2,
        -1 / 3,
    )
    found = [[stands.of(x) for x in some], stands.numbers]
    third = 1 / 3
    text = f'a = 0.1; b = {third!r}; // {third!r}\nc is "{third!r}"; unit u = {third!r} gram; d = 731000000.5; e3.5'
    text += f"; f = .5e-3; g = {2 / 3!r}e2"
    changed = stands.in_antimony(text)
    return [
        *found,
        changed,
        stands.replaced(changed),
        stands.numbers,
        stands.replaced("x731000001.5 731000001.5 731000001.55 731999998.5"),
    ]


def units():
    """Units of all kinds in words, doses in all units into states of all units, and what does not agree."""
    document = libsbml.SBMLDocument(3, 2)
    model, found = document.createModel(), []
    for k, (kinds, exponents) in enumerate([("gram", (1,)), ("gram litre", (1, -1)), ("second", (-1,)), (
        "mole litre second", (1, -1, -2)), ("dimensionless", (1,)), ("metre", (2,)), ("kelvin candela", (1, 0.5)),
        ("item", (0,))]):  # fmt: skip
        for scale, multiplier in (
            (0, 1),
            (-3, 1),
            (3, 1),
            (0, 60),
            (0, 3600),
            (0, 86400),
            (0, 0.01),
            (-2, 1),
            (0, 7),
            (-15, 1),
            (-12, 1),
            (9, 1),
            (6, 1),
        ):
            definition = model.createUnitDefinition()
            definition.setId(f"u{k}_{len(found)}")
            for kind, exponent in zip(kinds.split(), exponents, strict=True):
                unit = definition.createUnit()
                unit.setKind(libsbml.UnitKind_forName(kind))
                unit.setExponent(exponent)
                unit.setScale(scale)
                unit.setMultiplier(multiplier)
            found.append(unit_namer(model)(definition.getId()))
    found += [unit_namer(model)(x) for x in ("", "litre", "nothing", None)]
    for own in (
        "mg = 1e-3 gram",
        "nmol = 1e-9 mole",
        "n = item",
        "conc = 1e-3 gram / litre",
        "one = dimensionless",
        "kg = 1e3 gram",
    ):
        text = f"model m(); unit {own}; species S; S has {own.split()[0]}; S = 1; J: S -> ; 0.1*S; end"
        m = Model.from_antimony(text)
        found += [m.arrivals, is_scaled(m, "S")]
        for unit in (*UNITS, own.split()[0], "L"):
            with_unit = told(m.with_dose_units, S=unit)[0]
            found.append(with_unit.arrivals if isinstance(with_unit, Model) else with_unit)
            heavy = told((with_unit if isinstance(with_unit, Model) else m).with_molar_masses, S=341.4)[0]
            found.append(heavy.arrivals if isinstance(heavy, Model) else heavy)
    return found + [
        told(checks.messages_of, m.to_sbml())[0] for m in map(model_of, ("units", "amounts", "growing"))
    ]


def chained():
    """Texts of formulas that build on each other, how many paths there are, and circles."""
    found = []
    for n in (2, 14, 15, 16, 40):
        text = (
            "model m()\n"
            + "\n".join(f"x{k} := x{k - 1}/(1 + x{k - 1}) // x{k + 1} := 2" for k in range(1, n))
            + "\nx0 = 2\nend"
        )
        once = {s.name: s for s in _statements(text)}
        circle = {f"y{k}": {f"y{(k + 1) % n}"} for k in range(n)}
        around = "\n".join(f"x{k} := 2*x{(k + 1) % n}" for k in range(n))
        found += [
            _paths({s.name: s for s in _statements(around)}),
            split(text),
            _paths(once),
            [s.uses for s in _statements(text)],
            _pairs(circle),
            _pairs({f"y{k}": {f"y{k + 1}"} for k in range(150 * (n > 15))}),
        ]
    names = {"a": ["plus", "b", "c"], "b": ["times", 2.0, "c"], "d": "a"}
    rounds = [{f"z{k}": f"z{(k + 1) % n}" for k in range(n)} for n in (1, 2, 20, 21, 30)]
    text = "function f(x)\n y := x\nend\nmodel a()\n y := 2*z; /* y := 3 */ z = y0\nend\n"
    text += 'model b()\n y = "w := 2"; z == 2\nend'
    return [
        *found,
        in_order(names, "x"),
        [told(in_order, r, "x") for r in rounds],
        [list(s) for s in _statements(text)],
    ]


def texts():
    """Bytes of many encodings, lines of names, long messages, deep elements."""
    data = ["abc".encode(e) for e in ("utf-8", "utf-16", "utf-8-sig", "utf-32")] + [
        "Präparat µ".encode("latin-1"),
        b"\xff\xfe",
        b"\x80abc",
    ]
    found = [told(files.decoded, d) for d in data]
    found += [
        lines.line_of(n, 'a = 1 // b\n"c"\nb.a = 2; c\n/* d\n */ d; xa; a')
        for n in ("a", "b", "c", "d", "e", "xa")
    ]
    found += [lines.sentence_of_sbml(m) for m in ("a", "libSBML a", "libSBML\nReference: b\n c d", "Reference: b\n c d")]
    found += [show._listed(map(str, range(n))) for n in (1, 39, 40, 41)]
    found += [lines.shortened("x" * n) for n in (399, 400, 401, 900)] + [
        lines.nearest(n, ("alpha", "Beta", "gamma")) for n in ("alpa", "beta", "zzz", "alpha")
    ]
    for n in (1, 199, 200, 201, 2999, 3000, 3001):
        found.append(told(nesting.levels_of, "<a>" * n + "</a>" * n))
        found.append(nesting.with_room(n, lambda: 7))
    found += [told(nesting.levels_of, "<a><b>"), told(nesting.levels_of, "no")]
    return [*found, told(nesting.with_room, 300, lambda: 1 / 0)]


def tabled():
    """Rows of parameters on, below and above the ends of what may be."""
    base = {"id": "k", "value": "1", "unit": "1/h", "description": "rate", "iiv_cv": "0.3", "uncertainty_gsd": "1.2",
        "lower": "0.5", "upper": "5", "grade": "assumed", "source": "assumed", "where": "", "note": ""}  # fmt: skip
    some = {"value": ("0.5", "0.49", "5", "5.1", "", "x", "inf"), "iiv_cv": ("0", "-0.1", "", "1"), "uncertainty_gsd": (
        "1", "0.99", "", "2"), "grade": ("measured", "odd", ""), "source": ("", "a2020"), "lower": ("", "1", "1.1"),
        "upper": ("", "1", "0.9")}  # fmt: skip
    found = [told(parameters._checked, base | {name: x}, "file") for name, xs in some.items() for x in xs]
    one = parameters._checked(base, "file")
    return [*found, [told(parameters.possible, x, one) for x in (0.49, 0.5, 1.0, 5.0, 5.01, math.nan, math.inf, -1.0)]]


def shipped():
    """The shipped models, their scenarios and conditions, and what they offer."""
    found = []
    for name in ("ldn", "naltrexone_pk", "rival_mann_binding"):
        model = ldn.load_model(name)
        found += [
            model.values,
            model.structure,
            model.observables,
            model.grades,
            model.readouts,
            model.outputs,
            sorted(model.structures),
        ]
        for scenario in model.scenarios:
            own = model.with_scenario(scenario)
            found += [
                scenario,
                own.values,
                sorted(own.chosen),
                own.with_parameters(**{own.parameter_ids[0]: 1.5}).values[:3],
            ]
        for condition in model.conditions:
            found += [
                condition,
                model.with_condition(condition).values,
                model.with_condition(condition).silent,
            ]
    both = (
        ldn.load_model("ldn")
        .with_scenario("in_vitro_tlr4")
        .with_condition("fibromyalgia")
        .with_parameters(ke0=1)
    )
    found += [
        both._repr_html_(),
        both.with_scenario(None).values,
        both.hash != ldn.load_model("ldn").hash,
        both.time_unit,
    ]
    table = ldn.load_model("ldn").table
    odd = [
        told(lambda p=p, x=x: both.with_parameters(**{p.id: x}).values.sum())
        for p in table[::4]
        for x in (-1, 0, 1, 1.5, math.nan)
    ]
    return [
        *found,
        odd,
        readouts_of([ldn.Readout("il6", "cmax"), ldn.Readout("il6", "at", level=3)]),
        told(readouts_of, [3]),
    ]


CASES = {
    "defaults": lambda: defaults_of("model"),
    "constants": lambda: constants_of("model"),
    **{f"text {name}": functools.partial(read, name) for name in TEXTS},
    "mistakes": lambda: [told(Model.from_antimony, text_of(body)) for body in MISTAKES],
    **{f"formulas {k}": lambda k=k: [asked(f) for f in formulas()[k::6]] for k in range(6)},
    "numbers": numbers,
    "digits": kept_digits,
    "units": units,
    "documents": lambda: documents(facts),
    "chains": chained,
    "texts": texts,
    "rows": tabled,
    "shipped": shipped,
}
