"""Claims: the file, the reductions, the verdicts, the same for other seeds; questions; cytokines."""

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.cli import run
from ldnsim.errors import InputError, ModelError, UnknownNameError
from ldnsim.study import pages, question_table, statement, verdicts
from ldnsim.study.draws import draws_of
from ldnsim.study.runs import ClaimRuns, keys_of

ROOT = Path(__file__).parents[2]
SOME = [
    "transient",
    "transient_brain",
    "endorphin_up",
    "net_tone",
    "peak_at_four",
    "il6",
    "topical",
    "filamin",
]
SAYINGS = (  # met on public pages
    "peaks at 4 am if taken at 9 pm", "blocks between 2 and 4 am", "4-6 h blockade", "18-20 h benefit",
    "raises endorphin by up to 300 %", "90 % of endorphin is made at 2-4 am", "cleared in 24-48 h",
    "must be immediate release, needs a spike", "calcium carbonate slows it", "topicals bypass the liver",
    "liquid and capsule are one-to-one", "six hours apart is safe", "stop 3 days before surgery",
    "no tolerance", "receptors become more sensitive", "about 30 % tolerate 4.5 mg",
    "half-life 4 h, therefore gone by morning",
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def statements(model):
    return statement.statements_of(model)


@pytest.fixture(scope="module")
def table(model):
    return ldn.claims(model, only=SOME, draws=60)


def test_the_file_holds_every_saying(statements):
    assert len(statements.claims) >= 30
    said = [c.sentence for c in statements.claims]
    for saying in SAYINGS:
        assert any(s.startswith(saying) for s in said), saying
    assert {c.said for c in statements.claims} == {"design", "pages"}


def test_sources_named_in_a_verdict_exist(statements):
    keys = set(re.findall(r"^@\w+\{(\w+),", ldn.references(), re.MULTILINE))
    for c in statements.claims:
        for text in (c.contradicts, c.outside):
            named = re.findall(r"\b[A-Z]\w*(?:19|20)\d\d\b", text)
            assert set(named) <= keys, c.id


@pytest.mark.parametrize("name", ["transient", "transient_50", "no_tolerance", "made_at_night", "restart"])
def test_a_claim_reads_what_summarize_reads(model, statements, name):
    """The same hours from the same draws, bit for bit, whoever asks."""
    claim = statements.only([name]).claims[0]
    runs = ClaimRuns(model, statements, [(claim, claim.scenario)], 8, 0, None)
    (key,) = keys_of(claim, claim.scenario)
    chosen, asked = runs.variant(key.variant), statements.regimens[claim.regimen]
    readouts = [r for r in (claim.readout, claim.over) if r is not None]
    told = {"subjects": draws_of(chosen, 8, 0), "duration": asked.regimen.end + asked.after}
    metrics = ldn.simulate(chosen, asked.regimen, metrics=readouts, **told)
    for r in readouts:
        np.testing.assert_array_equal(runs[key._replace(readout=r)], r.picked(metrics).values)


def test_hours_blocked_are_the_same_from_a_course(model, statements):
    claim = statements.only(["transient"]).claims[0]
    runs = ClaimRuns(model, statements, [(claim, "")], 8, 0, None)
    asked = statements.regimens["ldn"]
    kw = {"subjects": draws_of(model, 8, 0), "duration": asked.regimen.end + asked.after}
    course = ldn.simulate(model, asked.regimen, outputs=["mu_occupancy_peripheral"], **kw)
    hours = ldn.summarize(course, ["hours_blocked_peripheral"]).hours_blocked_peripheral
    np.testing.assert_array_equal(runs[keys_of(claim, "")[0]], hours.values)


def test_the_lowest_distance_of_two_courses(model, statements):
    claim = statements.only(["above_usual"]).claims[0]
    own, other = keys_of(claim, "")
    runs = ClaimRuns(model, statements, [], 4, 0, None)
    kw = {
        "subjects": draws_of(model, 4, 0),
        "outputs": ["opioid_tone"],
        "times": 670 + np.arange(0, 24.1, 0.25),
    }
    a, b = (
        ldn.simulate(model, statements.regimens[k.regimen].regimen, **kw).opioid_tone.values
        for k in (own, other)
    )
    np.testing.assert_array_equal(runs.apart(own, other), (a - b).min(axis=-1))


@pytest.mark.parametrize(("how", "expected"), [("ratio", [2.0, 3.0]), ("difference", [1.0, 4.0])])
def test_one_answer_is_held_against_another(how, expected):
    claim = statement.Claim("id", "sentence", "design", against="other", how=how)
    runs = {"own": np.array([2.0, 6.0]), "other": np.array([1.0, 2.0])}
    assert verdicts._value(claim, ["own", "other"], runs).tolist() == expected


@pytest.mark.parametrize(
    ("share", "shares", "fields", "expected"),
    [
        (0.95, {}, {}, "holds"),
        (0.95, {"a": 1.0}, {}, "holds"),
        (0.95, {"a": 1.0, "b": 0.5}, {"reading": "x"}, "holds only under scenario x, a; not under b"),
        (0.95, {}, {"scenario": "s"}, "holds only under scenario s"),
        (0.5, {"a": 0.95}, {}, "holds only under scenario a"),
        (0.05, {"a": 0.95}, {"contradicts": "PET"}, "holds only under scenario a; else contradicted by PET"),
        (0.95, {"b": 0.5}, {"scenario": "s"}, "holds only under scenario s; not under b"),
        (0.5, {"a": 0.5}, {}, "open"),
        (0.89, {}, {}, "likely"),
        (2 / 3, {}, {}, "likely"),
        (0.66, {}, {}, "open"),
        (0.34, {}, {}, "open"),
        (0.33, {"a": 0.5}, {}, "unlikely"),
        (0.11, {}, {"contradicts": "PET"}, "unlikely"),
        (0.0, {"a": 0.5}, {}, "contradicted by the model; left open under a"),
        (0.0, {"a": 0.1, "b": 0.2}, {}, "contradicted by the model in all readings tried"),
        (0.1, {}, {"contradicts": "PET"}, "contradicted by PET"),
    ],
)
def test_verdicts(share, shares, fields, expected):
    claim = statement.Claim("id", "sentence", "design", **fields)
    assert verdicts._verdict(claim, share, shares) == expected


def test_table(table):
    assert list(table.index) == SOME
    numbers = table.loc[table["regimen"] != "", ["low", "answer", "high"]]
    assert (numbers.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert set(table["grade"]) <= {"measured", "fitted", "assumed", ""}
    assert (table["deciding"].str.split(", ").str.len() <= 3).all()
    known = set(ldn.load_model("ldn").parameters.index)
    assert {p for cell in table["deciding"] if cell for p in cell.split(", ")} <= known


def test_what_the_model_says(table):
    verdict = table["verdict"]
    assert verdict["endorphin_up"] == "holds"
    assert verdict["net_tone"].startswith("contradicted by feedback")
    assert verdict["peak_at_four"].startswith("contradicted by the measured tmax")
    assert verdict["transient_brain"].startswith("holds only under scenario brain_plasma_driven")
    assert verdict["il6"].startswith("holds only under scenario clinical_tlr4")
    assert "in_vitro_tlr4" in verdict["il6"]
    assert verdict["topical"].startswith("contradicted by a patch and a gel")
    assert verdict["filamin"].startswith("outside the model")
    assert 0 < table.answer["transient"] < 12


@pytest.mark.slow
def test_three_seeds_give_the_same_verdicts(model):
    """Among them the claims whose share of draws lies nearest to a border."""
    near = [
        "transient",
        "continuous",
        "four_to_six",
        "bedtime",
        "rebound_missed",
        "usual_below",
        "above_usual",
        "pain",
        "trial_size",
    ]
    found = [tuple(ldn.claims(model, only=near, draws=400, seed=seed)["verdict"]) for seed in (0, 1, 2)]
    assert len(set(found)) == 1


def test_refusals(model, tmp_path):
    with pytest.raises(UnknownNameError, match="transient"):
        ldn.claims(model, only=["transien"])
    with pytest.raises(InputError, match=r"claims\.toml"):
        ldn.claims(ldn.Model.from_antimony("model one\n A' = -A; A = 1\nend"))
    for change, said in (
        ('holds = "soon"', "no rule"), ('readout = "middle(il6)"', "middle"), ('readout = "mean(mood)"', "mood"),
        ('contrast = ["none"]', "no scenario 'none'"), ("colour = 1", "colour"),
    ):  # fmt: skip
        key = change.split(" ")[0]
        good = {"id": '"x"', "sentence": '"s"', "said": '"design"', "regimen": '"r"',
                "readout": '"mean(il6)"', "holds": '"> 0"'} | {key: change.split(" = ")[1]}  # fmt: skip
        text = '[regimens.r]\nlabel = "r"\ndoses = [{ daily = 1, days = 1 }]\n[[claim]]\n'
        path = tmp_path / "claims.toml"
        path.write_text(text + "\n".join(f"{k} = {v}" for k, v in good.items()), encoding="utf-8")
        with pytest.raises(ModelError, match=said):
            statement._read(path, model)


def test_questions_quote_claims_that_exist(model, statements):
    content = tomllib.loads((model.folder / "questions.toml").read_text(encoding="utf-8"))["question"]
    ids = {c.id for c in statements.claims}
    assert len(content) == 20
    for entry in content:
        assert entry["answers"], entry
        assert {claim for _, claim in entry["answers"]} <= ids
    with pytest.raises(ModelError, match="no claim"):
        question_table.questions(model, ldn.claims(model, only=["filamin"]))


def test_pages_are_of_this_file(statements):
    """The pages in docs were written from the sentences of now; numbers are for the command to refresh."""
    page = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    for c in statements.claims:
        assert f"| {c.sentence} |" in page, c.id
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition(pages.BEGIN)[2].partition(pages.END)[0]
    for c in statements.claims:
        assert (f"| {c.sentence} |" in block) == c.short, c.id


def test_text(table):
    assert pages.answer({"answer": 12.345, "low": 0.0, "high": np.inf, "unit": "h"}) == "12.3 (0 to never) h"
    assert pages.answer(table.loc["filamin"]) == ""
    assert pages.number(123456.0) == "1e5"
    assert pages.put_between(f"a{pages.BEGIN}x{pages.END}b", "y") == f"a{pages.BEGIN}\ny\n{pages.END}b"
    with pytest.raises(InputError, match="marks"):
        pages.put_between("nothing", "y")
    assert pages.claims_page(table.assign(said="pages")).count("\n| ") >= len(SOME)


def test_endotoxin_check(model):
    """Peak times, heights, return and half-lives are met; the onset of IL-1beta is too early, and the page says so."""
    found = ldn.endotoxin(model)
    assert found.loc[found["quantity"].isin(["peak time", "half-life"]), "within"].all()
    assert set(found.index[~found["within"]]) == {"cyt_oliver1993_il1b_onset"}
    bounds = found.loc[found["asked"] == "at most"]
    assert set(bounds.index) == {"cyt_weber1993_il6_t12", "cyt_huhn1997_il10_t12_lo"}
    assert (bounds["fold"] < 1).all()
    slow = ldn.endotoxin(model.with_parameters(k_il6=0.1, k_il10=0.3))
    assert not slow.within["cyt_weber1993_il6_t12"], "a bound can fail"
    assert not slow.within["cyt_radwanski1998_il10_turnover"]
    with pytest.raises(InputError, match="dose"):
        ldn.endotoxin(model, 0)


def test_readings_of_cytokines_disagree(model):
    scenarios = ["clinical_tlr4", "in_vitro_tlr4", "ogf"]
    found = ldn.cytokine_readings(model, scenarios=scenarios, draws=24).change.unstack()
    assert found.loc["clinical_tlr4", "il6"] == pytest.approx(-35, abs=8)
    assert abs(found.loc["in_vitro_tlr4"]).max() < 0.05
    assert found.loc["ogf", "il6"] > 0


def test_a_condition_repeats_what_it_rests_on(model):
    for name, row in ldn.conditions().iterrows():
        attrs = ldn.simulate(model.with_condition(name), None, times=[0.0], outputs=["il6"]).attrs
        assert attrs["condition_grade"] == row["grade"], name
        assert attrs["condition_note"], name


@pytest.mark.slow
def test_command(capsys, tmp_path):
    assert run(["claims", "--immune", "--out", str(tmp_path / "i.md")]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 100
    assert "never added up" in (tmp_path / "i.md").read_text(encoding="utf-8")
    assert run(["claims", "--out", "x.pdf"]) == 2
    assert run(["claims", "--draws", "8", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) >= 30
    assert {"claim", "answer", "low", "high", "grade", "deciding", "verdict"} <= set(rows[0])
