"""Units that the tables of a folder state, held against those of its equations."""

import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, ModelError

ANT = """model own
  unit hour = 3600 second; unit time_unit = 3600 second; unit mg = 1e-3 gram; unit L = 1 litre
  unit per_hour = 1/3600 second; unit mg_per_L = 1e-3 gram/litre; unit L_per_h = 1 litre/3600 second
  const ka has per_hour, CL has L_per_h, V has L
  var gut has mg, body has mg, plasma has mg_per_L
  gut' = -ka*gut; body' = ka*gut - CL/V*body; gut = 0 mg; body = 0 mg
  plasma := body/V
end
"""
TABLE = """id,value,unit,description,grade,source,lower,upper
ka,1,per_hour,absorption,assumed,,,
CL,2,L_per_h,clearance,assumed,,,
V,30,L,volume,assumed,,10,100
"""
READOUT = "name,variable,reduce,window,level,unit,words,group,label\n"
PILL = "drug,formulation,cmt,fraction,lag,duration\n"
DOSE = ldn.Regimen.single(100, drug="mine", formulation="pill")


@pytest.fixture
def own(tmp_path):
    """Make the model with further tables."""

    def make(**tables):
        for name, text in {"model.ant": ANT, "parameters.csv": TABLE, **tables}.items():
            (tmp_path / name.replace("_csv", ".csv")).write_text(text, encoding="utf-8")
        return ldn.load_model(tmp_path)

    return make


@pytest.mark.kind("unit-that-changes-nothing")
@pytest.mark.parametrize("unit", ["ng/mL", "ug/L", "nM", "mg", "1"])
def test_an_output_in_another_unit_than_its_equation_is_refused(own, unit):
    with pytest.raises(
        ModelError, match=f"outputs.csv, line 2: 'plasma' is in mg/L .*unit='{unit}' would change no"
    ):
        own(outputs_csv=f"id,unit,long_name\nplasma,{unit},plasma\n")


@pytest.mark.parametrize("unit", ["mg/L", "ug/mL", "mg/L of plasma"])
def test_an_output_in_its_unit_is_taken(own, unit):
    assert own(outputs_csv=f"id,unit,long_name\nplasma,{unit},plasma\n").outputs.unit["plasma"] == unit


@pytest.mark.parametrize("gram", ["1e-6 kilogram", "1e-3 gram"])
def test_an_output_is_told_by_its_unit_however_that_is_defined(own, gram):
    text = ANT.replace("1e-3 gram", gram)
    assert own(**{"model.ant": text}).outputs.unit["gut"] == "mg"
    with pytest.raises(ModelError, match=r"'plasma' is in mg/L in model.ant, and unit='ng/mL'"):
        own(outputs_csv="id,unit,long_name\nplasma,ng/mL,plasma\n", **{"model.ant": text})


def test_a_rule_in_percent_says_so_in_the_model(own):
    table = "id,unit,long_name\nshare,%,share of the dose\n"
    text = ANT.replace("end\n", "  var share has dimensionless; share := 100*body/(gut + body + 1 mg)\nend\n")
    with pytest.raises(
        ModelError, match=r"'share' is in 1 .* convert it by a rule in model.ant, with its unit"
    ):
        own(outputs_csv=table, **{"model.ant": text})
    text = text.replace("share has dimensionless", "share has percent; unit percent = 0.01 dimensionless")
    assert own(outputs_csv=table, **{"model.ant": text}).outputs.unit["share"] == "%"


@pytest.mark.kind(
    "unit-that-changes-nothing", sibling="of a number that is read: readouts.csv, Readout(unit=)"
)
@pytest.mark.parametrize(
    ("reduce", "unit", "computed"),
    [("tmax", "min", "h"), ("half_life", "d", "h"), ("cmax", "ng/mL", "mg/L"), ("auc", "mg/L", r"mg/L\*h"),
     ("swing", "1", "%")],
)  # fmt: skip
def test_a_readout_in_another_unit_is_refused(own, reduce, unit, computed):
    model = own(readouts_csv=f"{READOUT}mine,plasma,{reduce},last interval,,{unit},,,\n")
    ds = ldn.simulate(model, ldn.Regimen.daily(100, days=2, cmt="gut"))
    with pytest.raises(
        InputError, match=f"unit='{unit}': is no unit of .*, which is in {computed}, and would change"
    ):
        ldn.summarize(ds)
    with pytest.raises(InputError, match=f"unit='{unit}'"):
        ldn.summarize(ds, [ldn.Readout("plasma", reduce, unit=unit)])


def test_hours_a_day_may_be_called_so(own):
    model = own(readouts_csv=f"{READOUT}mine,plasma,hours_above,last days,2,h/day,,,\n")
    found = ldn.summarize(ldn.simulate(model, ldn.Regimen.daily(100, days=2, cmt="gut")))
    assert found.mine.attrs["units"] == "h/day"


