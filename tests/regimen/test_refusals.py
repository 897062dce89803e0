"""What a regimen refuses: the words say what was meant, what is allowed, and how to write it."""

import datetime as dt
import math

import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import InputError, Regimen
from ldnsim.regimen import Record
from ldnsim.units import hours_of


@pytest.mark.parametrize(
    ("at", "hint"),
    [
        ("8", "did you mean '08:00', or the number 8?"),
        ("22.30", "did you mean '22:30'"),
        ("2230", "did you mean '22:30'"),
        ("8 pm", "did you mean '20:00'"),
        ("12 am", "did you mean '00:00'"),
        ("22:00:00", "did you mean '22:00'"),
        (dt.time(22, 30), "did you mean '22:30'?"),
        ("24:00", "the number 24 is the midnight that ends the first day"),
    ],
)
def test_a_clock_time_written_otherwise_is_recognised(at, hint):
    with pytest.raises(InputError) as caught:
        hours_of(at)
    assert "must be a clock time from '00:00' to '23:59'" in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize("at", ["25:00", "22:60", "teatime", "", None, True, -1, math.nan])
def test_what_is_no_time_gets_no_guess(at):
    with pytest.raises(InputError) as caught:
        hours_of(at)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("name", ["ii", "rate", "duration"])
@pytest.mark.parametrize("value", [-1.5, math.inf, math.nan])
def test_interval_rate_and_duration_have_one_rule(name, value):
    row = {"time": 0, "amt": 1, name: value if value == value else "nan!"}
    with pytest.raises(InputError, match=rf"^{name}=.*must be a"):
        Regimen.from_records([row])
    with pytest.raises(InputError, match=rf"^{name}=.*: must be a finite number > 0"):
        Regimen.every(1, **({"ii": 24, "n": 1} | {name: value}))


@pytest.mark.parametrize(
    ("name", "none"), [("ii", "no interval"), ("rate", "a bolus"), ("duration", "a bolus")]
)
def test_in_a_table_nought_stands_for_none(name, none):
    assert Regimen.from_records([{"time": 0, "amt": 1, name: 0}]) == Regimen.single(1)
    with pytest.raises(InputError, match=rf"^{name}=-1.5: must be a finite number > 0, or 0 for {none}"):
        Regimen.from_records([{"time": 0, "amt": 1, name: -1.5}])


def test_more_doses_than_anybody_takes_are_refused_before_they_are_listed():
    for make in (
        lambda: Regimen.daily(1, 10**9),
        lambda: Regimen.every(1, 8, 10**9),
        lambda: Regimen.titration([(1, 10**9)]),
        lambda: Regimen.from_records([{"time": 0, "amt": 1, "ii": 24, "addl": 10**9}]),
    ):
        with pytest.raises(InputError, match=r"=1000000000(\.0)?: must be at most 1000000 doses; .*steady"):
            make()
    assert len(Regimen.daily(1, 3650).doses) == 3650


def test_an_interval_too_short_for_a_window_is_refused():
    with pytest.raises(InputError, match=r"ii=1e-06: must be 0 \(no interval\) or at least 1e-05 h"):
        Regimen.every(4.5, ii=1e-6, n=3)


@pytest.mark.parametrize("amount", [1.1e12, 1e300])
def test_a_dose_of_a_thousand_tonnes_is_refused(amount):
    shown = rf"={amount!r}: must be at most 1e\+12 mg; ".replace("e+", r"e\+", 1)
    for name, make in (
        ("dose", lambda: Regimen.single(amount)),
        ("dose", lambda: Regimen.every(amount, 24, 3)),
        ("dose", lambda: Regimen.daily(amount, 3)),
        (r"steps\[1\] dose", lambda: Regimen.titration([(1, 3), (amount, 3)])),
        ("amt", lambda: Regimen.from_records([{"time": 0, "amt": amount}])),
        ("amt", lambda: Record(amt=amount, drug="naltrexone")),
    ):
        with pytest.raises(InputError, match=f"^{name}{shown}"):
            make()
    with pytest.raises(InputError, match=r"at most 1e\+12 ng/kg"):
        Regimen.single(amount, drug="lps")
    with pytest.raises(InputError, match=r"^F=.*at most 1e\+12"):
        Regimen.single(1, F=amount)
    assert Regimen.single(1e12).doses[0].amt == 1e12


def test_a_state_of_ones_own_may_count_molecules():
    assert Regimen.single(6.02e23, cmt="A").doses[0].amt == 6.02e23
    assert Regimen.from_records([{"time": 0, "amt": 6.02e23, "cmt": 1}]).doses[0].amt == 6.02e23
    for name, make in (
        ("dose", lambda: Regimen.single(1e300, cmt="A")),
        ("amt", lambda: Regimen.from_records([{"time": 0, "amt": 1e300, "cmt": 1}])),
    ):
        with pytest.raises(InputError, match=rf"^{name}=1e\+300: must be at most 1e\+30; "):
            make()


@pytest.mark.parametrize("amount", [math.inf, -math.inf, -1.0, "much"])
def test_amounts_that_are_no_amounts(amount):
    with pytest.raises(InputError, match=r"^amt="):
        Regimen.from_records([{"time": 0, "amt": amount}])


