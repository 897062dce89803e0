"""What SBML means, feature by feature: libRoadRunner is the independent referee, through the whole chain."""

import numpy as np
import pytest

import ldnsim as ldn

from ..antimony_release import since_2_15
from ..referee import referee

roadrunner = referee()

TIMES = np.linspace(0.0, 4.0, 9)

MODELS = {
    "amounts and concentrations": """
        compartment C = 2; species S in C; substanceOnly species P in C
        S = 3; P = 1; J: S -> P; k*S - q*P; k = 0.7; q = 0.1""",
    "a compartment that grows": """
        compartment C; species S in C; C = 2; C' = 0.3*C; S = 3; J: S -> ; k*S*C; k = 0.4; u := S*2""",
    "a compartment that follows a rule": """
        compartment C; species S in C; C := 1 + 0.5*sin(time); S = 3; J: S -> ; k*S*C; k = 0.4""",
    "a rated concentration in a growing compartment": """
        compartment C; species $S in C; C = 2; C' = 0.2; S = 1; S' = 0.5 - 0.1*S; x' = S; x = 0""",
    "a boundary species": """
        species $B, S; B = 2; S = 0; B' = -0.5*B; J: $B -> S; k*B; k = 0.3""",
    "reactions in formulas": """
        species S; S = 4; J: 2 S -> ; k*S; k = 0.2; x' = J; x = 0; flux := 3*J""",
    "starting values from formulas": """
        species S; S = a*b; a = 2; b = S0 + 1; S0 = y; y := 3*z; z = 0.5; J: S -> ; k*S; k = 0.2""",
    "functions of functions": """
        J: S -> ; hill(S, sq(v)); species S; S = 2; v = 1.5""",
    "pieces and logic": """
        x' = piecewise(1, time < 1, 2, time < 2 && x > 0, -0.5); x = 0.57
        y := piecewise(x, x > 1 || time > 3, 0.1); w := (x > 1) + 1""",
    "rare functions": """
        x' = 0.3; x = 0.2; a := sec(x) + cot(x) + arccot(x + 1); b := max(x, 0.5, 2*x) + min(x, 0.4)
        c := log10(x) + log(x) + root(3, x) + sqrt(x) + ceil(x) + floor(3*x); d := factorial(3)*abs(-x)^1.5
        e := quotient(7*x, 2) + rem(7*x, 2); f := tanh(x) + arcsinh(x) + csch(x) + arcsec(x + 1)""",
    "an event with two assignments": """
        x' = -0.5*x; x = 4; y = 0; at x < 2: y = x + 1, x = 3""",
    "a delayed event": """
        x' = 1; x = 0; y = 0; z = 0; at 0.7 after x > 1: y = x
        E2: at 0.7 after x > 1, fromTrigger = false: z = x""",
    "events in order of priority": """
        x' = 1; x = 0; y = 1
        E1: at x > 1.1, priority = 1: y = y*10
        E2: at x > 1.1, priority = 5: y = y + 2""",
    "an event on a compartment only": """
        compartment C; species S in C; C = 2; S = 3; J: S -> ; k*S*C; k = 0.2; at time > 1.2: C = 4""",
    "an event that is true at the start": """
        x' = 1; x = 1; y = 0; E1: at x > 0.5, t0 = false: y = 7""",
    "an event whose trigger does not last": """
        x' = 1; x = 0; y = 0; E1: at 1 after (x > 1.05 && x < 1.5), persistent = false: y = 1
        E2: at 1 after (x > 1.05 && x < 1.5), persistent = true: x = 0.2""",
    "a rate of a rate": """
        x' = 2*x; x = 1; y := rateOf(x) + 1; compartment C = 2; species S in C; S = 2; J: S -> ; 0.5*S*C
        v := rateOf(S); z' = rateOf(x) - z; z = 0""",
}
FUNCTIONS = "function sq(x)\n x*x\nend\nfunction hill(s, k)\n sq(s)/(sq(s) + k)\nend\n"


