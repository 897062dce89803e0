"""Measured tables: rows in their places, times of every form, what lies below the limit."""

import datetime as dt
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import InputError

TEXT = "model a\n gut' = -ka*gut; C' = ka*gut - k*C\n gut = 0; C = 0; k = 0.1; ka = 1; WT = 70\n P := C*WT/70\nend"


def dose(time, amt=100.0, **more):
    return {"ID": 1, "TIME": time, "AMT": amt, **more}


def seen(time, dv, **more):
    return {"ID": 1, "TIME": time, "DV": dv, **more}


def test_a_table_becomes_regimens_observations_and_covariates():
    rows = [
        dose(0, WT=70, SEX="f") | {"ID": "a"},
        seen(2, 8.1, WT=72, SEX="f") | {"ID": "a"},
        dose(0, 50.0, WT=80, SEX="m") | {"ID": "b"},
        seen(4, None, WT=80, SEX="m") | {"ID": "b"},
    ]
    with pytest.warns(
        UserWarning, match="no numbers in the columns 'SEX' of the data: they are kept as labels"
    ):
        data = ldn.read_data(rows)
    assert data.subjects == ("a", "b")
    assert [r.doses[0].amt for r in data.regimens.values()] == [100.0, 50.0]
    assert data.regimens["a"].covariates == ("WT",)
    assert data.observations.to_dict("index") == {
        1: {"ID": "a", "TIME": 2.0, "DV": 8.1, "CENS": 0, "LLOQ": pytest.approx(np.nan, nan_ok=True)}
    }
    assert data.covariates.to_dict("index") == {"a": {"WT": 70.0, "SEX": "f"}, "b": {"WT": 80.0, "SEX": "m"}}
    assert data.labels == ("SEX",)
    assert data.table["MDV"].tolist() == [1, 0, 1, 1]


def test_a_trough_listed_before_a_dose_keeps_its_place():
    data = ldn.read_data([dose(0, CMT="C"), seen(12, 3.0), dose(12, CMT="C"), seen(12, 9.0)])
    model = ldn.Model.from_antimony(TEXT)
    course = ldn.simulate(model, data.regimens[1], times="records", outputs=["C"], rtol=1e-9).C.values
    np.testing.assert_allclose(course, 100 * np.exp(-1.2) + [0, 100], rtol=1e-7)
    assert data.observed_rows(1).tolist() == [1, 3]
    assert data.table["DV"].iloc[data.observed_rows(1)].tolist() == [3.0, 9.0]


def test_names_in_any_case_but_covariates_as_they_are():
    rows = [
        {"Id": 1, "time": 0, "aMt": 100, "dv": ".", "wt": 60, "WT": 90},
        {"Id": 1, "time": 1, "dv": 2, "wt": 60, "WT": 90},
    ]
    data = ldn.read_data(rows)
    assert list(data.covariates) == ["wt", "WT"]
    with pytest.warns(UserWarning, match=r"change nothing: 'wt' \(did you mean 'WT'"):
        ds = ldn.simulate(
            ldn.Model.from_antimony(TEXT), data.dosed_into("C").regimens[1], times=[0.0], outputs=["P"]
        )
    assert ds.P.item() == pytest.approx(100 * 90 / 70)


@pytest.mark.parametrize("head", ["OCC", "occ"])
def test_an_occasion_is_a_covariate_too(head):
    data = ldn.read_data([dose(0, **{head: 1}), seen(1, 2.0, **{head: 1}), seen(30, 2.0, **{head: 2})])
    assert data.observations["OCC"].tolist() == [1, 2]
    assert data.regimens[1].covariates == (head,)


def test_a_table_without_ids_is_one_subject():
    data = ldn.read_data({"time": [0, 1], "amt": [1, 0], "dv": [None, 2.0]})
    assert data.subjects == (1,)