@pytest.mark.parametrize("amount", [math.nan, None, "."])
def test_a_dose_without_an_amount(amount):
    with pytest.raises(InputError, match=r"^amt=.*: must be given where evid=1 gives a dose \(record 1\)"):
        Regimen.from_records({"time": [0, 24], "amt": [4.5, amount], "evid": [1, 1]})
    read = Regimen.from_records({"time": [0, 24], "amt": [4.5, amount]})  # the second is an observation
    assert (len(read.doses), read.observation_times) == (1, (24.0,))


def test_a_further_column_must_be_finite():
    with pytest.raises(InputError, match="weight=inf: must be a finite number"):
        Regimen.from_records([{"time": 0, "amt": 1, "weight": math.inf}])
    with pytest.raises(InputError, match="weight=nan: must be a finite number"):
        Record(amt=1, cmt="A", extra=(("weight", math.nan),))


FILES = {
    "missing": (None, "there is no such file"),
    "empty": ("", "is an empty file; the first line names columns"),
    "blank": ("\n \n", "is an empty file"),
    "names alone": ("time,amt\n", "a line of names and no row"),
    "semicolons": ("time;amt\n0;4,5\n24;4,5\n", r"parted by semicolons.*sep=';', decimal=',', na_values"),
    "semicolons and points": ("time;amt\n0;4.5\n", r"parted by semicolons.*sep=';', na_values"),
    "tabs": ("time\tamt\n0\t4.5\n", r"parted by tabs.*sep='\\t', na_values"),
    "ragged": ("time,amt\n0,1\n24,1,7\n", "cannot be read as CSV: .*line 3"),
    "cells in each row without a name": (
        "id,time,amt\n1,0,100,\n1,24,100,\n",
        "line 2 has 4 cells, the first line names 3",
    ),
    "a row cut short": ("time,amt,ii\n0,1,24\n24\n", "line 3 has 1 cells, the first line names 3"),
    "blanks": ("ID TIME AMT\n1 0 100\n", "parted by blanks"),
    "an open quote": ('time,amt\n0,"1\n24,1\n', "cannot be read as CSV"),
}


@pytest.mark.kind("ragged-file")
@pytest.mark.parametrize("case", FILES)
def test_files_that_cannot_be_read(case, tmp_path):
    text, words = FILES[case]
    path = tmp_path / "doses.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"^records='.*: .*{words}"):
        Regimen.from_records(path)


@pytest.mark.parametrize("sign", [";", "\t", " "])
@pytest.mark.parametrize(("zero", "half"), [("0", "0.5"), ("0", "0,5")])
def test_the_way_out_of_a_file_without_commas_leads_out(tmp_path, sign, zero, half):
    path = tmp_path / "study.csv"
    rows = [("ID", "TIME", "AMT", "DV"), ("1", zero, "5", "."), ("1", half, ".", half)]
    path.write_text("\n".join(map(sign.join, rows)), encoding="utf-8")
    names = {"pandas": pd, "path": path, "ldnsim": ldn, "Regimen": Regimen}
    for read in (ldn.read_data, Regimen.from_records, ldn.nca):
        with pytest.raises(InputError) as caught:
            read(path)
        call = str(caught.value).partition(" or ")[2]
        assert call.partition("(")[0].endswith(read.__name__)
        found = eval(call, names)
    assert found.cmax[0] == 0.5


@pytest.mark.kind("ragged-file", sibling="two columns of one name")
def test_columns_named_twice(tmp_path):
    path = tmp_path / "doses.csv"
    path.write_text("time,amt,WT,WT\n0,1,70,80\n")
    for source, name in ((path, "WT"), (pd.DataFrame([[0, 1, 2]], columns=["time", "amt", "AMT"]), "AMT")):
        with pytest.raises(InputError, match=f"records='{name}': is the column '.*' again"):
            Regimen.from_records(source)


def test_other_things_that_are_no_table(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        Regimen.from_records(tmp_path)
    with pytest.raises(InputError, match="is no dict of columns of one length"):
        Regimen.from_records({"time": 0, "amt": 4.5})
    with pytest.raises(InputError, match="is no dict of columns of one length"):
        Regimen.from_records({"time": [0, 24], "amt": [4.5]})
    with pytest.raises(InputError, match="parted by semicolons"):
        Regimen.from_records(pd.DataFrame({"time;amt": ["0;4.5"]}))


@pytest.mark.kind("text-in-another-encoding", sibling="A table of doses")
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-32"])
def test_a_table_in_another_encoding_is_refused_with_a_remedy(tmp_path, encoding):
    (tmp_path / "doses.csv").write_text("time,amt,comment\n0,1,für\n", encoding=encoding)
    with pytest.raises(InputError, match=f"no text in UTF-8, but probably in {encoding}; save it as UTF-8"):
        Regimen.from_records(tmp_path / "doses.csv")


def test_a_file_with_a_byte_order_mark_and_blanks_around_the_rows_is_read(tmp_path):
    path = tmp_path / "dosen für später.csv"
    path.write_text("time,amt\r\n0,4.5\r\n24,4.5\r\n\r\n", encoding="utf-8-sig")
    assert len(Regimen.from_records(path).doses) == 2


@pytest.mark.parametrize("name", ["drug", "formulation"])
def test_an_empty_name_is_not_the_usual_one(name):
    """As of a shell variable that is not set: --drug "$DRUG"."""
    with pytest.raises(InputError, match=f"{name}='': must be a name; leave it out for the usual one"):
        Regimen.daily(4.5, days=2, **{name: ""})
