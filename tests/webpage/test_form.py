"""The controls: what they accept, what they refuse, what they stand at."""

import pytest

import ldnsim as ldn
from ldnsim.webpage.fields import Pick
from ldnsim.webpage.form import Form

MODEL = ldn.load_model("ldn")
FORM = Form.of(MODEL, 200)


@pytest.mark.parametrize(
    ("text", "value"), [("4.5", 4.5), (" 50 ", 50.0), ("3 mg", 3.0), (0.1, 0.1), ("1e2", 100)]
)
def test_a_dose_is_read(text, value):
    assert FORM["dose"].read(text) == value


@pytest.mark.parametrize("text", ["-5", "abc", "1e9", "", "nan", "inf", "-0.1", None, "400.1", "1,2,3", "400,5"])
def test_a_wrong_dose_is_refused_with_its_bounds(text):
    with pytest.raises(ldn.InputError) as told:
        FORM["dose"].read(text)
    assert str(told.value) == f"Dose={text!r}: must be a number from 0 to 400 mg"


def test_a_placebo_and_an_injection_for_four_weeks_are_read():
    assert [FORM["dose"].read(text) for text in ("0 mg", "0.0005", 380)] == [0, 0.0005, 380]
    assert 380 in FORM["dose"].stops
    assert FORM["interval"].options["every 4 weeks"] == 28 * 24
    with pytest.raises(ldn.InputError, match="First dose=0"):  # nothing to step up from
        FORM["first_dose"].read(0)


@pytest.mark.kind("missed-without-a-dose", sibling="the start of a page")
@pytest.mark.parametrize(
    ("missed", "interval", "named"),
    [("40", 24.0, "40"), ("3, 28-30", 24.0, "29, 30"), ("2", 48.0, "2")],
)
def test_a_missed_day_without_a_dose_is_refused_as_by_skip(missed, interval, named):
    with pytest.raises(ldn.InputError) as told:
        FORM.start(missed=missed, interval=interval)
    assert str(told.value) == f"days=[{named}]: no dose falls on it; day 1 is the day of the first dose"
    assert FORM.start(missed=missed, interval=0.0)["missed"] == missed  # of a single dose the control is not there
    assert FORM.start(missed="3, 28")["missed"] == "3, 28"


@pytest.mark.parametrize("text", ["4,5", " 4,5 mg"])
def test_a_decimal_comma_is_recognised(text):
    with pytest.raises(ldn.InputError) as told:
        FORM["dose"].read(text)
    rule = "must be a number from 0 to 400 mg"
    assert str(told.value) == f"Dose={text!r}: {rule}; did you mean 4.5, with a point?"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"),
        ("8:05", "08:05"),
        (6.5, "06:30"),
        ("22", "22:00"),
        (" 8 ", "08:00"),
        ("0", "00:00"),
        ("noon", "12:00"),
        ("Bedtime", "22:00"),
    ],
)
def test_a_time_is_read(text, value):
    assert FORM["at"].read(text) == value


@pytest.mark.parametrize("text", ["24:00", "25:10", "teatime", "", "-1", "24", "99", 24.0])
def test_a_wrong_time_is_refused(text):
    with pytest.raises(ldn.InputError, match="must be a time from 00:00 to 23:59; write it as 22:00"):
        FORM["at"].read(text)


@pytest.mark.parametrize(
    ("text", "meant"), [("9pm", "21:00"), ("9 am", "09:00"), ("22.30", "22:30"), ("2230", "22:30")]
)
def test_a_time_written_otherwise_is_recognised(text, meant):
    with pytest.raises(ldn.InputError, match=f"from 00:00 to 23:59; did you mean {meant}[?]"):
        FORM["at"].read(text)


@pytest.mark.parametrize("text", ["2.5", "0", "85", "many"])
def test_days_are_whole_and_bounded(text):
    with pytest.raises(ldn.InputError, match="must be a whole number from 1 to 84"):
        FORM["days"].read(text)
    assert FORM["days"].read("7") == 7


def test_a_choice_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ldn.UnknownNameError, match="in_vitro_tlr4"):
        FORM["scenario"].read("in_vitro")


def test_the_form_has_what_the_model_has():
    names = [f.name for f in FORM]
    assert {"dose", "at", "days", "interval", "formulation", "scenario", "condition", "draws"} <= set(names)
    assert {"weight", "age", "liver", "kidney", "smoking", "opioid", "opioid_dose"} <= set(names)
    assert len(names) == len(set(names))
    for name, wanted in (("scenario", MODEL.scenarios), ("condition", MODEL.conditions)):
        assert set(FORM[name].options.values()) == {"", *wanted}
    assert set(FORM["formulation"].options.values()) == {
        f for f, drug in ldn.formulations()["drug"].items() if drug == "naltrexone"
    }
    plain = Form.of(ldn.load_model("naltrexone_pk"))
    assert {"dose", "weight"} <= {f.name for f in plain}
    assert not {"opioid", "scenario"} & {f.name for f in plain}


def test_all_that_the_form_starts_with_is_allowed():
    for field in FORM:
        assert field.read(field.start) == field.start, field.name
        if isinstance(field, Pick):
            assert field.start in field.options.values()


def test_what_is_given_takes_the_place_of_the_start():
    choices = FORM.start(dose=3, at="8:00", opioid="methadone")
    assert (choices["dose"], choices["at"], choices["days"]) == (3, "08:00", 28)
    assert (choices["opioid_dose"], choices["opioid_interval"]) == (60.0, 24.0)
    assert FORM.start(opioid="methadone", opioid_dose=30)["opioid_dose"] == 30
    with pytest.raises(ldn.InputError, match="Dose=500"):
        FORM.start(dose=500)
    with pytest.raises(ldn.UnknownNameError, match="did you mean 'dose'"):
        FORM.start(doze=5)


@pytest.mark.parametrize("drug", [d for d in FORM["opioid"].options.values() if d])
def test_the_usual_use_of_each_opioid_is_on_its_controls(drug):
    usual = FORM.usual(drug)
    assert FORM["opioid_dose"].read(usual["opioid_dose"]) > 0
    assert usual["opioid_interval"] in FORM["opioid_interval"].options.values()


def test_a_model_under_a_scenario_opens_with_it():
    form = Form.of(MODEL.with_scenario("ogf").with_condition("crohn"))
    assert (form["scenario"].start, form["condition"].start) == ("ogf", "crohn")


@pytest.mark.parametrize("text", ["0", "3-2", "x", "1;2", "5,", "1-2-3"])
def test_days_by_number_are_read_or_refused(text):
    assert FORM["missed"].days("5, 10-12") == [5, 10, 11, 12]
    assert FORM["missed"].read(" ") == ""
    with pytest.raises(ldn.InputError, match="Days missed="):
        FORM["missed"].read(text)


def test_a_model_without_formulations_is_dosed_by_state():
    form = Form.of(ldn.Model.from_antimony("A' = -k*A; B' = k*A; A = 1; B = 0; k = 0.5"))
    assert list(form["cmt"].options) == ["A", "B"]
    assert "draws" not in {f.name for f in form}
