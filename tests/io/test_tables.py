"""Tables come back as they were: every label, every digit, every row, and no cell that a spreadsheet would run."""

import csv

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn

FORMATS = [".nc", ".zarr", ".csv", ".parquet"]
LABELS = {
    "true and false": [True, False],
    "whole numbers": [3, -1],
    "numbers": [0.1, 2.0],
    "numbers as text": ["007", "7"],
    "text like a number": ["1e5", "1_000"],
    "true as text": ["True", "False"],
    "missing as text": ["nan", ""],
    "one empty text": [""],
    "formulas": ["=1+1", "@SUM(A1)", "+4", "-x", "\t=1", "'=1", "'", "''-"],
    "quotes and commas": ['a,"b"', "c\nd", "e\rf", " g "],
    "other letters": ["β", "日本", "é"],
    "large": [2**53 + 1, 2**62],
}


def result(labels):
    """Make a result with such labels of regimens."""
    x = np.random.default_rng(0).random((len(labels), 2, 3)) * 10.0 ** np.arange(-3, 3).reshape(2, 3)
    axes = {"regimen": labels, "subject": ["a", "b"], "time": [0.0, 0.1 + 0.2, 1 / 3]}
    status = (("regimen", "subject"), np.full((len(labels), 2), "finished"))
    return xr.Dataset(
        {"x": (tuple(axes), x), "single": (tuple(axes), x.astype("float32"))},
        {**axes, "clock": ("time", np.mod(axes["time"], 24)), "status": status},
        {"model_hash": "m"},
    )


@pytest.mark.kind("labels-in-files")
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_and_digits_come_back(tmp_path, suffix, labels):
    ds = result(labels)
    with ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}")) as back:
        assert back.regimen.values.tolist() == labels
        assert back.sizes == ds.sizes
        assert set(back.coords) == set(ds.coords)
        for name in ds.variables:
            assert back[name].dims == ds[name].dims, name
            np.testing.assert_array_equal(back[name], ds[name], err_msg=name)


@pytest.mark.kind("labels-in-files", sibling="Labels that a format does not know")
@pytest.mark.parametrize("label", [np.datetime64("2024-01-01", "ns"), 2**64 - 1, "\0a"])
def test_a_label_that_would_not_come_back_is_refused(tmp_path, label):
    ds = result([label])
    with pytest.raises(
        ldn.InputError, match=r"regimen=.*would come back from a CSV file as .*save it as .nc"
    ):
        ldn.save(ds, tmp_path / "run.csv")
    assert not list(tmp_path.iterdir())
    back = ldn.open_result(ldn.save(ds, tmp_path / "run.parquet"))
    assert back.regimen.values[0] == ds.regimen.values[0]


@pytest.mark.kind("labels-in-files", sibling="True and False as names of regimens, subjects and models")
@pytest.mark.parametrize("suffix", FORMATS)
def test_true_and_false_name_runs(tmp_path, suffix):
    model = ldn.Model.from_antimony("A' = -k*A; A = 0; k = 1")
    both = {True: ldn.Regimen.single(4.5, cmt="A"), False: None}
    people = pd.DataFrame({"k": [1.0, 2.0]}, index=[False, True])
    ds = ldn.simulate({True: model, False: model.with_parameters(k=3)}, both, subjects=people, duration=2)
    with ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}")) as back:
        for dim in ("model", "regimen", "subject"):
            assert back[dim].values.tolist() == ds[dim].values.tolist()
        np.testing.assert_array_equal(back.A, ds.A)


@pytest.mark.kind("labels-in-files", sibling="a label of two, and a dimension that stacks several")
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_could_not_be_read_back_is_not_written(tmp_path, suffix):
    ds = result(["a", "b"])
    dim = next(d for d in ("subject", "regimen") if ds.sizes.get(d) == 2)
    twice = xr.concat([ds.isel({dim: [0]})] * 2, dim)
    stacked = ds.stack(both=(dim, "time"))
    for one, words in ((twice, f"{dim}='a': is the label of two"), (stacked, "ds.unstack\\('both'\\)")):
        with pytest.raises(ldn.InputError, match=words):
            ldn.save(one, tmp_path / f"run{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.kind("formulas-in-cells")
def test_no_cell_is_a_formula(tmp_path):
    path = ldn.save(result(LABELS["formulas"]), tmp_path / "run.csv")
    with open(path, newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [
        c for c in cells if c[:1] in "=+-@\t\r" and c and not c.lstrip("-").replace(".", "").isdigit()
    ]


@pytest.mark.kind("formulas-in-cells", sibling="A text of a coordinate beside the courses")
def test_no_text_beside_is_a_formula(tmp_path):
    ds = result(["a"]).assign_coords(note=("subject", ["=cmd()", "1"]))
    path = ldn.save(ds, tmp_path / "run.csv")
    assert "=cmd()" not in path.read_text().split(",")
    assert set(ldn.open_result(path).note.values.ravel()) == {"=cmd()", "1"}


@pytest.mark.kind("files-cut-short")
def test_a_csv_file_cut_anywhere_is_refused(tmp_path):
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 1")
    path = ldn.save(ldn.simulate(model, None, duration=12), tmp_path / "run.csv")
    whole = path.read_bytes()
    for length in range(len(whole) - 2, 0, -1):  # what is left of the line end is of no matter
        path.write_bytes(whole[:length])
        with pytest.raises(ldn.InputError, match=r"run.csv'"):
            ldn.open_result(path)
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))
    with pytest.raises(ldn.InputError, match=r"is cut short: 4 rows of 13 are"):
        ldn.open_result(path)


