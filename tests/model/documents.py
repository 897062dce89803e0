"""SBML of several levels, put together of a few parts, and what it comes to."""

from __future__ import annotations

import ldnsim as ldn

from ..ledger import told

MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
LOCAL = '<listOfLocalParameters><localParameter id="{}" value="0.7"/></listOfLocalParameters>'
OLD_LOCAL = '<listOfParameters><parameter id="k" value="0.7"/></listOfParameters>'
PER = 'stoichiometry="1" constant="true"'


def ci(name):
    return f"<ci>{name}</ci>"


def apply(head, *of):
    return f"<apply><{head}/>{''.join(of)}</apply>"


LAW = apply("times", ci("k"), ci("S"))


def sbml_of(body, level=3, version=2):
    """Return a document of parameters a, b and k, a compartment C, species S and P, and a body."""
    new = level == 3
    space = {(3, 2): "level3/version2/core", (2, 1): "level2"}.get(
        (level, version), f"level{level}/version{version}"
    )
    flags = 'hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"' if new else ""
    still = 'constant="true"' if new else ""
    species = {"S": 'initialConcentration="3"', "P": 'initialAmount="1"'}
    values = {"a": (0.5, 'constant="false"'), "b": (0.25, 'constant="false"'), "k": (0.1, still)}
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<sbml xmlns="http://www.sbml.org/sbml/{space}" level="{level}" version="{version}"><model id="m">',
        f'<listOfCompartments><compartment id="C" size="2" {still}/></listOfCompartments><listOfSpecies>',
        *(f'<species id="{s}" compartment="C" {start} {flags}/>' for s, start in species.items()),
        "</listOfSpecies><listOfParameters>",
        *(f'<parameter id="{p}" value="{v}" {how}/>' for p, (v, how) in values.items()),
        f"</listOfParameters>{body}</model></sbml>",
    ])  # fmt: skip


def reaction(s=PER, p='stoichiometry="2" constant="true"', local="", of=LAW):
    """Return S -> P with attributes of both, a law and its local parameters."""
    one = f'<listOfReactants><speciesReference species="S" {s}/></listOfReactants>'
    two = f'<listOfProducts><speciesReference species="P" {p}/></listOfProducts>'
    law = f"<kineticLaw>{MATH.format(of)}{local}</kineticLaw>"
    return (
        f'<listOfReactions><reaction id="J" reversible="false">{one}{two}{law}</reaction></listOfReactions>'
    )


def rule(kind, math, variable=""):
    """Return a rule."""
    whom = f'variable="{variable}"' if variable else ""
    return f"<listOfRules><{kind}Rule {whom}>{MATH.format(math)}</{kind}Rule></listOfRules>"


def initial(symbol, math):
    """Return an initial assignment."""
    one = f'<initialAssignment symbol="{symbol}">{MATH.format(math)}</initialAssignment>'
    return f"<listOfInitialAssignments>{one}</listOfInitialAssignments>"


def event(triggered=True, puts=True):
    """Return an event with a delay, or without a trigger or without assignments."""
    trigger = f'<trigger initialValue="true" persistent="false">{MATH.format(apply("gt", ci("S"), ci("k")))}</trigger>'
    delay = f"<delay>{MATH.format(ci('k'))}</delay>"
    put = f'<eventAssignment variable="P">{MATH.format(ci("b"))}</eventAssignment>'
    put = f"<listOfEventAssignments>{put}</listOfEventAssignments>" if puts else ""
    inside = f"{trigger if triggered else ''}{delay}{put}"
    return f'<listOfEvents><event id="E" useValuesFromTriggerTime="true">{inside}</event></listOfEvents>'


def with_functions(called, **functions):
    """Return a document with functions of x, one of which a rule calls."""
    shape = "<lambda><bvar><ci>x</ci></bvar>{}</lambda>"
    defined = [f'<functionDefinition id="{n}">{MATH.format(shape.format(f))}</functionDefinition>' for n, f in
        functions.items()]  # fmt: skip
    text = sbml_of(rule("assignment", f"<apply><ci>{called}</ci><ci>k</ci></apply>", "a"))
    listed = f"<listOfFunctionDefinitions>{''.join(defined)}</listOfFunctionDefinitions>"
    return text.replace("<listOfCompartments>", f"{listed}<listOfCompartments>")


def functions():
    """Return documents whose functions stand before and after those that they call, call themselves or nothing."""
    calls, twice = "<apply><ci>{}</ci><ci>x</ci></apply>".format, apply("times", ci("x"), "<cn>2</cn>")
    return [with_functions("f", f=twice), with_functions("f", g=twice, f=calls("g")), with_functions("f", f=calls("g"),
        g=twice), with_functions("f", f=calls("h"), g=twice, h=apply("plus", calls("g"), calls("g"))), with_functions("f",
        f=calls("zz")), with_functions("f", f=calls("f")), with_functions("f", f=calls("g"), g=calls("f")),
        with_functions("f", f="")]  # fmt: skip