@pytest.mark.kind("drug-in-another-unit")
@pytest.mark.parametrize(
    ("unit", "arrives"),
    [
        ("mg", 100.0),
        ("", 100.0),
        ("ug", 0.1),
        ("mcg", 0.1),
        ("MG", 100.0),
        ("milligrams", 100.0),
        ("µg", 0.1),
        ("g", 1e5),
        ("ng", 1e-4),
    ],
)
def test_a_drug_that_is_dosed_in_another_mass_is_converted(own, unit, arrives):
    model = own(
        formulations_csv=f"{PILL}mine,pill,gut,1,0,0\n",
        drugs_csv=f"drug,unit,formulation\nmine,{unit},pill\n",
    )
    ds = ldn.simulate(model, DOSE, times=[0.0, 4.0])
    assert float(ds.gut[0]) == pytest.approx(arrives, rel=1e-12)
    plain = ldn.simulate(model, ldn.Regimen.single(arrives, cmt="gut"), times=[0.0, 4.0])
    assert float(ds.plasma[1]) == pytest.approx(float(plain.plasma[1]), rel=1e-6)


@pytest.mark.kind("drug-in-another-unit", sibling="units, into mg; a fraction that says what they are")
def test_a_drug_in_units_needs_a_conversion(own):
    drugs = "drug,unit,formulation\nmine,IU,pill\n"
    model = own(formulations_csv=f"{PILL}mine,pill,gut,1,0,0\n", drugs_csv=drugs)
    with pytest.raises(
        InputError, match="cmt='gut': has the unit mg, and the drug is dosed in IU; let the fraction"
    ):
        ldn.simulate(model, DOSE)
    told = own(formulations_csv=f"{PILL}mine,pill,gut,2.5,0,0\n", drugs_csv=drugs)
    assert float(ldn.simulate(told, DOSE, times=[0.0, 1.0]).gut[0]) == 250.0


@pytest.mark.kind("fractions-of-a-dose")
@pytest.mark.parametrize(("rows", "total"), [(("50", "50"), "100"), (("1", "0.5"), "1.5"), (("100",), "100")])
def test_fractions_that_are_more_than_the_dose_are_refused(own, rows, total):
    text = PILL + "".join(f"mine,pill,{cmt},{f},0,0\n" for cmt, f in zip(("gut", "body"), rows, strict=False))
    with pytest.raises(
        InputError, match=f"formulation='mine pill': has fractions that are {total} doses together"
    ):
        ldn.simulate(own(formulations_csv=text), DOSE)


@pytest.mark.kind("fractions-of-a-dose", sibling="that are less, or say a conversion")
def test_fractions_up_to_the_dose_are_taken(own, tmp_path):
    rows = "mine,pill,gut,0.3,0,0\nmine,pill,body,0.6,0,0\nmine,pill,body,0.1,0,2\n"
    ds = ldn.simulate(own(formulations_csv=PILL + rows), DOSE, times=[0.0, 1.0])
    assert (float(ds.gut[0]), float(ds.body[0])) == (30.0, 60.0)
    (tmp_path / "drugs.csv").write_text("drug,unit,formulation\nmine,g,pill\n")
    rows = "mine,pill,gut,1000,0,0\n"  # mg in a g
    assert float(ldn.simulate(own(formulations_csv=PILL + rows), DOSE, times=[0.0, 1.0]).gut[0]) == 1e5


@pytest.mark.kind("values-that-cannot-be", sibling="in a scenario, a condition, the row of a drug, a record")
def test_what_cannot_be_is_refused_wherever_it_is_set(own, tmp_path):
    for name, text, where in (
        (
            "scenarios.toml",
            '[odd]\ndescription = "x"\n[odd.parameters]\nV = -30\n',
            "scenarios.toml, scenario 'odd'",
        ),
        ("conditions.csv", "name,description,V,grade,source\nodd,x,-30,assumed,\n", "conditions.csv, line 2"),
        ("drugs.csv", "drug,V\nmine,-30\n", "drugs.csv, line 2"),
    ):
        with pytest.raises(ModelError, match=f"{where}: V=-30.0: must not be negative: volume"):
            own(**{name: text})
        (tmp_path / name).unlink()
    model, rows = own(), [{"time": 0, "amt": 100, "cmt": "gut", "V": -30}]
    for ask in (
        lambda: ldn.simulate(model, ldn.Regimen.from_records(rows), duration=4),
        lambda: ldn.predict(model, ldn.read_data([*rows, {"time": 4, "DV": 1.0}]), "plasma"),
        lambda: ldn.steady_state(model, ldn.Regimen.from_records([rows[0] | {"ii": 24, "addl": 1}])),
    ):
        with pytest.raises(InputError, match=r"V=-30\.0: must not be negative: volume"):
            ask()
    with pytest.warns(ldn.BoundsWarning, match="parameter table, in the records: V=900; the run goes on"):
        ldn.simulate(model, ldn.Regimen.from_records([rows[0] | {"V": 900}]), duration=4)


