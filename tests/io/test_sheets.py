"""Spreadsheets: units in the header of `.xlsx` and `.csv`, nothing that runs, nothing repeated."""

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn


@pytest.fixture(scope="module")
def ds():
    model = ldn.load_model("ldn")
    regimens = {"=LDN": ldn.Regimen.daily(4.5, days=2, at="22:00"), "none": None}
    return ldn.simulate(model, regimens, every=6.0)


def sheets(path):
    book = openpyxl.load_workbook(path)
    return {name: [[c.value for c in row] for row in book[name].iter_rows()] for name in book.sheetnames}


def test_a_course_has_a_column_a_variable_with_its_unit(ds, tmp_path):
    path = ldn.save(ds, tmp_path / "run.xlsx")
    head, *rows = sheets(path)["result"]
    assert head[:3] == ["regimen", "time [h]", "clock [h]"]
    assert "plasma_naltrexone [ng/mL]" in head
    assert "il6" in head
    assert len(rows) == 2 * ds.sizes["time"]
    column = [row[head.index("plasma_naltrexone [ng/mL]")] for row in rows]
    np.testing.assert_allclose(column, ds.plasma_naltrexone.values.ravel())
    run = dict(sheets(path)["run"][1:])
    assert run["model"] == "ldn"
    assert run["model_hash"] == ds.attrs["model_hash"]


def test_a_sheet_tells_people_what_the_result_is(ds, tmp_path):
    about = dict(sheets(ldn.save(ds, tmp_path / "run.xlsx"))["about"][1:])
    assert about["Made by"] == f"ldnsim {ldn.__version__}, model ldn"
    assert about["Regimen =LDN"].endswith("day 1, 22:00: 4.5 mg naltrexone capsule x 2 every 24 h")
    assert about["Regimen none"] == "no dose"
    assert about["Parameters changed"] == "none"
    assert "K_ntxol_peripheral, " in about["Rests on assumed"]
    assert about["Numbers"].startswith("nominal")
    assert about["Mind"] == "For research; not medical advice."
    assert not any("{" in told or "_hash" in what for what, told in about.items())


def test_what_was_changed_and_what_quantiles_are_is_told(tmp_path):
    model = ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_parameters(K_brain=2)
    with pytest.warns(UserWarning, match="K_brain' goes together with"):
        found = ldn.compare(model, ldn.Regimen.single(4.5), metrics=["cmax"], n=4)
    told = sheets(ldn.save(found, tmp_path / "found.xlsx"))
    about = dict(told["about"][1:])
    assert about["Parameters changed"].startswith("K_brain = 2, ")
    assert about["Reading of the literature"] == "in_vitro_tlr4"
    assert "0.5 is the median" in about["Numbers"]
    assert ["quantile", None, "0.05, 0.5 (the median) and 0.95 over the draws"] in told["columns"]


def test_several_models_are_told_of(tmp_path):
    model = ldn.load_model("ldn")
    models = {"a": model, "b": model.with_parameters(K_brain=1), "c": model.with_scenario("in_vitro_tlr4")}
    ds = ldn.simulate(models, ldn.Regimen.single(4.5), outputs=["il6"])
    about = dict(sheets(ldn.save(ds, tmp_path / "run.xlsx"))["about"][1:])
    assert about["Parameters changed"].startswith("none; K_brain = 1; IC50_tlr4 = ")
    assert about["Reading of the literature"] == "the default one, in_vitro_tlr4"


def test_a_dataset_of_others_says_what_it_knows(tmp_path):
    about = dict(sheets(ldn.to_excel(xr.Dataset({"a": 1.0}), tmp_path / "a.xlsx"))["about"][1:])
    assert "Made by" not in about
    assert "Numbers" not in about


def test_what_the_columns_mean_is_a_sheet(ds, tmp_path):
    meanings = sheets(ldn.to_excel(ds, tmp_path / "run.xlsx"))["columns"]
    assert meanings[0] == ["column", "unit", "meaning"]
    assert ["il6", "fold of untreated", "IL-6"] in meanings


