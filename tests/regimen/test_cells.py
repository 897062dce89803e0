"""A cell of a table: empty, a number by a number's grammar, or a label that is never one."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import InputError, Regimen
from ldnsim.numeric import number_of
from ldnsim.regimen import cells


@pytest.mark.parametrize(
    ("text", "number"),
    [("4.5", 4.5), (" 12 ", 12.0), ("1e-3", 0.001), (".5", 0.5), ("5.", 5.0), ("+2", 2.0), ("-1", -1.0)],
)
def test_numbers_as_tables_write_them(text, number):
    assert cells.number("amt", text) == number


@pytest.mark.kind("number-grammar")
@pytest.mark.parametrize("text", ["1_5", "1_000.0", "0_1"])
def test_digits_parted_as_in_python_are_no_number(text):
    with pytest.raises(InputError, match=f"amt='{text}': must be a number"):
        Regimen.from_records([{"time": 0, "amt": text}])


NO_NUMBERS = ["١٢", "１２", "0x10", " inf", "infinity", "1e", "1d3", "--1", "1 2", "4,5", "4.5mg", "1+1j"]


@pytest.mark.kind("number-grammar", sibling="other digits, hexadecimal, infinity, units, a comma")
@pytest.mark.parametrize("text", NO_NUMBERS)
@pytest.mark.parametrize("column", ["time", "amt", "ii", "rate", "F", "evid", "addl", "ss"])
def test_what_only_looks_like_a_number(text, column):
    with pytest.raises(InputError, match=f"^{column}='.*': must be a number"):
        Regimen.from_records([{"time": 0, "amt": 1} | {column: text}])


@pytest.mark.kind("number-grammar", sibling="truth values, spans, dates and complex numbers")
@pytest.mark.parametrize(
    "value",
    [True, np.True_, np.timedelta64(1, "h"), pd.Timedelta("1h"), pd.Timestamp("2024-01-01"), 1 + 0j, b"1",
     dt.timedelta(hours=1), np.datetime64("2024-01-01"), [1.0]],
)  # fmt: skip
def test_what_is_no_number_at_all(value):
    assert math.isnan(number_of(value))
    with pytest.raises(InputError, match="amt="):
        Regimen.from_records(pd.DataFrame({"time": [0.0], "amt": pd.Series([value], dtype=object)}))


@pytest.mark.kind("number-grammar", sibling="an argument of a constructor given as text")
def test_constructors_take_no_number_in_a_text():
    assert Regimen.from_records([{"time": "0", "amt": "4.5"}]) == Regimen.single(4.5)
    with pytest.raises(InputError, match=r"dose='4.5'.*write 4.5, without quotes"):
        Regimen.single("4.5")
    with pytest.raises(InputError, match="dose='1_5'"):
        Regimen.single("1_5")
    with pytest.raises(InputError, match="hours='٣'"):
        Regimen.single(1).shift(hours="٣")


def test_a_comma_and_a_clock_are_explained():
    with pytest.raises(InputError, match=r"amt='4,5': must be a number; with a point, 4\.5"):
        Regimen.from_records([{"time": 0, "amt": "4,5"}])
    with pytest.raises(InputError, match=r"time='08:30': must be a number of hours.*; 8\.5 for 08:30"):
        Regimen.from_records([{"time": "08:30", "amt": 4.5}])


@pytest.mark.parametrize("value", ["", " . ", "NA", "nan", None, np.nan, pd.NA, pd.NaT, "<NA>"])
def test_an_empty_cell_takes_the_default(value):
    assert Regimen.from_records([{"time": 0, "amt": 1, "ii": value}]) == Regimen.single(1)


def test_nullable_columns_are_read():
    frame = pd.DataFrame({"ID": [1, 1], "TIME": [0, 24], "AMT": [4.5, None], "EVID": [1, 0]}).convert_dtypes()
    assert [r.evid for r in Regimen.from_records(frame)[1].records] == [1, 0]


# ---- labels ---------------------------------------------------------------------------------------------


def ids(*labels):
    return list(Regimen.from_records(pd.DataFrame({"ID": labels, "TIME": 0, "AMT": 4.5})))


@pytest.mark.kind("text-id")
def test_a_label_is_never_a_number():
    given = ["1_01", "10_1", "1E1", "10", "007", "7"]
    assert ids(*given) == given


@pytest.mark.kind("text-id", sibling="leading zeros alone, a sign, an exponent")
@pytest.mark.parametrize("given", [("01", "1"), ("+1", "1"), ("1e0", "1"), ("-0", "0")])
def test_one_odd_label_makes_all_text(given):
    assert ids(*given) == list(given)


@pytest.mark.kind("id-with-decimals")
@pytest.mark.parametrize(
    "given", [("1.0", "1"), ("1.0", "1.00"), ("1", "2", "1."), (1, "1.0"), ("7", "10.00", "10"), ("-2", "-2.0")]
)
def test_a_number_with_and_without_decimals_is_no_two_subjects(given):
    words = r"id='.*': is the number that record \d writes .*and would be another label"
    with pytest.raises(InputError, match=words):
        ids(*given)
    assert ids("1.0", "2.0", "1.5") == ["1.0", "2.0", "1.5"]


@pytest.mark.kind("id-with-decimals", sibling="analytes and occasions of a measured table")
@pytest.mark.parametrize("name", ["DVID", "OCC"])
def test_nor_two_analytes(name):
    rows = [{"TIME": 0, "AMT": 3}, {"TIME": 1, "DV": 2.0, name: "1"}, {"TIME": 2, "DV": 2.0, name: "1.0"}]
    with pytest.raises(InputError, match=f"{name.lower()}='1.0': is the number that record 1 writes '1', .*record 2"):
        ldn.read_data(rows)


@pytest.mark.kind("text-id", sibling="from a file")
def test_labels_of_a_file(tmp_path):
    (tmp_path / "a.csv").write_text('ID,TIME,AMT\n"007",0,1\n007,1,1\n7,0,1\n1_01,0,1\n')
    read = Regimen.from_records(tmp_path / "a.csv")
    assert {k: len(r.doses) for k, r in read.items()} == {"007": 2, "7": 1, "1_01": 1}


@pytest.mark.kind("text-id", sibling="whole numbers are the same label from a file and from a DataFrame")
def test_whole_numbers_are_whole_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("ID,TIME,AMT\n3,0,1\n12,0,1\n")
    assert list(Regimen.from_records(tmp_path / "a.csv")) == ids(3, 12) == ids(3.0, 12.0) == [3, 12]
    assert ids(1.5, 2.0) == [1.5, 2.0]
    assert ids("a", 7) == ["a", "7"]
    assert ids(True, 7) == ["True", "7"]


@pytest.mark.kind("text-id", sibling="numbers too large for a float to tell apart")
def test_large_numbers():
    assert ids("9007199254740993", "9007199254740992") == ["9007199254740993", "9007199254740992"]
    assert ids(9007199254740993, 9007199254740992) == [9007199254740993, 9007199254740992]
    with pytest.raises(InputError, match=r"id=9007199254740992\.0: is a float too large.*as text"):
        ids(9007199254740993.0, 2.0)


@pytest.mark.parametrize("value", [None, "", ".", np.nan, "inf", np.inf, " "])
def test_a_record_without_a_subject_is_refused(value):
    with pytest.raises(InputError, match=r"must name a subject in every record \(record 1\)"):
        ids("a", value)


@pytest.mark.kind("text-id", sibling="as labels of a result and of subjects")
def test_labels_survive_a_run():
    model = ldn.Model.from_antimony("model a\n C' = -k*C\n C = 0; k = 0.1\nend")
    by_id = Regimen.from_records({"ID": ["007", "7"], "TIME": [0, 0], "AMT": [1, 2], "CMT": ["C", "C"]})
    ds = ldn.simulate(model, by_id, times=[0.0], subjects=pd.DataFrame({"k": [0.1, 0.2]}, index=["01", "1"]))
    assert ds.regimen.values.tolist() == ["007", "7"]
    assert ds.subject.values.tolist() == ["01", "1"]
    assert ds.C.sel(regimen="7", subject="1").item() == 2.0


@pytest.mark.kind("text-id", sibling="a number and its text as two labels of one call")
def test_labels_that_would_be_one_in_a_result_are_refused():
    model = ldn.Model.from_antimony("model a\n C' = -k*C\n C = 0; k = 0.1\nend")
    one, two = (Regimen.single(amt, cmt="C") for amt in (1, 2))
    with pytest.raises(InputError, match="regimen='7': would be the label of two"):
        ldn.simulate(model, {7: one, "7": two}, times=[0.0])
    people = pd.DataFrame({"k": [0.1, 0.2]}, index=pd.Index([7, "7"], dtype=object))
    with pytest.raises(InputError, match="subject='7': would be the label of two"):
        ldn.simulate(model, one, subjects=people, times=[0.0])
    assert ldn.simulate(model, {7: one, "8": two}, times=[0.0]).regimen.values.tolist() == ["7", "8"]


def test_ids_of_numbers_are_whole_where_they_are_and_plain_floats_elsewhere():
    found = cells.labels([1.0, np.float32(1.5), np.int64(3)])
    assert found == [1, 1.5, 3]
    assert [type(value) for value in found] == [int, float, int]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"TIME": "04:30", "AMT": 1}, "4.5 for 04:30; ldnsim.read_data reads clock times"),
        ({"TIME": "8 pm", "AMT": 1}, ""),  # no text of a clock
        ({"TIME": 0, "AMT": "04:30"}, ""),
    ],
)
def test_hours_are_proposed_for_a_clock_time_where_hours_are_asked_for(row, told):
    with pytest.raises(InputError) as error:
        Regimen.from_records([row])
    assert told in str(error.value)
    assert ("read_data" in str(error.value)) == bool(told)
