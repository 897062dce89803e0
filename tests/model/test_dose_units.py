"""Doses into states of any unit: converted, told of, or refused."""

import numpy as np
import pytest

import ldnsim as ldn

NALTREXONE = 341.4  # g/mol


def dosed(unit, definition, change=lambda m: m, dose=2.0, **regimen):
    text = f"unit {unit}_ = {definition}; A' = -k*A; A = 0; k = 1; A has {unit}_"
    model = change(ldn.Model.from_antimony(text))
    given = ldn.Regimen.single(dose, cmt="A", **regimen)
    return float(ldn.simulate(model, given, times=[0.0, 1.0], rtol=1e-9).A[0])


@pytest.mark.kind("dose-units")
@pytest.mark.parametrize(("unit", "definition"), [("mol", "mole"), ("nmol", "1e-9 mole"), ("item", "item")])
def test_a_dose_in_mg_into_mol_needs_a_molar_mass(unit, definition):
    with pytest.raises(
        ldn.InputError, match=rf"cmt='A': has the unit {unit}, .*with_molar_masses\(A=\.\.\.\), in g/mol"
    ):
        dosed(unit, definition)


@pytest.mark.parametrize(
    ("unit", "definition", "expected"),
    [
        ("mol", "mole", 2e-3 / NALTREXONE),
        ("nmol", "1e-9 mole", 2e6 / NALTREXONE),
        ("item", "item", 2e-3 / NALTREXONE * 6.02214076e23),
    ],
)
def test_a_molar_mass_converts(unit, definition, expected):
    found = dosed(unit, definition, lambda m: m.with_molar_masses(A=NALTREXONE))
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.kind("dose-units", sibling="mg into a state in g, kg or ug")
@pytest.mark.parametrize(
    ("unit", "definition", "factor"),
    [("g", "gram", 1e-3), ("ug", "1e-6 gram", 1e3), ("kg", "kilogram", 1e-6)],
)
def test_masses_are_converted_and_told_of_until_somebody_says_what_they_are(unit, definition, factor):
    with pytest.warns(UserWarning, match=f"doses into 'A' are taken for mg and brought to {unit}"):
        assert dosed(unit, definition) == 2.0 * factor
    assert dosed(unit, definition, lambda m: m.with_dose_units(A="mg")) == 2.0 * factor
    assert dosed(unit, definition, lambda m: m.with_dose_units(A=unit)) == 2.0


