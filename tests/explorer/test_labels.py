"""Two sides that show different things have different names, on the page, in its figure and in its code."""

import pytest

import ldnsim as ldn
from ldnsim.explorer.compute import Bench, compute
from ldnsim.explorer.download import _side_by_side
from ldnsim.explorer.labels import labels_of
from ldnsim.explorer.request import request_of
from ldnsim.explorer.script import script_of
from ldnsim.explorer.table import status
from ldnsim.webpage.form import Form

FORM = Form.of(ldn.load_model("ldn"))


def request(**given):
    return request_of(FORM, FORM.start(**{"draws": 1, "days": 2} | given))


def another(field):
    """A value of a control other than the one it starts with."""
    if hasattr(field, "options"):
        return next(v for v in field.options.values() if v != field.start)
    return next(s for s in field.stops if s != field.start)


OPIOID = ("opioid_dose", "opioid_interval", "opioid_use")


@pytest.mark.kind("one-label")
@pytest.mark.parametrize("name", [f.name for f in FORM])
def test_each_control_is_told_apart(name):
    beside = {"opioid": "tramadol"} if name in OPIOID else {}
    value = 20 if name == "draws" else another(FORM[name])
    if name in OPIOID:
        usual = FORM.usual("tramadol")
        value = next(v for v in (value, another(FORM[name]), 5.0, 8.0) if v != usual.get(name))
    sides = {"A": request(**beside), "B": request(**beside | {name: value})}
    labels = labels_of(sides)
    assert labels["A"] != labels["B"]
    assert all(labels.values())


def test_what_goes_without_saying_is_said_beside_something_else():
    both = {"A": request(), "B": request(scenario="in_vitro_tlr4", weight=60, opioid="tramadol")}
    a, b = labels_of(both).values()
    assert a == "default reading, weight 75 kg, no opioid, 4.5 mg at 22:00, daily, 2 days"
    assert b.startswith("in vitro tlr4, weight 60 kg, with tramadol ")
    assert b.endswith("4.5 mg at 22:00, daily, 2 days")
    assert request(condition="fibromyalgia").label == "4.5 mg at 22:00, daily, 2 days, fibromyalgia"


@pytest.mark.kind("one-label", sibling="the figure and the code of the page")
def test_figure_and_code_use_the_labels_of_the_page():
    bench, sides = Bench(), {"A": request(), "B": request(scenario="in_vitro_tlr4")}
    pictures = {side: compute(one, bench) for side, one in sides.items()}
    labels = labels_of(sides)
    assert list(_side_by_side(pictures, bench).regimen.values) == [
        f"{s}: {text}" for s, text in labels.items()
    ]
    for side, text in labels.items():
        assert f"# {side}: {text}\n" in script_of(sides)
        assert text in status(pictures, 1)


def test_draws_are_no_patients():
    with pytest.raises(ldn.InputError, match=r"patients=20: is no control.*draws=200"):
        FORM.start(patients=20)
    picture = compute(request(), Bench())
    assert "one draw" in status({"B": picture}, 1)
    assert picture.ds.attrs["draws"] == "posterior"
