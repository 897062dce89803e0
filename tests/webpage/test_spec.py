"""The one description of a page: what is chosen, drawn, measured and named."""

import json

import pytest

import ldnsim as ldn
from ldnsim.choices import spoken
from ldnsim.inference.target import targets
from ldnsim.webpage.form import Form
from ldnsim.webpage.measured import measured
from ldnsim.webpage.panels import chain_of, sheets_of
from ldnsim.webpage.presets import presets_of
from ldnsim.webpage.spec import KEY, spec

MODEL = ldn.load_model("ldn")
FORM = Form.of(MODEL, 200)
SPEC = spec(FORM, FORM.start())


@pytest.mark.parametrize("name", ldn.list_models())
def test_every_shipped_model_has_a_description(name):
    form = Form.of(ldn.load_model(name))
    told = json.loads(json.dumps(spec(form, form.start()), allow_nan=False))
    fields = [f["name"] for group in told["groups"] for f in group["fields"]]
    assert len(fields) == len(set(fields))
    assert set(fields) == set(told["start"])
    drawn = [v for panel in told["panels"] for box in panel["boxes"] for v in box["variables"]]
    assert drawn
    assert set(drawn) == set(told["variables"])


def test_what_a_field_asks_of_others_exists():
    fields = {f["name"]: f for group in SPEC["groups"] for f in group["fields"]}
    for field in fields.values():
        assert set(field["when"]) <= set(fields), field["name"]
    for preset in SPEC["presets"]:
        assert set(preset["choices"]) <= set(fields), preset["name"]
    for row in SPEC["evidence"]:
        assert set(row["state"]) <= set(fields), row["id"]


def test_the_presets_people_ask_for_are_there():
    names = [preset.name for preset in presets_of(FORM)]
    assert names[:4] == ["LDN at bedtime", "Standard 50 mg", "Titration", "With an opioid"]
    opioid = next(p for p in presets_of(FORM) if p.name == "With an opioid")
    assert opioid.choices["opioid_dose"] > 0


@pytest.mark.kind("points-under-a-curve", sibling="percent, spread and dose of the source")
def test_a_measurement_has_the_value_of_its_source_in_the_unit_of_its_curve():
    rows = {row["id"]: row for row in measured(MODEL, FORM)}
    by_id = {t.id: t for t in targets(MODEL)}
    scan = rows["rabiner_ntx_5mga"]
    assert scan["value"] == pytest.approx(by_id["rabiner_ntx_5mga"].observed / 100)
    assert scan["hour"] == by_id["rabiner_ntx_5mga"].start
    assert scan["state"]["dose"] == 5.0
    peak = rows["pk_meyer1984_cmax_ntx_100"]
    assert (peak["value"], peak["state"]["dose"]) == (19.6, 100.0)
    assert (peak["low"], peak["high"]) == pytest.approx((1.7, 37.5))
    assert all(row["source"] for row in rows.values())
    assert {"plasma_naltrexone", "mu_occupancy_brain", "il6"} <= {row["variable"] for row in rows.values()}
    assert any(row["state"].get("endotoxin") for row in rows.values())


@pytest.mark.kind("points-under-a-curve")
def test_what_is_told_against_another_run_is_no_point_of_a_curve():
    """A share blocked (96 %) or left of an opioid's effect is not the effect."""
    against = {t.id for t in targets(MODEL) if t.contrast or t.design.challenge}
    assert against
    assert against & {row["id"] for row in measured(MODEL, FORM)} == set()
    for row in measured(MODEL, FORM):
        if "occupancy" in row["variable"] or row["variable"] == "opioid_effect":
            assert 0 <= row["value"] <= 1, row["id"]


def test_a_measurement_and_the_model_agree_on_what_is_measured():
    """Run the state of a scan by the library: the curve is where the target's prediction is."""
    target = next(t for t in targets(MODEL) if t.id == "rabiner_ntx_50mga")
    row = next(r for r in measured(MODEL, FORM) if r["id"] == target.id)
    state = row["state"]
    regimen = ldn.Regimen.single(state["dose"], formulation=state["formulation"])
    ds = ldn.simulate(MODEL, regimen, times=[0.0, row["hour"]], outputs=[row["variable"]], progress=False)
    shown = float(ds[row["variable"]][-1])
    table = ldn.qualify(MODEL, n=0)
    assert 100 * shown == pytest.approx(table.loc[target.id, "predicted"], rel=1e-4)


def test_the_chain_shows_which_arrows_a_reading_has():
    chain = chain_of(MODEL, sheets_of(MODEL))
    assert ["plasma", "periphery"] in chain["now"]
    assert ["plasma", "cytokines"] not in chain["readings"]["no_tlr4"]
    assert ["tone", "cytokines"] in chain["readings"]["ogf"]
    assert ["tone", "cytokines"] not in chain["now"]


def test_a_model_of_ones_own_is_drawn_by_unit_and_dosed_by_state():
    model = ldn.Model.from_antimony("A' = -k*A; B' = k*A - m*B; A = 1; B = 0; k = 0.5; m = 0.1")
    form = Form.of(model)
    told = spec(form, form.start())
    assert [f["name"] for f in told["groups"][0]["fields"]][:5] == ["dose", "at", "interval", "days", "cmt"]
    assert told["panels"][0]["boxes"][0]["variables"] in (("A",), ["A"])
    assert told["presets"] == []


def test_ids_are_said_in_words():
    assert spoken("in_vitro_tlr4") == "In vitro TLR4"
    assert spoken("brain_6bn_pool") == "Brain 6β-naltrexol pool"


def test_a_model_beside_naltrexone_shows_all_of_its_outputs():
    model = ldn.load_model("rival_kyhl_nalmefene")
    sheets = sheets_of(model)
    drawn = [v for sheet in sheets for box in sheet.boxes for v in box.variables]
    assert sorted(drawn) == sorted(model.observables)
    assert chain_of(model, sheets)["now"] == [["plasma_nalmefene", "brain"]]


def test_the_highest_tone_is_named_for_what_it_is_also_where_it_lies_below_baseline():
    table = ldn.load_model("ldn").readouts.set_index("name")
    assert table.label["rebound_peak"] == "highest opioid tone, less baseline"
    assert KEY["rebound_peak"] == "Highest tone less baseline, fold"
