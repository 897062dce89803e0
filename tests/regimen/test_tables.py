"""Reading tables as people have them, and refusing what they cannot mean."""

import numpy as np
import pandas as pd
import pytest

from ldnsim import InputError, Regimen
from ldnsim.regimen import Record

ROW = {"time": 0.0, "amt": 100.0, "cmt": 1}


def one(**more):
    return Regimen.from_records([ROW | more]).records[0]


@pytest.mark.parametrize(
    "source",
    [
        pd.DataFrame({"TIME": [0, 24], "AMT": [4.5, 4.5], "CMT": [1, 1], "EVID": [1, 1]}),
        [{"time": 0, "amt": 4.5, "cmt": 1}, {"time": 24, "amt": 4.5, "cmt": 1}],
        {"Time": [0, 24], "Amt": ["4.5", "4.5"], "Cmt": ["1", "1"]},
        [
            {"time": 0, "amt": 4.5, "cmt": 1.0, "ss": ".", "ii": None, "F": np.nan},
            {"time": "24", "amt": 4.5, "cmt": "1"},
        ],
    ],
)
def test_forms_of_one_table(source):
    assert Regimen.from_records(source).records == (Record(0, 4.5, 1), Record(24, 4.5, 1))


def test_a_csv_file_with_ids(tmp_path):
    path = tmp_path / "records.csv"
    path.write_text("C,ID,TIME,AMT,EVID,CMT,DV,MDV\n.,7,0,100,1,2,.,1\n.,7,2,.,0,2,3.3,0\n.,8,1,50,4,1,.,1\n")
    regimens = Regimen.from_records(path)
    assert list(regimens) == [7, 8]
    assert regimens[7].observation_times == (2.0,)
    assert regimens[7].covariates == ()
    assert regimens[8].records == (Record(1, 50, 1, evid=4),)
    assert Regimen.from_records(str(path)) == regimens


def test_evid_follows_from_the_amount():
    regimen = Regimen.from_records([{"time": 0, "amt": 1, "cmt": 1}, {"time": 3, "amt": 0}, {"time": 4}])
    assert [r.evid for r in regimen.records] == [1, 0, 0]


def test_a_dose_without_a_state_is_the_drug_of_the_package():
    record = Regimen.from_records([{"time": 0, "amt": 4.5, "cmt": 0}]).records[0]
    assert (record.cmt, record.drug, record.formulation) == ("", "naltrexone", "capsule")


@pytest.mark.kind("duration-alone")
def test_a_duration_alone_is_an_infusion():
    assert one(dur=4.0) == one(rate=-2, dur=4.0) == one(duration=4.0) == one(tinf=4.0, rate=0)
    assert one(dur=0).rate == one(dur=".").rate == 0.0


@pytest.mark.kind("duration-alone", sibling="a column rat alone")
def test_a_modelled_rate_alone_is_an_infusion():
    assert one(rat=5.0) == one(rate=-1, rat=5.0)
    assert one(rate=0, rat=5.0).rate == 0.0  # such a column is read where the rate says so


def test_a_duration_on_a_record_without_a_dose_is_left():
    regimen = Regimen.from_records([ROW | {"dur": 4.0}, {"time": 3, "amt": ".", "dur": 4.0}])
    assert regimen.records[1].rate == 0.0


def test_further_columns_are_kept_and_missing_ones_not_invented():
    rows = [ROW | {"CL": 1.0, "WT": "."}, {"time": 4, "WT": 70}]
    regimen = Regimen.from_records(rows)
    assert regimen.records[0].extra == (("CL", 1.0),)
    assert regimen.covariates == ("CL", "WT")
    assert list(regimen.to_records().columns[-2:]) == ["CL", "WT"]


def test_observations_keep_their_order_and_number():
    rows = [ROW, *({"time": t, "evid": 0} for t in (0, 1, 1, 2))]
    assert Regimen.from_records(rows).observation_times == (0.0, 1.0, 1.0, 2.0)


def test_a_record_without_evid_and_amount_is_what_mdv_says():
    rows = [ROW, {"time": 1, "mdv": 0}, {"time": 2, "mdv": 1}, {"time": 3, "mdv": 1, "evid": 0}]
    assert [r.evid for r in Regimen.from_records(rows).records] == [1, 0, 2, 0]