@pytest.mark.kind("files-cut-short", sibling="Rows taken out of the middle, or twice there")
def test_rows_that_are_missing_or_doubled_are_told(tmp_path):
    path = ldn.save(result(["a", "b"]), tmp_path / "run.csv")
    lines = path.read_text().splitlines()
    for kept in (lines[:4] + lines[5:], [*lines, lines[-1]][:3] + lines[4:] + lines[3:4] * 2):
        path.write_text("\n".join(kept) + "\n")
        with pytest.raises(ldn.InputError, match=r"run\.csv"):
            ldn.open_result(path)
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")  # sorted otherwise, but whole
    back = ldn.open_result(path)
    np.testing.assert_array_equal(back.x.sortby(["regimen", "subject", "time"]), result(["a", "b"]).x)


def test_tables_of_earlier_versions_still_open(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("regimen,time,x,clock,status\na,0.0,1.5,0.0,finished\na,1.0,,1.0,finished\n")
    back = ldn.open_result(path)
    np.testing.assert_array_equal(back.x, [[1.5, np.nan]])
    assert back.status.dims == ("regimen",)
    assert set(back.data_vars) == {"x"}
    path.write_text("regimen,time,x\na,0.0,1.5\na,1.0,2\nb,0.0,3\n")
    with pytest.raises(ldn.InputError, match="is not whole: its labels make 2 x 2 rows, it holds 3"):
        ldn.open_result(path)


def test_a_sweep_comes_back_from_a_table(tmp_path):
    model = ldn.Model.from_antimony("A' = -k*A; A = 0; k = 1")
    ds = ldn.sweep(model, {"dose": [1.5, 4.5], "k": [1, 2]}, cmt="A", days=1, outputs=["A"], every=6)
    for suffix in (".csv", ".parquet"):
        back = ldn.open_result(ldn.save(ds, tmp_path / f"run{suffix}"))
        assert back.A.dims == ds.A.dims
        np.testing.assert_array_equal(back.A, ds.A)
        np.testing.assert_array_equal(back.dose, ds.dose)


@pytest.mark.kind("text-in-another-encoding")
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_a_result_in_another_encoding_is_refused_with_a_remedy(tmp_path, encoding):
    path = ldn.save(result(["é"]), tmp_path / "run.csv")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    likely = encoding.removesuffix("-le")
    with pytest.raises(
        ldn.InputError, match=rf"no text in UTF-8, but probably in {likely}; save it as UTF-8"
    ):
        ldn.open_result(path)
    path.write_text(ldn.save(result(["é"]), tmp_path / "run2.csv").read_text("utf-8"), encoding="utf-8-sig")
    assert ldn.open_result(path).regimen.item() == "é"


@pytest.mark.kind("damaged-files", sibling="One bit of a CSV file, wherever it is")
def test_a_changed_bit_of_csv_is_found(tmp_path):
    ds = result(["a", 'b, "x"'])
    path = ldn.save(ds, tmp_path / "run.csv")
    whole, raw, rng = ldn.open_result(path), path.read_bytes(), np.random.default_rng(0)
    for place in rng.choice(len(raw), 150, replace=False):
        damaged = bytearray(raw)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            found = ldn.open_result(path)
        except ldn.InputError:
            continue
        assert found.identical(whole), (place, raw[place - 5 : place + 5])


def test_the_head_of_the_last_column_says_what_it_is_and_old_heads_are_read(tmp_path):
    path = ldn.save(result(["a"]), tmp_path / "run.csv")
    text = path.read_text()
    says = ": number and checksum of each row by which ldnsim knows a file that was cut short or damaged"
    assert text.splitlines()[0].endswith(f"row (regimen x subject x time){says}")
    rows = pd.read_csv(path).drop(columns=f"row (regimen x subject x time){says}")
    old = rows.assign(**{"row (regimen x subject x time)": [f"{k + 1} of {len(rows)} rows" for k in range(len(rows))]})
    old.to_csv(tmp_path / "old.csv", index=False)
    xr.testing.assert_allclose(ldn.open_result(tmp_path / "old.csv"), ldn.open_result(path))


def test_a_table_whose_last_column_was_taken_out_keeps_names_and_units(tmp_path):
    ds = ldn.simulate(ldn.load_model("ldn"), {"a": ldn.Regimen.single(4.5)}, every=6.0)
    path = ldn.save(ds, tmp_path / "run.csv")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.iloc[:, :-1].to_csv(path, index=False)
    back = ldn.open_result(path)
    np.testing.assert_array_equal(back.plasma_naltrexone, ds.plasma_naltrexone)
    assert back.plasma_naltrexone.attrs["units"] == "ng/mL"
    assert back.time.attrs["units"] == "h"
