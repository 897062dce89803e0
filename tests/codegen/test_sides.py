import pytest

from ldnsim.codegen.sides import sides_of
from ldnsim.model import Model


def sides(text):
    """Return the sides of a model as text, and those of each state's rate."""
    found, bent = sides_of(Model.from_antimony(f"model m\n{text}\nend").equations())
    return [str(side) for side in found], bent


@pytest.mark.parametrize(
    ("rate", "count"),
    [
        ("-x", 0),
        ("-min(x, 1)", 1),
        ("-max(x, y, 1)", 3),
        ("abs(y)", 1),
        ("floor(x)", 1),
        ("piecewise(1, x > 2 && y < 1, 0)", 2),
        ("piecewise(1, time > 3, 0)", 0),  # a known time is hit exactly
        ("abs(time - 2)", 0),
        ("floor(time)", 0),
        ("max(0, sin(time))", 1),
        ("min(k, 1)", 0),  # never changes
    ],
)
def test_sides_are_what_no_known_time_tells(rate, count):
    names, bent = sides(f"x = 1; y = 1; k = 2; x' = {rate}; y' = -y;")
    assert (len(names), len(bent[0]), len(bent[1])) == (count, count, 0)


def test_sides_are_found_through_assigned_quantities_and_only_where_rates_need_them():
    names, bent = sides("""
        x = 1; y = 1; z = 1; clock := sin(time); low := min(x, clock); shown := max(y, 2);
        x' = -x; y' = -low; z' = -low*z;
    """)
    assert len(names) == 1
    assert bent == [[], [0], [0]]


@pytest.mark.parametrize(
    ("rate", "count"),
    [
        ("ramp^3", 0),
        ("ramp^3/(ramp^3 + k^3)", 0),
        ("max(0, x - 1)^4", 0),
        ("ramp^2", 1),
        ("ramp^3 + ramp", 1),
        ("max(1, x)^3", 1),  # it does not bend at zero
        ("max(0, x - bent)^3", 1),  # what rises has a bend of its own
        ("piecewise(0, x < 1, (x - 2)^3)", 1),  # it jumps
        ("piecewise(x - 1, x < 1, 0)^3", 0),
        ("abs(x)^3", 1),
    ],
)
def test_a_power_of_a_ramp_is_a_soft_bend(rate, count):
    text = f"model m\nx = 1; y = 1; k = 2; ramp := max(0, x - y); bent := max(y, 2); x' = {rate}; y' = -y;\nend"
    equations = Model.from_antimony(text).equations()
    assert len(sides_of(equations, soft=False)[0]) == count


@pytest.mark.parametrize("rate", ["piecewise(1, ramp^3 > 8, 0)", "min(ramp^3, 8)", "floor(ramp^3)", "abs(8 - max(0, x)^3)"])
def test_a_power_of_a_ramp_that_is_compared_has_its_own_value(rate):
    text = f"model m\nx = 1; ramp := max(0, x); x' = {rate};\nend"
    equations = Model.from_antimony(text).equations()
    assert sides_of(equations, soft=False) == sides_of(equations)