@pytest.mark.kind("unread-column", sibling="a column of comments")
def test_a_column_of_text_is_left_out_and_named():
    with pytest.warns(UserWarning, match="no numbers in the columns 'comment', 'sex'") as told:
        regimen = Regimen.from_records(
            [ROW | {"comment": "fasted", "sex": "f", "WT": 70}, ROW | {"comment": "", "sex": "m", "WT": "."}]
        )
    assert len(told) == 1
    assert regimen.covariates == ("WT",)


REFUSED = {
    "negative amount": ([ROW | {"amt": -1}], "amt=-1.0: must be a finite number >= 0 (record 0)"),
    "infinite amount": ([ROW | {"amt": float("inf")}], "amt=inf"),
    "infinity in words": ([ROW | {"amt": " inf"}], "amt=' inf': must be a number"),
    "text": ([ROW | {"amt": "much"}], "amt='much': must be a number"),
    "text in a column of numbers": (
        [ROW | {"WT": 70}, ROW | {"WT": "heavy"}],
        "WT='heavy': must be a number (record 1)",
    ),
    "a record to be left out": (
        [ROW | {"C": "C"}, ROW | {"C": "."}],
        "C='C': marks a record that is to be left out",
    ),
    "no time": ([{"amt": 1}], "must have a column 'time'"),
    "missing time": ([ROW, ROW | {"time": "."}], "(record 1)"),
    "unsorted": (
        [ROW | {"time": 2}, ROW],
        "time=0.0: must not fall, the record before has 2 h; a reset (evid 3 or 4) begins a period with a clock",
    ),
    "negative time": ([ROW | {"time": -1}], "time=-1.0"),
    "evid 5": ([ROW | {"evid": 5}], "evid=5: must be 0 observation"),
    "evid 1.5": ([ROW | {"evid": 1.5}], "evid=1.5"),
    "rate -3": ([ROW | {"rate": -3}], "rate=-3.0: must be a finite number > 0, or 0 for a bolus, -1 for"),
    "rate -1.5": ([ROW | {"rate": -1.5}], "rate=-1.5"),
    "ss 3": ([ROW | {"ss": 3, "ii": 24}], "ss=3: must be 0 none"),
    "ss without ii": ([ROW | {"ss": 1}], "ss=1: needs ii > 0"),
    "addl without ii": ([ROW | {"addl": 2}], "addl=2: needs ii > 0"),
    "negative addl": ([ROW | {"addl": -2, "ii": 12}], "addl=-2"),
    "rate without amount": ([ROW | {"amt": 0, "rate": 5, "evid": 1}], "amt=0.0: must be > 0 with rate=5"),
    "constant infusion with ii": ([ROW | {"amt": 0, "rate": 5, "ss": 1, "ii": 12}], "ii=12.0: must be 0"),
    "constant infusion of a duration": (
        [ROW | {"amt": 0, "rate": -2, "ss": 1}],
        "rate=-2.0: must be 0 and a rate",
    ),
    "observation with a dose": ([ROW | {"evid": 0}], "amt=100.0: must be 0 where evid=0 gives no dose"),
    "reset with a rate": ([{"time": 0, "evid": 3, "rate": 2}], "rate=2.0: must be 0 where evid=3"),
    "rate and duration": ([ROW | {"rate": 5, "duration": 2}], "rate=5.0: contradicts duration=2"),
    "dur beside a rate": ([ROW | {"rate": 5, "dur": 2}], "dur=2.0: contradicts rate=5; give one of the two"),
    "dur beside a bolus": ([ROW | {"rate": 0, "dur": 2}], "dur=2.0: contradicts rate=0"),
    "dur beside a modelled rate": ([ROW | {"rate": -1, "dur": 2}], "dur=2.0: contradicts rate=-1"),
    "two durations": ([ROW | {"tinf": 3, "dur": 2}], "dur=2.0: stands beside duration=3"),
    "mdv 2": ([{"time": 0, "mdv": 2}], "mdv=2: must be 0, a value was measured, or 1"),
    "subjects by another name": (
        [ROW | {"SUBJECT": 1}, ROW | {"SUBJECT": 2}],
        "records='SUBJECT': is no column of ids, and records of several subjects would be one's; name it 'id'",
    ),
    "duration 0": ([ROW | {"rate": -2, "dur": 0}], "dur=0.0: must be a finite number > 0"),
    "state 0.5": ([ROW | {"cmt": 0.5}], "cmt=0.5: must be a state's name, or its number from 1"),
    "state -1": ([ROW | {"cmt": -1}], "cmt=-1"),
    "two destinations": (
        [ROW | {"formulation": "iv", "drug": "naltrexone"}],
        "cmt=1: contradicts formulation='iv'",
    ),
    "dates": ([ROW | {"DATE": "01/01/2020"}], "records='DATE': is no column this reads"),
    "a column twice": ([ROW | {"TIME": 3}], "records='TIME': is the column 'time' again, beside 'time'"),
    "amounts by another name": (
        [{"TIME": 0, "DOSE": 4.5}],
        "records='DOSE': is no column of amounts; name it 'amt'",
    ),
    "amounts misspelt": ([{"time": 0, "amnt": 4.5}], "records='amnt': is no column of amounts"),
    "a dose without an amount": (
        [ROW, {"time": 1, "evid": 1}],
        "amt=nan: must be given where evid=1 gives a dose (record 1)",
    ),
    "a reset and dose without an amount": (
        [ROW, {"time": 1, "evid": 4, "amt": "."}],
        "amt='.': must be given where evid=4",
    ),
    "doses without amounts": ([{"time": 0, "evid": 1}], "must have a column 'amt'"),
    "no table": (3, "records=3: must be a DataFrame"),
    "no subject": ([ROW | {"id": "inf"}], "id='inf': must name a subject"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_name_value_and_rule(case):
    source, words = REFUSED[case]
    with pytest.raises(InputError) as error:
        Regimen.from_records(source)
    assert words in str(error.value)


def test_the_subject_is_named():
    rows = [{"id": 3, "time": 5, "amt": 1, "cmt": 1}, {"id": 3, "time": 1, "amt": 1, "cmt": 1}]
    with pytest.raises(InputError, match=r"record 1\) of ID 3"):
        Regimen.from_records(rows)


def test_a_dose_of_nothing_is_odd_but_legal():
    rows = [{"time": 0, "amt": 0, "evid": 1, "cmt": 1}, {"time": 24, "amt": 0, "evid": 4, "cmt": 1}]
    assert [d.amt for d in Regimen.from_records(rows).doses] == [0.0, 0.0]
    assert Regimen.from_records([{"time": 5, "evid": 3}, {"time": 9, "CL": 2}]).doses == ()


@pytest.mark.parametrize("ss", ["no", 1, None])
def test_steady_state_is_asked_for_by_true_or_false(ss):
    with pytest.raises(InputError, match=r"ss=.*must be True or False"):
        Regimen.daily(1, days=3, ss=ss)


@pytest.mark.kind("missing-amount")
def test_a_dose_without_an_amount_names_the_cell():
    with pytest.raises(InputError, match=r"amt=None: must be given where evid=1 gives a dose \(record 0\)"):
        Regimen.from_records([{"time": 0, "amt": None, "evid": 1, "cmt": 1}])


@pytest.mark.kind("missing-amount", sibling="no column of amounts, and another one alike")
@pytest.mark.parametrize("more", [{"cmt": 1}, {"cmt": "A"}, {"F": 1}, {"mdv": 1}])
def test_no_other_column_is_taken_for_the_amounts(more):
    with pytest.raises(InputError, match=r"must have a column 'amt', the amounts given$"):
        Regimen.from_records([{"time": 0, "evid": 1, **more}])


@pytest.mark.parametrize("source", [[], pd.DataFrame(columns=["ID", "TIME", "AMT"]), {"time": [], "amt": []}])
def test_a_table_without_rows_is_refused_as_such(source):
    with pytest.raises(InputError, match="holds no row; give a row for each dose, or Regimen"):
        Regimen.from_records(source)


@pytest.mark.kind("routes-by-another-name")
@pytest.mark.filterwarnings("ignore:no numbers in the columns")
@pytest.mark.parametrize(("name", "values"), [("ADM", [1, 2]), ("ROUTE", ["oral", "iv"]), ("admid", ["1", "2"])])
def test_a_column_of_routes_that_nothing_reads_is_refused(name, values):
    rows = {"time": [0, 12], "amt": [5, 5], name: values}
    with pytest.raises(InputError, match=f"{name}.*parts the doses"):
        Regimen.from_records(pd.DataFrame(rows))
    for clear in ({"cmt": ["gut", "blood"]}, {name: values[:1] * 2}):
        assert len(Regimen.from_records(pd.DataFrame(rows | clear)).records) == 2