def test_metrics_are_a_row_each_and_none_twice(ds, tmp_path):
    metrics = ldn.summarize(ds.sel(regimen=["=LDN"]))
    head, *rows = sheets(ldn.to_excel(metrics, tmp_path / "m.xlsx"))["result"]
    assert head.count("cmax naltrexone [ng/mL]") == 1
    assert "cmax naltrexol [ng/mL]" in head
    assert head.count("hours_blocked_peripheral [h]") == 1
    assert len(rows) == 1
    assert rows[0][head.index("cmax naltrexol [ng/mL]")] == pytest.approx(
        float(metrics.cmax.sel(analyte="naltrexol").squeeze())
    )


def test_no_cell_of_a_sheet_is_a_formula(ds, tmp_path):
    book = openpyxl.load_workbook(ldn.to_excel(ds, tmp_path / "run.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=LDN" in {cell.value for cell in cells}


def test_what_has_no_number_is_an_empty_cell(tmp_path):
    bare = xr.Dataset({"x": ("subject", [1.0, np.nan])}, {"subject": [0, 1]}, {"model_hash": "m"})
    rows = sheets(ldn.to_excel(bare, tmp_path / "x.xlsx"))["result"]
    assert rows[1:] == [[0, 1.0], [1, None]]


def test_a_sheet_that_would_not_hold_all_rows_is_refused(tmp_path):
    long = xr.Dataset({"x": ("time", np.zeros(1_048_576))}, {"time": np.arange(1_048_576.0)})
    with pytest.raises(ldn.InputError, match=r"1048576 rows.*1048575.*\.parquet"):
        ldn.to_excel(long, tmp_path / "long.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_spreadsheet_is_not_read_back(ds, tmp_path):
    path = ldn.to_excel(ds, tmp_path / "run.xlsx")
    with pytest.raises(
        ldn.InputError, match=r"path=.*run\.xlsx.*must end in \.nc, \.zarr, \.csv or \.parquet"
    ):
        ldn.open_result(path)
    with pytest.raises(ldn.InputError, match=r"must end in \.xlsx"):
        ldn.to_excel(ds, tmp_path / "run.csv")


def test_csv_tells_units_in_its_header_and_they_come_back(ds, tmp_path):
    path = ldn.save(ds, tmp_path / "run.csv")
    head = pd.read_csv(path, nrows=0).columns.tolist()
    assert "plasma_naltrexone [ng/mL]" in head
    assert "time [h]" in head
    assert "il6" in head
    back = ldn.open_result(path)
    assert back.plasma_naltrexone.attrs["units"] == "ng/mL"
    assert back.time.attrs["units"] == "h"
    np.testing.assert_array_equal(back.plasma_naltrexone, ds.plasma_naltrexone)


def test_a_name_that_ends_like_a_unit_comes_back(tmp_path):
    odd = xr.Dataset({"x [mg]": ("subject", [1.0, 2.0])}, {"subject": [0, 1]}, {"model_hash": "m"})
    back = ldn.open_result(ldn.save(odd, tmp_path / "x.csv"))
    assert list(back.data_vars) == ["x [mg]"]


def test_a_person_s_table_has_no_column_for_programs(ds, tmp_path):
    assert "status" not in sheets(ldn.to_excel(ds, tmp_path / "run.xlsx"))["result"][0]
    lost = ds.assign_coords(status=ds.status.copy(data=["finished", "too many steps"]))
    head, *rows = sheets(ldn.to_excel(lost, tmp_path / "lost.xlsx"))["result"]
    assert {row[head.index("status")] for row in rows} == {"finished", "too many steps"}
    metrics = ldn.summarize(ds.sel(regimen=["=LDN"]), ["blockade_window"])
    for cut in (0.0, 1.0):
        told = metrics.assign_coords(blockade_window_censored=("regimen", [cut]))
        head, *_ = sheets(ldn.to_excel(told, tmp_path / "m.xlsx"))["result"]
        assert ("blockade_window_censored" in head) == (cut == 1.0)


def test_times_of_a_table_are_written_as_they_are_meant(tmp_path):
    model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.01")
    ds = ldn.simulate(model, None, duration=60, every=0.1)
    head, *rows = sheets(ldn.to_excel(ds, tmp_path / "run.xlsx"))["result"]
    clock = [row[head.index("clock [h]")] for row in rows]
    assert clock == [float(f"{k % 240 / 10:.1f}") for k in range(601)]
    table = pd.read_csv(ldn.save(ds, tmp_path / "run.csv"), dtype=str)
    assert table["time [h]"].str.len().max() <= 4


def test_columns_are_as_wide_as_what_stands_in_them_and_longer_text_is_wrapped(ds, tmp_path):
    long = ds.assign_attrs(note="word " * 100, settings="x" * 9000)
    book = openpyxl.load_workbook(ldn.save(long.rename({"il6": "il6_" + "x" * 90}), tmp_path / "run.xlsx"))
    for sheet in book:
        for column in sheet.iter_cols():
            width = sheet.column_dimensions[column[0].column_letter].width
            assert 10 <= width <= 72
            for cell in column:
                text = cell.value if isinstance(cell.value, str) else ""
                fits = len(text) < width
                assert fits or cell.alignment.wrap_text or (len(text) > 1500 and cell.column == sheet.max_column), text
    assert "readouts" not in [row[0].value for row in book["run"].iter_rows()]


def test_a_label_far_down_is_not_cut_off(tmp_path):
    rows = pd.DataFrame({"x": range(2000), "who": ["a"] * 1999 + ["a person with a long name"]})
    from ldnsim.io.sheets import write_frame

    write_frame(rows, tmp_path / "t.xlsx")
    widths = openpyxl.load_workbook(tmp_path / "t.xlsx")["result"].column_dimensions
    assert widths["B"].width == len("a person with a long name") + 2


def test_a_table_of_pandas_repeats_nothing_and_keeps_the_units(ds):
    metrics = ldn.summarize(ds.sel(regimen=["=LDN"]))
    table = ldn.to_table(metrics)
    assert table.index.tolist() == ["=LDN"]
    assert table.columns.is_unique
    assert table.loc["=LDN", "cmax naltrexol"] == float(metrics.cmax.sel(analyte="naltrexol")[0])
    assert table.attrs["units"]["auc naltrexone"] == metrics.auc.attrs["units"]
    course = ldn.to_table(ds[["il6"]])
    assert course.index.names == ["regimen", "time"]
    np.testing.assert_array_equal(course["il6"].unstack("time"), ds.il6)


def test_intervals_of_a_comparison_are_a_row_each():
    found = ldn.compare(ldn.load_model("ldn"), ldn.Regimen.single(4.5), metrics=["cmax", "change_il6"], n=20)
    table = ldn.to_table(found)
    assert table.index.tolist() == [0.05, 0.5, 0.95]
    assert table.columns.tolist() == ["cmax naltrexone", "cmax naltrexol", "change_il6"]
    assert len(ldn.to_table(found.sel(quantile=0.5))) == 1


def test_what_is_no_column_of_one_table_is_refused():
    trial = xr.Dataset({"power": ("arm", [0.5]), "difference": (("arm", "trial"), [[1.0, 2.0]])}, {"arm": ["a"]})
    with pytest.raises(ldn.InputError, match=r"'power' along arm, 'difference' along arm x trial, .*ds\[\['power'\]\]"):
        ldn.to_table(trial)
    assert ldn.to_table(trial[["power"]]).loc["a", "power"] == 0.5


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".parquet"])
def test_nor_is_it_written_as_one(tmp_path, suffix):
    trial = xr.Dataset({"power": ("arm", [0.5]), "difference": (("arm", "trial"), [[1.0, 2.0]])}, {"arm": ["a"]})
    with pytest.raises(ldn.InputError, match=r"'difference' along arm x trial, .*\.nc and \.zarr keep all"):
        ldn.save(trial, tmp_path / f"trial{suffix}")
    assert not list(tmp_path.iterdir())
    assert ldn.save(trial[["difference"]], tmp_path / f"trial{suffix}").exists()
    assert ldn.save(trial, tmp_path / "trial.nc").exists()


def test_what_tells_of_rows_may_be_written_beside_them(tmp_path):
    ds = xr.Dataset({"il6": (("subject", "time"), [[1.0, 2.0]]), "weight": ("subject", [60.0])}, {"time": [0.0, 1.0]})
    with pytest.raises(ldn.InputError, match=r"or tell the others in each row: ds.set_coords\(\['weight'\]\)"):
        ldn.save(ds, tmp_path / "people.csv")
    ldn.save(ds.set_coords(["weight"]), tmp_path / "people.csv")
    assert ldn.open_result(tmp_path / "people.csv").weight.values.ravel().tolist() == [60.0, 60.0]