def test_doses_go_where_the_table_does_not_say():
    data = ldn.read_data([dose(0), dose(1, CMT="C"), dose(2, DRUG="naltrexone"), seen(3, 1.0)])
    records = data.dosed_into("gut").regimens[1].records
    assert [r.cmt for r in records] == ["gut", "C", "", ""]
    assert data.regimens[1].records[0].drug == "naltrexone"
    with pytest.raises(InputError, match="cmt=2: must be a text"):
        data.dosed_into(2)


def test_the_value_cannot_be_changed_from_outside():
    data = ldn.read_data([dose(0, WT=70), seen(1, 2.0, WT=70)])
    for table in (data.table, data.observations, data.covariates):
        table.iloc[0, 0] = 99
    with pytest.raises(TypeError):
        data.regimens[1] = None
    assert data.table["ID"].tolist() == [1, 1]
    assert data.covariates.loc[1, "WT"] == 70


def test_text_and_html_say_what_is_there():
    rows = [dose(0, WT=70), seen(1, 2.0, WT=70), seen(2, "BLQ", WT=70)]
    data = ldn.read_data([row | {"ID": k} for k in range(15) for row in rows])
    assert (
        repr(data)
        == "StudyData: 15 subjects, 15 doses, 30 observations (15 below the limit)\n  covariates: WT"
    )
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append(tag)
    parser.feed(data._repr_html_())
    assert found.count("tr") == 14
    assert "... 3 more" in data._repr_html_()


# ---- times ----------------------------------------------------------------------------------------------


def times(*cells, **columns):
    rows = {"ID": [1] * len(cells), "TIME": list(cells), "DV": [1.0] * len(cells), **columns}
    return ldn.read_data(rows).table["TIME"].tolist()


def test_clock_times_are_hours():
    assert times("08:00", "8:30", "26:15", "30:00:36") == [8.0, 8.5, 26.25, 30.01]
    assert times(dt.time(8, 30), dt.time(9)) == [8.5, 9.0]
    assert times(pd.Timedelta("30min"), dt.timedelta(hours=2)) == [0.5, 2.0]


@pytest.mark.parametrize("head", ["DATE", "date", "DAT1", "DAT2"])
def test_dates_count_from_the_midnight_before_the_first_record(head):
    assert times("22:00", "08:30", **{head: ["2024-01-31", "2024-02-01"]}) == [22.0, 32.5]
    assert times(22, 8.5, **{head: [5, 6]}) == [22.0, 32.5]


