"""The value `Readout`: its text, its names, what it refuses."""

import pickle

import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError
from ldnsim.model.readout_rows import USUAL
from ldnsim.readouts import REDUCERS, WINDOWS, chosen, readouts_of, the_one
from ldnsim.readouts.windows import window_named

R = ldn.Readout


@pytest.mark.parametrize(
    ("readout", "text"),
    [
        (R("Cp", "auc"), "auc(Cp)"),
        (R("Cp", "auc", window="last interval"), "auc(Cp)"),
        (R("Cp", "auc", (0, 24)), "auc(Cp, 0, 24)"),
        (R("Cp", "auc", "0-24 h"), "auc(Cp, 0, 24)"),
        (R("Cp", "time_above", level=2), "time_above(Cp, 2.0)"),
        (R("Cp", "time_above", (0, 24.5), 2), "time_above(Cp, 2.0, 0, 24.5)"),
        (R("Cp", "cmax", "dose 1"), "cmax(Cp, first dose)"),
        (R("Cp", "cmax", "days 2-2"), "cmax(Cp, day 2)"),
        (R("Cp", "at", level=12), "at(Cp, 12)"),
        (R("Cp", "at", "last interval", 12), "at(Cp, 12, last interval)"),
        (R("S.amount", "mean", "02:00-04:00"), "mean(S.amount, 02:00-04:00)"),
        (R("mu", "hours_above", level="threshold"), "hours_above(mu, threshold)"),
        (R("Cp", "half_life", level=1e-9), "half_life(Cp, 1e-09)"),
        (R("Cp", "cmax", "0-6 h after last dose"), "cmax(Cp, 0-6 h after last dose)"),
    ],
)
def test_text_and_value_are_one(readout, text):
    assert readout.text == readout.name == text
    assert R.of(text) == readout
    assert hash(R.of(text)) == hash(readout)
    assert pickle.loads(pickle.dumps(readout)) == readout


@pytest.mark.parametrize("text", [" auc( Cp ,0 , 24 ) ", "auc(Cp, 0-24 h)", "auc(Cp,0,24)"])
def test_spaces_do_not_matter(text):
    assert R.of(text) == R("Cp", "auc", (0, 24))


def test_what_it_is_called_does_not_make_it_another():
    assert R("Cp", "auc", name="exposure", unit="mg/L*h", words="Said so.") == R("Cp", "auc")
    assert R("Cp", "auc") != R("Cp", "auc", (0, 24))


@pytest.mark.parametrize("window", WINDOWS)
def test_each_form_of_a_window_that_is_listed_is_one(window):
    assert window_named(window_named(window)) == window_named(window)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: R("Cp", "aux"), UnknownNameError, "did you mean 'auc'"),
        (lambda: R("Cp", "auc", "last week"), InputError, "window='last week'.*'last interval'"),
        (lambda: R("Cp", "auc", (24, 0)), InputError, "window="),
        (lambda: R("Cp", "auc", "days 3-2"), InputError, "window="),
        (lambda: R("Cp", "auc", "02:00-02:00"), InputError, "window="),
        (lambda: R("Cp", "auc", ("a", "b")), InputError, "window="),
        (lambda: R("Cp", "auc", level=3), InputError, "has no use: auc takes none"),
        (lambda: R("Cp", "time_above"), InputError, "is missing: time_above takes a level"),
        (lambda: R("Cp", "at"), InputError, "takes an hour"),
        (lambda: R("Cp", "at", level=-1), InputError, ">= 0"),
        (lambda: R("Cp", "time_to", level=1.5), InputError, "share above 0"),
        (lambda: R("Cp", "cmax", level=float("nan")), InputError, "has no use"),
        (lambda: R("Cp", "time_above", level=float("nan")), InputError, "finite"),
        (lambda: R.of("auc"), InputError, "write it as 'auc"),
        (lambda: R.of("auc()"), InputError, "write it as 'auc"),
        (lambda: R.of("time_above(Cp, 1, 2, 3, 4)"), InputError, "more numbers"),
        (lambda: R(3, "auc"), InputError, "variable=3"),
    ],
)
def test_refusals(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_units_and_words_follow_from_the_variable():
    known = {"Cp": {"units": "mg/L", "long_name": "plasma"}, "x": {"units": "1"}}
    units = {
        t: R.of(t).attrs(known)["units"] for t in ("cmax(Cp)", "auc(Cp)", "aumc(Cp)", "tmax(Cp)", "swing(Cp)")
    }
    assert list(units.values()) == ["mg/L", "mg/L*h", "mg/L*h^2", "h", "%"]
    assert [R.of(t).attrs(known)["units"] for t in ("auc(x)", "aumc(x)", "auc(y)")] == ["h", "h^2", ""]
    attrs = R.of("auc(Cp, 0, 24)").attrs(known)
    assert attrs["long_name"] == "area under the curve of plasma"
    assert attrs["description"] == "Area under the curve, 0 to 24 h after the first midnight."


@pytest.mark.parametrize("name", ["ldn", "naltrexone_pk"])
def test_the_tables_of_the_models_are_whole(name):
    model = ldn.load_model(name)
    table = model.readouts
    assert not table.index.duplicated().any()
    for readout in readouts_of(model):
        row = table.loc[readout.name]
        assert row.variable in model.observables
        assert "" not in (row.unit, row.group, row.label)
        assert row.words.endswith(".")
        assert readout.attrs({}) == {"units": row.unit, "long_name": row.label, "description": row.words}
    assert len(set(readouts_of(model))) == len(table)


def test_the_usual_readouts_are_what_their_table_says():
    text = "model own\n unit mg = 1e-3 gram\n var A; A has mg; A' = -k*A; A = 1; k = 0.1\nend"
    model = ldn.Model.from_antimony(text)
    assert model.readouts.unit.tolist() == ["mg", "h", "mg", "mg*h"]
    known = {q.id: {"units": q.unit} for q in model.quantities}
    for readout, row in zip(readouts_of(model), model.readouts.itertuples(), strict=True):
        assert readout.name == row.name
        assert readout.attrs(known)["units"] == row.unit
    assert [r.reduce for r in readouts_of(model)] == list(USUAL)


def test_each_is_called_as_it_was_asked_for():
    offered, have = readouts_of(ldn.load_model("ldn")), ("plasma_naltrexone", "il6")
    assert [r.name for r in chosen(["cmax", "change_il6"], offered, have)] == [
        "cmax naltrexone",
        "change_il6",
    ]
    (same,) = chosen([R("il6", "percent_change", level=1.0)], offered, have)
    assert (same.name, same.unit) == ("percent_change(il6, 1.0)", "%")
    (same,) = chosen("percent_change( il6,1)", offered, have)
    assert (same.name, same.unit) == ("percent_change( il6,1)", "%")
    assert chosen("auc(il6)", offered, have)[0].name == "auc(il6)"


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (["rebound_peek"], UnknownNameError, "rebound_peak"),
        (["rebound_peak"], InputError, "reads opioid_tone"),
        (["auc(il7)"], UnknownNameError, "did you mean 'il6'"),
        (["cmin"], InputError, r"'cmin\(il6\)'"),
        ([], InputError, "at least one"),
        ([3], InputError, "readouts=3"),
        (3, InputError, "readouts=3"),
    ],
)
def test_what_cannot_be_chosen(asked, error, words):
    with pytest.raises(error, match=words):
        chosen(asked, readouts_of(ldn.load_model("ldn")), ("il6",))


