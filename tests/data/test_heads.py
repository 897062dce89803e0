"""What stands in an index or under another heading, and would be lost or taken for something else."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import InputError, Regimen

DOSES = pd.DataFrame({"ID": ["a", "b", "c"], "TIME": [0, 0, 0], "AMT": [10, 20, 30]})
HOURS = (0.5, 1, 2, 4, 8)


@pytest.mark.kind("subjects-in-the-index")
def test_an_index_of_subjects_is_their_column():
    found = Regimen.from_records(DOSES.set_index("ID"))
    assert {who: regimen.doses[0].amt for who, regimen in found.items()} == {"a": 10, "b": 20, "c": 30}
    assert Regimen.from_records(DOSES.set_index("ID", drop=False)) == found
    with pytest.raises(InputError, match=r"patient.*is no column of ids.*name it 'id'"):
        Regimen.from_records(DOSES.rename(columns={"ID": "patient"}).set_index("patient"))


@pytest.mark.kind("subjects-in-the-index", sibling="subjects and times, in a table of measurements")
def test_an_index_of_subjects_and_times_is_their_columns():
    rows = pd.DataFrame(
        {"ID": [7, 7, 8, 8], "TIME": [0, 1, 0, 1], "AMT": [5, 0, 9, 0], "DV": [None, 1.0, None, 2.0]}
    )
    plain, indexed = ldn.read_data(rows), ldn.read_data(rows.set_index(["ID", "TIME"]))
    pd.testing.assert_frame_equal(indexed.table, plain.table)
    assert ldn.read_data(rows.set_index(pd.Index([3, 1, 2, 0], name="row"))).subjects == (7, 8)


def two_analytes(head, labels=(1, 2), shift=0.1):
    """Measurements of parent and metabolite, the latter a little later and ten times as high."""
    rows = [{"ID": 1, "TIME": 0, "AMT": 50, head: None}]
    for t in HOURS:
        rows += [
            {"ID": 1, "TIME": t + k * shift, "DV": 10**k / t, head: label} for k, label in enumerate(labels)
        ]
    return rows


@pytest.mark.kind("analytes-under-another-name")
@pytest.mark.parametrize("head", ["YTYPE", "obsid", "PARAMCD"])
def test_analytes_under_another_name_are_refused(head):
    with pytest.raises(
        InputError, match=rf"data='{head}': tells measurements apart \(1, 2\).*name it 'dvid'"
    ):
        ldn.nca(two_analytes(head))
    assert ldn.nca(two_analytes("DVID"))["cmax"].tolist() == [2.0, 20.0]


@pytest.mark.kind("analytes-under-another-name", sibling="in words; one analyte alone is a label")
def test_analytes_in_words_under_another_name_are_refused():
    with (
        pytest.warns(UserWarning, match="ANALYTE"),
        pytest.raises(InputError, match=r"NTX, NTXOL.*name it 'dvid'"),
    ):
        ldn.read_data(two_analytes("ANALYTE", ("NTX", "NTXOL")))
    one = [row for row in two_analytes("YTYPE") if row["YTYPE"] != 2]
    assert ldn.read_data(one).covariates.YTYPE.tolist() == [1.0]


@pytest.mark.kind("below-the-limit", sibling="CENS 1 with a DV of 0, which is no limit")
def test_a_nought_marked_as_censored_tells_no_limit():
    rows = [{"ID": 1, "TIME": 0, "AMT": 50, "CMT": "A", "CENS": None}]
    rows += [
        {"ID": 1, "TIME": t, "DV": v, "CENS": int(not v)}
        for t, v in ((1, 3.0), (4, 2.0), (8, 1.0), (24, 0.0))
    ]
    data = ldn.read_data(rows)
    assert data.table["CENS"].tolist() == [0, 0, 0, 0, 1]
    assert np.isnan(data.table["LLOQ"][4])
    model = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 15; Cp := A/V")
    with pytest.raises(InputError, match=r"lloq=.*must be given where a measurement lies below it"):
        ldn.fit(model, data, "Cp", estimate=["CL", "V"], iiv=[], error="proportional")
    told = ldn.read_data([row | {"LLOQ": 0.5} for row in rows])
    assert told.table["LLOQ"][4] == 0.5


@pytest.mark.parametrize("above", ["# study 12", "TABLE NO.  1"])
def test_a_line_above_the_names_is_told_of(tmp_path, above):
    path = tmp_path / "study.csv"
    path.write_text(f"{above}\nID,TIME,AMT,DV\n1,0,50,\n1,1,,3\n")
    with pytest.raises(InputError, match=r"line 2 has 4 cells.*leave out what stands above the names"):
        ldn.read_data(path)


def test_a_column_of_units_of_dv_is_read():
    rows = [{"ID": 1, "TIME": 0, "AMT": 50}] + [
        {"ID": 1, "TIME": t, "DV": 1 / t, "DVU": "pg/mL"} for t in HOURS
    ]
    with (
        pytest.warns(UserWarning, match="DVU"),
        pytest.raises(InputError, match=r"contradicts the table.*pg/mL"),
    ):
        ldn.nca(rows, unit="ng/mL")


@pytest.mark.kind("dose-that-stands-twice")
def test_a_row_of_a_dose_that_stands_twice_is_told_of():
    rows = [{"ID": 1, "TIME": 0, "AMT": 50}, {"ID": 2, "TIME": 0, "AMT": 50}, {"ID": 2, "TIME": 0, "AMT": 50}]
    words = "record 2 gives the dose of record 1 once more, at the same time: both are given; drop one where it is a copy"
    with pytest.warns(UserWarning, match=words):
        found = Regimen.from_records(rows)
    assert [len(found[who].doses) for who in (1, 2)] == [1, 2]
    with pytest.warns(UserWarning, match=words):
        ldn.read_data([row | {"DV": None} for row in rows] + [{"ID": 2, "TIME": 1, "DV": 1.0}])


@pytest.mark.kind(
    "dose-that-stands-twice", sibling="doses that are alike but in their time, amount, place or period"
)
@pytest.mark.filterwarnings("ignore:the clock of ID")
def test_doses_that_differ_are_no_copies():
    dose = {"ID": 1, "TIME": 0, "AMT": 50, "CMT": 1, "EVID": 1}
    for other in ({"TIME": 12}, {"AMT": 25}, {"CMT": 2}, {"EVID": 4}):
        assert len(Regimen.from_records([dose, dose | other])[1].doses) == 2


@pytest.mark.parametrize(
    ("suffix", "what", "reader"),
    [("xlsx", "a spreadsheet", "read_excel"), ("parquet", "a Parquet file", "read_parquet"),
     ("csv.gz", "compressed", "read_csv")],
)  # fmt: skip
def test_a_file_that_is_no_text_is_called_what_it_is(tmp_path, suffix, what, reader):
    path = tmp_path / f"study.{suffix}"
    write = {"xlsx": DOSES.to_excel, "parquet": DOSES.to_parquet, "csv.gz": DOSES.to_csv}[suffix]
    write(path)
    with pytest.raises(InputError, match=rf"is {what}.*no CSV file; give pandas\.{reader}\(path\)"):
        ldn.read_data(path)


@pytest.mark.kind(
    "doses-not-in-mg", sibling="a heading AMT (mg) where the model counts doses into the state in ug"
)
def test_a_heading_of_doses_is_held_against_the_unit_in_which_the_model_counts():
    model = ldn.Model.from_antimony(
        "model u; unit ug = 1e-6 gram; unit per_h = 1/3600 second; const k has per_h; var A has ug;"
        "A' = -k * A; A = 0 ug; k = 0.1 per_h; unit time_unit = 3600 second; end"
    )
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT (mg)": 1}, {"ID": 1, "TIME": 1, "DV": 45.0}])
    for counted in (model.with_dose_units(A="ug"), model.with_dose_units(A="g")):
        with pytest.raises(InputError, match=r"data='AMT in mg': is not u?g, in which .* doses of 'A'"):
            ldn.predict(counted, data, "A", cmt="A")
    found = ldn.predict(model.with_dose_units(A="mg"), data, "A", cmt="A").PRED[1]
    assert found == pytest.approx(1000 * 2.718281828**-0.1, rel=1e-5)
    plain = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 1}, {"ID": 1, "TIME": 1, "DV": 45.0}])
    ug = ldn.predict(model.with_dose_units(A="ug"), plain, "A", cmt="A").PRED[1]
    assert ug == pytest.approx(found / 1000, rel=1e-5)