def test_dates_in_the_orders_of_nm_tran():
    assert times("22:00", "01:00", DAT1=["31/01/2024", "01/02/2024"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DAT2=["2024/01/31", "2024/02/01"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DAT3=["2024/31/01", "2024/01/02"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DATE=["01/31/2024", "02/01/2024"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DATE=["31.01.2024", "01.02.2024"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DATE=["31.12.2023", "01.01.2024"]) == [22.0, 25.0]
    assert times("22:00", "01:00", DATE=["12/31/2023", "01/01/2024"]) == [22.0, 25.0]


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-03-30 22:00", "2024-03-31T08:30:00"],
        list(pd.to_datetime(["2024-03-30 22:00", "2024-03-31 08:30"])),
        [dt.datetime(2024, 3, 30, 22), dt.datetime(2024, 3, 31, 8, 30)],
    ],
)
def test_a_date_and_a_clock_time_in_one_cell(cells):
    assert times(*cells) == [22.0, 32.5]


def test_each_subject_has_a_midnight_of_its_own():
    rows = {
        "ID": [1, 1, 2],
        "DATE": ["2024-01-01", "2024-01-02", "2024-06-01"],
        "TIME": ["10:00"] * 3,
        "DV": [1] * 3,
    }
    assert ldn.read_data(rows).table["TIME"].tolist() == [10.0, 34.0, 10.0]


BAD_TIMES = {
    "day or month": (("08:00", "08:00"), {"DATE": ["01/02/2024", "03/02/2024"]}, "date=.01/02/2024.: could be read"),
    "two digits of a year": (("08:00",), {"DAT1": ["31/01/24"]}, "dat1='31/01/24': must give the year with four digits"),
    "no such day": (("08:00",), {"DATE": ["2024-02-30"]}, r"date='2024-02-30': must be a date.*\(record 0\)"),
    "no date": (("08:00", "09:00"), {"DATE": ["2024-02-01", "."]}, r"date='\.': must be given in every record \(record 1\)"),
    "a date twice": (("2024-02-01 08:00",), {"DATE": ["2024-02-01"]}, "time='2024-02-01': holds a date, beside"),
    "two columns": (("08:00",), {"DATE": ["2024-02-01"], "DAT1": ["01/02/2024"]}, "data='dat1': is a second column"),
    "more than a day": (("26:00",), {"DATE": ["2024-02-01"]}, r"time=26\.0: must be an hour of the day"),
    "a date alone": (("2024-02-01",), {}, "time='2024-02-01': must be hours, a clock time"),
    "some dates": (("2024-02-01 08:00", "9:00"), {}, r"time='9:00': has no date, other records do \(record 1\)"),
    "no minutes": (("08:75",), {}, "time='08:75': must be hours"),
    "half of the day": (("8:30 pm",), {}, "time='8:30 pm': must be hours"),
    "a time zone": ((pd.Timestamp("2024-02-01 08:00", tz="UTC"),), {}, "has a time zone"),
    "empty": ((1.0, None), {}, r"time=nan: must be given in every record \(record 1\)"),
    "digits of Python": (("1_0",), {}, "time='1_0': must be hours"),
    "falling clocks": (("22:00", "08:30"), {}, "is earlier in the day than"),
}  # fmt: skip


@pytest.mark.kind("date-and-clock")
@pytest.mark.parametrize("case", BAD_TIMES)
def test_times_that_could_mean_something_else_are_refused(case):
    cells, more, words = BAD_TIMES[case]
    with pytest.raises(InputError, match=words):
        times(*cells, **more)


@pytest.mark.kind("date-and-clock", sibling="over the change to summer time, in local clock times")
def test_the_clock_counts_not_the_sun():
    assert times("2024-03-30 22:00", "2024-03-31 22:00") == [22.0, 46.0]


# ---- below the limit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ({"DV": "BLQ"}, np.nan),
        ({"DV": "bloq", "LLOQ": 0.5}, 0.5),
        ({"DV": "<0.5"}, 0.5),
        ({"DV": "< 0.5", "LLOQ": 0.4}, 0.4),
        ({"DV": 0.5, "CENS": 1}, 0.5),
        ({"DV": 0.2, "CENS": 1, "LLOQ": 0.5}, 0.5),
        ({"DV": 0.2, "LLOQ": 0.5}, 0.5),
        ({"DV": None, "CENS": 1, "LLOQ": 0.5}, 0.5),
    ],
)
def test_values_below_the_limit(row, limit):
    one = ldn.read_data([dose(0), {"ID": 1, "TIME": 1, **row}]).observations.iloc[0]
    assert one["CENS"] == 1
    assert np.isnan(one["DV"])
    np.testing.assert_equal(one["LLOQ"], limit)


def test_values_at_and_above_the_limit_are_values():
    data = ldn.read_data(
        [dose(0), seen(1, 0.5, LLOQ=0.5), seen(2, 0.7, LLOQ=0.5, CENS=0), seen(3, 9.0, LLOQ=".")]
    )
    assert data.observations["DV"].tolist() == [0.5, 0.7, 9.0]
    assert not data.observations["CENS"].any()


def test_mdv_takes_a_value_out():
    data = ldn.read_data([dose(0), seen(1, 5.0, MDV=1, EVID=0), seen(2, 6.0, MDV=0), seen(3, None)])
    assert data.observations["DV"].tolist() == [6.0]
    assert data.observed_rows(1).tolist() == [1, 2, 3]


CONTRADICTIONS = {
    "below, yet not": ({"DV": 0.2, "LLOQ": 0.5, "CENS": 0}, r"dv=0\.2: lies below lloq=0\.5, yet cens=0"),
    "above, yet below": ({"DV": 0.7, "LLOQ": 0.5, "CENS": 1}, r"dv=0\.7: lies above lloq=0\.5, yet cens=1"),
    "a word, yet not": ({"DV": "BLQ", "CENS": 0}, "dv='BLQ': is below the limit, yet cens=0"),
    "measured, yet nothing": ({"DV": None, "MDV": 0}, "dv=nan: must be given where mdv=0"),
    "another cens": ({"DV": 1, "CENS": -1}, "cens=-1.0: must be 0, measured, or 1, below the limit"),
    "another mdv": ({"DV": 1, "MDV": 2}, "mdv=2.0: must be 0, a value was measured, or 1"),
    "a negative limit": ({"DV": 1, "LLOQ": -1}, "lloq=-1.0: must be a number >= 0"),
    "another word": ({"DV": "low"}, r"dv='low': must be a number; a value below the limit reads BLQ or <0\.5 \(record 1\)"),
    "below what": ({"DV": "<LOW"}, "dv='<LOW': must be a number"),
    "digits of Python": ({"DV": "1_5"}, "dv='1_5': must be a number"),
    "infinite": ({"DV": float("inf")}, "dv=inf: must be a finite number"),
}


@pytest.mark.kind("below-the-limit")
@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_measurements_that_contradict_themselves_are_refused(case):
    row, words = CONTRADICTIONS[case]
    with pytest.raises(InputError, match=words):
        ldn.read_data([dose(0), {"ID": 1, "TIME": 1, **row}])


@pytest.mark.kind("below-the-limit", sibling="a measurement on the record of a dose")
def test_a_value_beside_a_dose_is_told():
    rows = [dose(0, DV=0), dose(24, DV=3.0), dose(48, DV=3.0, MDV=1), seen(50, 1.0)]
    with pytest.warns(UserWarning, match=r"left out \(1 times, the first in record 1\)") as told:
        data = ldn.read_data(rows)
    assert len(told) == 1
    assert data.observations["DV"].tolist() == [1.0]


@pytest.mark.kind("below-the-limit", sibling="a mark or a limit in a column of another name")
@pytest.mark.parametrize(
    ("name", "meant"), [("BLQ", "cens"), ("bloq", "cens"), ("Censored", "cens"), ("LOQ", "lloq"), ("LOD", "lloq")]
)
def test_a_limit_by_another_name_is_no_covariate(name, meant):
    with pytest.raises(InputError, match=rf"data='{name}': is no column of the limit.*'{meant}'"):
        ldn.read_data([dose(0), {"ID": 1, "TIME": 1, "DV": 5.0, name: 1}])


REFUSED = {
    "no measurements": ({"ID": [1], "TIME": [0], "AMT": [1]}, "must have a column 'dv'"),
    "measurements by another name": ({"ID": [1], "TIME": [0], "CONC": [1]}, "data='CONC': is no column of measurements"),
    "no times": ({"ID": [1], "DV": [1]}, "must have a column 'time'"),
    "subjects by another name": ({"Subject": [1, 2], "TIME": [0, 0], "DV": [1, 2]}, "'Subject': is no column of ids"),
    "amounts by another name": ({"ID": [1], "TIME": [0], "DV": [1], "DOSE": [3]}, "records='DOSE': is no column of amounts"),
    "an id that returns": ({"ID": [1, 2, 1], "TIME": [0, 0, 1], "DV": [1, 2, 3]}, "id=1: comes back after another id"),
    "no table": (3, "source=3: must be a DataFrame"),
    "a record to be left out": ({"C": ["C", "."], "ID": [1, 1], "TIME": [0, 1], "DV": [1, 2]}, "C='C': marks a record"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_name_value_and_rule(case):
    source, words = REFUSED[case]
    with pytest.raises(InputError, match=words):
        ldn.read_data(source)


def test_a_file_of_text_is_read_as_the_frame_is(tmp_path):
    frame = pd.DataFrame([dose(0, WT=70), seen(1, 2.5, WT=71), seen(2, "<0.1", WT=72)])
    frame.to_csv(tmp_path / "study.csv", index=False)
    pd.testing.assert_frame_equal(ldn.read_data(tmp_path / "study.csv").table, ldn.read_data(frame).table)


@pytest.mark.parametrize(
    ("cmt", "state"), [(0, "gut"), ("0", "gut"), (None, "gut"), (np.nan, "gut"), (1, 1), (2, 2), ("A", "A")]
)
def test_only_doses_that_do_not_say_where_they_go_are_moved(cmt, state):
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 3.0, "CMT": cmt}, {"ID": 1, "TIME": 1, "DV": 2.0}])
    assert data.dosed_into("gut").regimens[1].records[0].cmt == state


