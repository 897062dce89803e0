"""Predictions on record: per structure, hashed, and with the date of the day on which they were first made."""

import json
from pathlib import Path

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError
from ldnsim.study import registry

KEPT = Path(__file__).parents[2] / "docs/predictions.json"


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def table(median):
    return pd.DataFrame([{"study": "one", "structure": "all", "median": median, "draws": 3}])


def test_a_date_stays_as_long_as_the_predictions_do(model, tmp_path):
    file = tmp_path / "kept.json"
    first = registry.record(table(1.0), model, "2026-01-01", file)
    file.write_text(json.dumps(first))
    assert registry.record(table(1.00000001), model, "2027-01-01", file) == first
    other = registry.record(table(1.1), model, "2027-01-01", file)
    assert other["date"] == "2027-01-01"
    assert other["sha256"] != first["sha256"]


def test_what_is_on_record_bears_its_hash_and_every_structure(model):
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert registry.digest_of(kept["predictions"]) == kept["sha256"]
    assert kept["sha256"] in registry.page(kept)
    assert registry.page(kept) == KEPT.with_suffix(".md").read_text(encoding="utf-8")
    by_study = pd.DataFrame(kept["predictions"]).groupby("study").structure.agg(set)
    assert (by_study == {registry.ALL, *model.structures}).all()
    assert {"crps_nct06306157", "long_covid_nct05430152", "crohn_2019_000852_32", "pet_4_5_mg_24_h"} <= set(
        by_study.index
    )


def test_a_model_without_studies_is_refused():
    with pytest.raises(InputError, match=r"studies\.toml"):
        ldn.registered(ldn.load_model("rival_primer_mu"))