@pytest.mark.parametrize(("unit", "power"), [("kg", 3), ("mg", -3), ("umol", -6), ("mol", 0)])
@pytest.mark.parametrize(("prefix", "own"), [("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9), ("p", -12)])
def test_a_dose_in_every_unit_is_brought_to_that_of_the_state(unit, power, prefix, own):
    base, word = ("mol", "mole") if unit.endswith("mol") else ("g", "gram")
    found = dosed(unit, f"1e{power} {word}", lambda m: m.with_dose_units(A=prefix + base))
    assert found == pytest.approx(2.0 * 10.0 ** (own - power), rel=1e-14)


@pytest.mark.kind("dose-units", sibling="a state that is a concentration")
def test_a_dose_into_a_concentration_is_refused():
    with pytest.raises(ldn.InputError, match=r"cmt='A': has the unit mg/L, .*with_dose_units\(A='mg/L'\)"):
        dosed("conc", "1e-3 gram / litre")
    assert dosed("conc", "1e-3 gram / litre", lambda m: m.with_dose_units(A="mg/L")) == 2.0


@pytest.mark.kind("dose-units", sibling="a concentration by a rate rule in a compartment that changes")
def test_a_dose_into_what_is_kept_as_a_concentration_is_refused():
    text = "compartment c; c := 2 + time; species A in c; A' = -k*A; A = 1; k = 1"
    with pytest.raises(ldn.InputError, match="cmt='A': is a concentration by a rate rule"):
        ldn.simulate(ldn.Model.from_antimony(text), ldn.Regimen.single(1, cmt="A"))


def test_an_infusion_and_a_steady_state_are_converted_alike():
    text = "unit nmol_ = 1e-9 mole; A' = -k*A; A = 0; k = 1; A has nmol_"
    model = ldn.Model.from_antimony(text).with_molar_masses(A=NALTREXONE)
    own = model.with_dose_units(A="nmol")
    for ss in (False, True):
        given, converted = (
            ldn.Regimen.from_records(
                [{"time": 0, "amt": a, "rate": a / 2, "cmt": "A", "ii": 24, "ss": int(ss), "addl": 1}]
            )
            for a in (3.0, 3e6 / NALTREXONE)
        )
        one, two = (ldn.simulate(m, r, every=0.5).A.values for m, r in ((model, given), (own, converted)))
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)


def test_a_dose_may_be_counted_in_mol_too():
    molar = lambda m: m.with_dose_units(A="umol").with_molar_masses(A=NALTREXONE)  # noqa: E731
    assert dosed("mg", "1e-3 gram", molar) == pytest.approx(2e-3 * NALTREXONE, rel=1e-14)


def test_what_is_said_is_part_of_the_model():
    model = ldn.Model.from_antimony("unit nmol_ = 1e-9 mole; A' = -k*A; A = 0; k = 1; A has nmol_")
    assert model != model.with_molar_masses(A=1.0)
    kept = model.with_molar_masses(A=1000.0).with_parameters(k=2).with_initial(A=1.0)
    assert float(ldn.simulate(kept, ldn.Regimen.single(1, cmt="A")).A[0]) == pytest.approx(1001.0)


@pytest.mark.parametrize(
    ("verb", "value", "message"),
    [
        ("with_dose_units", {"B": "mg"}, "'B'"),
        ("with_dose_units", {"A": "stone"}, "A='stone'"),
        ("with_molar_masses", {"B": 1.0}, "'B'"),
        ("with_molar_masses", {"A": -1.0}, "A=-1.0: must be a finite number > 0 g/mol"),
    ],
)
def test_nonsense_is_refused_by_name(verb, value, message):
    model = ldn.Model.from_antimony("A' = -k*A; A = 0; k = 1")
    with pytest.raises((ldn.InputError, ldn.UnknownNameError), match=message):
        getattr(model, verb)(**value)


@pytest.mark.kind("dose-units", sibling="a unit or a molar mass that would change nothing")
@pytest.mark.parametrize(
    ("state", "verb", "value"),
    [
        ("", "with_dose_units", "ug"),
        ("dimensionless", "with_dose_units", "nmol"),
        ("", "with_molar_masses", NALTREXONE),
        ("dimensionless", "with_molar_masses", NALTREXONE),
        ("1e-3 gram", "with_molar_masses", NALTREXONE),
        ("1e-6 gram", "with_molar_masses", NALTREXONE),
        ("1e-3 gram / litre", "with_molar_masses", NALTREXONE),
    ],
)
def test_what_would_change_nothing_is_refused(state, verb, value):
    unit = f"unit u = {state}; A has u;" if state else ""
    model = ldn.Model.from_antimony(f"{unit} A' = -k*A; A = 0; k = 1")
    with pytest.raises(ldn.InputError, match=rf"{verb}\(A=\.\.\.\)={value!r}: would change nothing: the state has"):
        getattr(model, verb)(A=value)


def test_what_agrees_with_the_state_may_be_said():
    model = ldn.Model.from_antimony("A' = -k*A; A = 0; k = 1").with_dose_units(A="mg")
    assert float(ldn.simulate(model, ldn.Regimen.single(2, cmt="A")).A[0]) == 2.0
    unit = ldn.Model.from_antimony("unit nmol_ = 1e-9 mole; A' = -k*A; A = 0; k = 1; A has nmol_")
    assert unit.with_dose_units(A="ug").with_molar_masses(A=2e3).arrivals["A"] == pytest.approx(0.5)


@pytest.fixture
def folder(tmp_path):
    """Return a model whose doses go by its own table, in nmol."""

    def make(fraction):
        lines = [
            "unit nmol = 1e-9 mole; unit nmol_per_mg = 1e-9 mole / 1e-3 gram; unit time_unit = 3600 second;",
            "unit per_hour = 1 / 3600 second; var A has nmol; const k has per_hour, F_own has dimensionless;",
            "const made has nmol_per_mg; A' = -k*A; A = 0 nmol;",
        ]
        (tmp_path / "model.ant").write_text("\n".join(["model own", *lines, "end"]))
        rows = ["k,1,per_hour", "F_own,0.5,dimensionless", "made,2929,nmol_per_mg"]
        (tmp_path / "parameters.csv").write_text(
            "id,value,unit,description,grade,source\n" + "".join(f"{r},x,assumed,\n" for r in rows)
        )
        (tmp_path / "formulations.csv").write_text(
            f"drug,formulation,cmt,fraction,lag,duration\nmine,pill,A,{fraction},,\n"
        )
        return ldn.load_model(tmp_path)

    return make


@pytest.mark.kind("dose-units", sibling="a table of formulations that leaves the conversion out")
@pytest.mark.parametrize("fraction", ["1", "F_own", "0.9*F_own"])
def test_a_table_that_leaves_the_conversion_out_is_refused(folder, fraction):
    dose = ldn.Regimen.single(1, drug="mine", formulation="pill")
    model = folder(fraction)
    with pytest.raises(ldn.InputError, match=r"with_molar_masses\(A=\.\.\.\)"):
        ldn.simulate(model, dose)
    share = {"1": 1.0, "F_own": 0.5, "0.9*F_own": 0.45}[fraction]
    found = ldn.simulate(model.with_molar_masses(A=500.0), dose).A[0]
    assert float(found) == pytest.approx(share * 2000.0)


@pytest.mark.parametrize("fraction", ["2929", "made", "F_own*made"])
def test_a_table_that_converts_is_taken_at_its_word(folder, fraction):
    dose = ldn.Regimen.single(1, drug="mine", formulation="pill")
    expected = 2929 * (0.5 if "F_own" in fraction else 1.0)
    assert float(ldn.simulate(folder(fraction), dose).A[0]) == pytest.approx(expected)


def test_the_remedy_of_a_molar_mass_that_changes_nothing_fits_the_state():
    def refused(declared):
        model = ldn.Model.from_antimony(f"A' = -A; A = 0; {declared}")
        with pytest.raises(ldn.InputError, match="would change nothing") as error:
            model.with_molar_masses(A=300.0)
        return str(error.value)

    assert "with_dose_units(A='umol'), before, counts doses in mol" in refused("unit g_ = gram; A has g_")
    assert refused("").endswith("give 'A' a unit of substance")