def test_where_one_number_is_needed_a_name_of_several_is_refused():
    model = ldn.load_model("ldn")
    assert the_one("cmax naltrexol", model, "metric").variable == "plasma_naltrexol"
    assert the_one(R("il6", "auc"), model, "metric").name == "auc(il6)"
    with pytest.raises(InputError, match="metric='cmax': must name one number; such as 'cmax naltrexone'"):
        the_one("cmax", model, "metric")
    with pytest.raises(InputError, match="metric="):
        the_one(["il6"], model, "metric")


@pytest.mark.kind("readout-twice")
def test_the_same_readout_twice_is_refused():
    with pytest.raises(InputError, match=r"change_il6.*is asked for twice"):
        chosen(["change_il6", "change_il6"], readouts_of(ldn.load_model("ldn")), ("il6",))


@pytest.mark.kind("readout-twice", sibling="once by name and once as what it is")
def test_the_same_readout_under_two_names_is_refused():
    asked = ["change_il6", "percent_change(il6, 1)"]
    with pytest.raises(InputError, match="is asked for twice, as 'change_il6' too"):
        chosen(asked, readouts_of(ldn.load_model("ldn")), ("il6",))


@pytest.mark.kind("readout-twice", sibling="two things under one name")
def test_two_readouts_of_one_name_are_refused():
    with pytest.raises(InputError, match="is asked for twice"):
        chosen([R("A", "cmax", name="x"), R("A", "cmin", name="x")], (), ("A",))


def test_the_table_says_of_each_reducer_what_it_is():
    for name, reducer in REDUCERS.items():
        assert reducer.words, name
        assert window_named(reducer.window) == reducer.window
        assert (reducer.usual is None) <= bool(reducer.number)


def test_readouts_that_need_a_reference_say_it():
    words = ldn.load_model("ldn").readouts.set_index("name")["words"]
    assert "1 is full withdrawal" in words["withdrawal_peak"]
    of_brain = [name for name in words.index if "mu_occupancy_brain" in name] + ["hours_blocked_brain"]
    assert len(of_brain) == 3
    assert all("an opioid taken beside takes receptors from them" in words[name] for name in of_brain)
    k = ldn.load_model("ldn").parameters.value["withdrawal_gap_50"]
    assert f"gives {1 / (1 + k**3):.2f}, of {k:.0%}".replace("%", " %") in words["withdrawal_peak"]


@pytest.mark.kind("share-in-percent")
def test_a_level_in_percent_of_what_is_a_share_is_refused():
    model = ldn.load_model("ldn")
    ds = ldn.simulate(model, ldn.Regimen.single(4.5), outputs=["mu_occupancy_peripheral"])
    rule = "level=80.0: is above 1, and mu_occupancy_peripheral is a share of receptors; write 0.8 for 80 %"
    for reduce in ("time_above", "stretch_above", "area_above"):
        with pytest.raises(InputError, match=rule):
            ldn.summarize(ds, [f"{reduce}(mu_occupancy_peripheral, 80)"])
    with pytest.raises(InputError, match=rule):
        ldn.simulate(model, ldn.Regimen.single(4.5), metrics=["hours_above(mu_occupancy_peripheral, 80)"])
    found = ldn.summarize(ds, ["time_above(mu_occupancy_peripheral, 0.8)", "at(mu_occupancy_peripheral, 12)"])
    assert 0 < float(found["time_above(mu_occupancy_peripheral, 0.8)"]) < 24
    fold = ldn.simulate(model, ldn.Regimen.single(4.5), metrics=["time_above(endorphin, 1.2)"])
    assert float(fold["time_above(endorphin, 1.2)"]) > 0
