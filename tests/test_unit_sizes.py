"""Units as text: how large they are, and which two of them cannot be one."""

import pytest

from ldnsim.unit_sizes import UnitSize, contradicts, size_of


@pytest.mark.parametrize(
    ("unit", "value", "of"),
    [
        ("mg", 1e-3, {"mass": 1}),
        ("kg", 1e3, {"mass": 1}),
        ("dL", 0.1, {"volume": 1}),
        ("nM", 1e-9, {"substance": 1, "volume": -1}),
        ("ng/mL", 1e-6, {"mass": 1, "volume": -1}),
        ("µg per L", 1e-6, {"mass": 1, "volume": -1}),
        ("mg/L*h^2", 1e-3, {"mass": 1, "time": 2, "volume": -1}),
        ("L/h/kg", 1e-3, {"mass": -1, "time": -1, "volume": 1}),
        ("1/min", 60.0, {"time": -1}),
        ("h/day", 1 / 24, {}),
        ("%", 0.01, {}),
        ("1", 1.0, {}),
    ],
)
def test_a_unit_is_read_from_left_to_right(unit, value, of):
    found = size_of(unit)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert dict(found.of) == of


@pytest.mark.parametrize("unit", ["", "apples", "fold of untreated", "m", "10", "mg/apple", "/h", "mg/(L*h)"])
def test_what_is_not_known_is_no_unit(unit):
    assert size_of(unit) is None


def test_two_units_contradict_each_other_where_both_are_known():
    assert size_of("ug/L").of == UnitSize(1.0, (("mass", 1), ("volume", -1))).of
    assert not contradicts("ng/mL", "ug/L")
    assert not contradicts("apples", "ug/L")
    assert not contradicts("ng/mL", "")
    assert not contradicts("", "mg/L")
    assert contradicts("ng/mL", "mg/L")
    assert contradicts("nM", "ug/L")
    assert contradicts("min", "h")
    assert contradicts("%", "1")


def test_a_number_a_day_may_say_so():
    assert contradicts("h/day", "h")
    assert not contradicts("h/day", "h", a_day=True)
    assert not contradicts("mg/L*h per 24 h", "mg/L*h", a_day=True)
    assert contradicts("min/day", "h", a_day=True)