def test_a_condition_needs_no_note(own):
    model = own(conditions_csv="name,description,V,grade,source\nsmall,a small one,20,assumed,\n")
    ds = ldn.simulate(model.with_condition("small"), ldn.Regimen.single(100, cmt="gut"), duration=4)
    assert (ds.attrs["condition_grade"], ds.attrs["condition_note"]) == ("assumed", "a small one")


TIMED = ANT.replace("const ka", "unit minute = 60 second; const late has {unit}, ka")


def late(own, value, unit, row):
    """Make the model with a parameter `late`, and a row of its formulation."""
    table = f"{TABLE}late,{value},{unit},delay,assumed,,,\n"
    return own(**{"model.ant": TIMED.format(unit=unit), "parameters_csv": table}, formulations_csv=PILL + row)


@pytest.mark.kind("delays-in-other-units")
@pytest.mark.parametrize("row", ["mine,pill,gut,1,late,0\n", "mine,pill,gut,1,0,0.5*late\n"])
def test_a_lag_or_duration_in_another_unit_of_time_is_refused(own, row):
    with pytest.raises(InputError, match=r"of mine pill='late': is in min, and is read in h"):
        ldn.simulate(late(own, 90, "minute", row), DOSE)
    with pytest.raises(InputError, match=r"'late': is in L/h, and is read in h"):
        ldn.simulate(late(own, 90, "L_per_h", row), DOSE)


def test_a_lag_in_the_unit_of_the_model_is_taken(own):
    ds = ldn.simulate(late(own, 1.5, "hour", "mine,pill,gut,1,late,0\n"), DOSE, times=[1.4, 1.5])
    assert ds.gut.values.tolist() == [0.0, 100.0]


def modelled(name, unit, seconds, further=""):
    """Make a model whose time is counted in so many seconds, with a parameter that a record names by its code."""
    units = "unit mg = 1e-3 gram; unit minute = 60 second; unit hour = 3600 second; unit mg_per_min = 1e-3 gram/60 second;"
    units += further
    return ldn.Model.from_antimony(
        f"model own\n unit time_unit = {seconds} second; {units} unit per_t = 1/{seconds} second\n"
        f" const k has per_t, {name} has {unit}; var A has mg; A' = -k*A; A = 0 mg; k = 0 per_t; {name} = 60 {unit}\nend"
    )


@pytest.mark.kind("delays-in-other-units", sibling="the rate or duration of an infusion, R_A and D_A")
@pytest.mark.parametrize(("name", "unit", "code"), [("D_A", "minute", -2), ("R_A", "mg_per_min", -1)])
def test_a_modelled_duration_or_rate_in_another_unit_is_refused(name, unit, code):
    given = ldn.Regimen.from_records([{"time": 0, "amt": 120, "cmt": "A", "rate": code}])
    with pytest.raises(InputError, match=f"{name}='.*min': is in .*min, and is read in .*h"):
        ldn.simulate(modelled(name, unit, 3600), given, duration=1)
    ds = ldn.simulate(modelled(name, unit, 60), given, times=[0.0, 0.5])  # a model in minutes
    assert float(ds.A[1]) == pytest.approx({"D_A": 60.0, "R_A": 120.0}[name])


def test_a_rate_is_in_the_unit_in_which_the_state_is_dosed():
    model = modelled("R_A", "ug_per_hour", 3600, "unit ug_per_hour = 1e-6 gram/3600 second;")
    given = ldn.Regimen.from_records([{"time": 0, "amt": 120, "cmt": "A", "rate": -1}])
    with pytest.raises(InputError, match="R_A='ug/h': is in ug/h, and is read in mg/h"):
        ldn.simulate(model, given, duration=1)
    ds = ldn.simulate(model.with_dose_units(A="ug"), given, times=[0.0, 0.5])
    assert float(ds.A[1]) == pytest.approx(0.03)


def test_a_formulation_of_another_model_asks_for_the_dosed_state():
    """Also where a model has a state of the same name by chance."""
    model = ldn.Model.from_antimony("A_gut' = -k*A_gut; A_gut = 0; k = 1")
    with pytest.raises(InputError, match=r"made of the parameter 'salt_factor', .* name the dosed state: cmt='A_gut'"):
        ldn.simulate(model, ldn.Regimen.single(100))