@pytest.mark.kind("table-without-rows")
@pytest.mark.parametrize("more", [[], ["AMT"], ["AMT", "DV", "EVID"]])
def test_a_table_without_rows_is_refused_in_a_sentence(more):
    empty = pd.DataFrame({name: [] for name in ["ID", "TIME", *more]})
    for source in (empty, empty.to_dict("list")):
        with pytest.raises(InputError, match=r"source=\['ID', 'TIME'.*: holds names of columns and no row"):
            ldn.read_data(source)


@pytest.mark.kind("table-without-rows", sibling="nca; a file")
def test_so_is_one_that_a_function_reads(tmp_path):
    with pytest.raises(InputError, match=r"data=\['ID', 'TIME', 'AMT', 'DV'\]: holds names of columns and no row"):
        ldn.nca(pd.DataFrame({"ID": [], "TIME": [], "AMT": [], "DV": []}))
    (tmp_path / "empty.csv").write_text("ID,TIME,DV\n")
    with pytest.raises(InputError, match=r"empty\.csv.*no row"):
        ldn.read_data(tmp_path / "empty.csv")


@pytest.mark.kind("missing-by-a-number")
@pytest.mark.parametrize("code", [-99, -999.0, "-9999", "-99.0", -99.9])
@pytest.mark.parametrize("more", [{}, {"LLOQ": 0.1}, {"CENS": 1}])
def test_a_number_that_stands_for_nothing_measured_is_refused(code, more):
    words = r"dv='?-99.*: stands for a missing value in many tables.*leave DV empty, or write MDV 1 \(record 2\)"
    with pytest.raises(InputError, match=words):
        ldn.read_data([dose(0), seen(1, 2.0), seen(2, code, **more), seen(3, 1.0)])