@since_2_15
@pytest.mark.parametrize("body", MODELS.values(), ids=MODELS)
def test_libroadrunner_agrees(body):
    text = f"{FUNCTIONS}model *case()\n{body}\nend"
    model = ldn.Model.from_antimony(text)
    wanted = [q.id for q in model.quantities if q.kind in ("state", "assigned", "reaction", "constant")]
    result = ldn.simulate(model, None, times=TIMES, outputs=wanted, rtol=1e-9, atol=1e-12)

    referee = roadrunner.RoadRunner(model.document.sbml)
    referee.integrator.relative_tolerance, referee.integrator.absolute_tolerance = 1e-10, 1e-13
    referee.integrator.maximum_time_step = 0.05  # or it steps over a trigger that holds for a moment
    species = set(model.amounts)
    referee.timeCourseSelections = ["time", *(f"[{x}]" if x in species else x for x in wanted)]
    answer = referee.simulate(times=TIMES.tolist())
    for column, name in enumerate(wanted, start=1):
        np.testing.assert_allclose(result[name].values, answer[:, column], rtol=2e-6, atol=1e-9, err_msg=name)


@pytest.mark.kind("sbml-concentration-and-size")
def test_an_event_sets_a_concentration_at_the_size_before_it():
    # All assignments of an event read the state before it: the amount is 1 x 2, and fills 4 afterwards.
    model = ldn.Model.from_antimony(
        """model m
        compartment C; species S in C, P in C; C = 2; S = 3; P = 5; at time > 1.2: C = 4, S = 1
        end"""
    )
    result = ldn.simulate(model, None, times=[1.0, 2.0], outputs=["S", "P", "C"])
    assert result.S.values.tolist() == [3.0, 0.5]
    assert result.C.values.tolist() == [2.0, 4.0]
    assert result.P.values.tolist() == [5.0, 2.5]  # its amount stays


@pytest.mark.kind("sbml-concentration-and-size", sibling="both follow rate rules")
def test_a_rated_concentration_and_its_rated_size_are_set_together():
    model = ldn.Model.from_antimony(
        """model m
        compartment C; species $S in C; C = 0.5; C' = 0.2; S = 0; S' = 0.4; at time >= 0.45: S = 0.2, C = 0.2
        end"""
    )
    result = ldn.simulate(model, None, times=[0.4, 0.5], outputs=["S", "C", "S.amount"])
    jump = 0.2 * (0.5 + 0.2 * 0.45) / 0.2  # the amount 0.2 x 0.59 in a compartment of 0.2
    assert result.S.values == pytest.approx([0.16, jump + 0.4 * 0.05], rel=1e-6)
    assert result.C.values == pytest.approx([0.58, 0.21], rel=1e-6)


def test_a_late_event_reads_its_value_early_and_the_size_at_execution():
    model = ldn.Model.from_antimony(
        """model m
        compartment C; species S in C; C = 2; C' = 1; S = 3; at 1 after time > 1: S = 10*time
        end"""
    )
    result = ldn.simulate(model, None, times=[2.0, 3.0], outputs=["S", "C", "S.amount"])
    assert result.S.values == pytest.approx([10.0, 10.0 * 4 / 5], rel=1e-6)
    assert result["S.amount"].values == pytest.approx([40.0, 40.0], rel=1e-6)


def test_amounts_are_asked_for_by_the_species_id():
    model = ldn.Model.from_antimony("model m\n compartment C = 2; species S in C; S = 3; J: S -> ; 0*S\n end")
    assert model.amounts == {"S": "S.amount"}
    assert ldn.simulate(model, None, times=[0.0], outputs=["C"], amounts=["S"]).S.item() == 6.0
    assert ldn.simulate(model, None, times=[0.0], outputs=["S"]).S.item() == 3.0