def bodies():
    """Return bodies of level 3: rules of all kinds, local parameters, stoichiometries, an event, what is refused."""
    moving, n = reaction(s='id="n" constant="false"'), 'id="n" stoichiometry="1.5" constant="true"'
    constraint = f"<constraint>{MATH.format(apply('gt', ci('a'), ci('b')))}</constraint>"
    found = [
        reaction(), reaction(local=LOCAL.format("k")), reaction(local=LOCAL.format("S")),
        reaction(s=n, of=apply("times", ci("n"), LAW)),
        *(rule("assignment", apply("plus", ci(p), "<cn>2</cn>"), "n") + moving for p in "ka"),
        reaction(s='constant="true"'), reaction(s='id="n" constant="true"'), reaction(of=apply("divide", LAW)),
        reaction(of=apply("times", ci("zz"), LAW)), rule("assignment", apply("times", ci("b"), ci("k")), "a"),
        rule("rate", apply("minus", ci("a")), "a"),
        rule("algebraic", apply("minus", apply("times", "<cn>3</cn>", ci("a")), ci("k"))),
        rule("algebraic", apply("minus", apply("times", ci("a"), ci("a")), ci("k"))),
        rule("algebraic", apply("plus", ci("a"), ci("b"))), initial("S", apply("plus", ci("a"), ci("k"))) + reaction(),
        initial("P", apply("plus", ci("S"), ci("k"))) + reaction(),
        f"<listOfConstraints>{constraint}</listOfConstraints>", event(),
    ]  # fmt: skip
    both = rule("assignment", apply("times", "<cn>2</cn>", ci("k")), "b") + rule(
        "algebraic", apply("plus", ci("a"), ci("b"), apply("minus", ci("k")))
    )
    found += [event(triggered=False), event(puts=False), both.replace("</listOfRules><listOfRules>", "")]
    of_one = (
        "sec",
        "csch",
        "arccoth",
        "arcsech",
        "arccsc",
        "factorial",
        "ceiling",
        "exp",
        "log",
        "root",
        "not",
        "sinh",
    )
    of_two = (
        "max", "min", "rem", "quotient", "implies", "and", "or", "xor", "eq", "neq", "geq", "minus", "power", "divide",
    )  # fmt: skip
    of_three = ("max", "min", "eq", "geq", "and")
    found += [rule("assignment", apply(f, ci("b")), "a") for f in of_one]
    found += [rule("assignment", apply(f, ci("b"), ci("k")), "a") for f in of_two]
    return found + [rule("assignment", apply(f, ci("b"), ci("k"), ci("S")), "a") for f in of_three]


def documents(facts):
    """Return what documents of all levels come to."""
    found = [told(lambda xml=xml: facts(ldn.Model.from_sbml(sbml_of(xml)))) for xml in bodies()]
    found += [told(lambda xml=xml: facts(ldn.Model.from_sbml(xml))) for xml in functions()]
    times = MATH.format(apply("times", ci("{}"), "<cn>20</cn>"))
    maths = f"><stoichiometryMath>{times}</stoichiometryMath></speciesReference>"
    for level, version in ((2, 1), (2, 3), (2, 4)):
        for s in (' stoichiometry="2"/>', maths.format("k"), maths.format("a")):
            for more in ("", OLD_LOCAL):
                one = f'<listOfReactants><speciesReference species="S"{s}</listOfReactants>'
                law = f"<kineticLaw>{MATH.format(LAW)}{more}</kineticLaw>"
                xml = sbml_of(
                    f'<listOfReactions><reaction id="J">{one}{law}</reaction></listOfReactions>',
                    level,
                    version,
                )
                found.append(told(lambda xml=xml: facts(ldn.Model.from_sbml(xml))))
    found += [told(ldn.Model.from_sbml, text) for text in ("<a/>", "<sbml>", "<sbml level='3'/>", "<?xml?>", "<sbml")]
    plain = sbml_of(reaction())
    for unit in ("dimensionless", "mole", "second", "zz"):
        found.append(told(lambda u=unit: facts(ldn.Model.from_sbml(plain.replace('id="m"', f'id="m" timeUnits="{u}"')))))
    shadowing = sbml_of(reaction(s="", p="", of=LAW, local=OLD_LOCAL.replace('"k"', '"S"')), 2, 4)
    return [*found, told(lambda: facts(ldn.Model.from_sbml(shadowing)))]