@pytest.mark.kind("missing-by-a-number", sibling="a covariate, here and in a table of doses")
def test_nor_is_it_a_covariate():
    rows = [dose(0, WT=70.0), seen(1, 2.0, WT=-99)]
    with pytest.raises(InputError, match=r"WT=-99.*leave the cell empty where it is not known \(record 1\)"):
        ldn.read_data(rows)
    with pytest.raises(InputError, match=r"WT=-99.*\(record 1\)"):
        ldn.Regimen.from_records(rows)


def test_beside_other_values_below_0_it_is_a_value_and_with_mdv_1_none():
    data = ldn.read_data([dose(0, TEMP=-3), seen(1, -5.0, TEMP=-99), seen(2, -99, TEMP=1), seen(3, 4.0, TEMP=2)])
    assert data.observations.DV.tolist() == [-5.0, -99.0, 4.0]
    assert ldn.read_data([dose(0), seen(1, -99, MDV=1), seen(2, 4.0)]).observations.DV.tolist() == [4.0]
    assert ldn.read_data([dose(0), seen(1, -9.0), seen(2, 4.0)]).observations.DV.tolist() == [-9.0, 4.0]


@pytest.mark.kind("routes-by-another-name", sibling="a table of measurements, whose other rows say no route")
def test_routes_beside_measurements_are_refused_where_they_part_the_doses():
    rows = {"ID": 1, "TIME": [0, 1, 12, 13], "AMT": [5, None, 5, None], "DV": [None, 2.0, None, 3.0]}
    with pytest.raises(InputError, match=r"ADM.*parts the doses"):
        ldn.read_data(pd.DataFrame(rows | {"ADM": [1, None, 2, None]}))
    assert len(ldn.read_data(pd.DataFrame(rows | {"ADM": [1, None, 1, None]})).table) == 4
