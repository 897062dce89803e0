"""Labels and provenance of results."""

import io
import json

import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim import result


def test_a_dataset_shares_its_arrays_and_carries_words():
    values = np.arange(6.0).reshape(2, 3)
    words = {"A": {"units": "mg", "long_name": "amount"}}
    times = np.array([0.0, 12.0, 25.0])
    ds = result.dataset({"A": values}, words, times, {"regimen": ["a", "b"]}, {"model": "m"})
    assert np.shares_memory(ds.A.values, values)
    assert ds.A.attrs == {"units": "mg", "long_name": "amount"}
    np.testing.assert_array_equal(ds.clock, [0, 12, 1])
    assert ds.attrs == {"model": "m"}


def test_an_unknown_unit_is_left_out():
    model = ldn.Model.from_antimony("model m()\n x' = -k*x; x = 1; k = 1\nend")
    assert result.words_of(model, {"X": "x"}) == {"X": {"long_name": "x"}}


def test_a_pure_number_says_in_its_unit_what_it_is_a_fold_or_a_share_of():
    ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5), progress=False)
    assert ds.il6.attrs == {"units": "fold of untreated", "long_name": "IL-6"}
    assert ds.mu_occupancy_brain.attrs["units"] == "share of receptors"
    assert not [name for name in ds if ds[name].attrs["units"] == "1"]
    drawn = ds.il6.plot()[0].axes
    assert (drawn.get_title(), drawn.get_ylabel()) == ("", "IL-6 [fold of untreated]")
    found = ldn.summarize(ds, ["cmax(il6)", "auc(il6)"])
    assert [found[name].attrs["units"] for name in found] == ["fold of untreated", "h"]


def test_attributes_of_several_models_are_joined_where_they_differ():
    assert result.merged([{"a": 1, "b": "x"}, {"a": 1, "b": "y", "c": 2}]) == {"a": 1, "b": "x, y", "c": 2}


def test_provenance_can_be_written_to_any_file():
    model = ldn.Model.from_antimony("model m()\n x' = -k*x; x = 1; k = 1\nend")
    attrs = result.provenance(
        model, rtol=np.float64(1e-6), atol=np.array([1e-9]), seed=None, solver="rodas5p"
    )
    assert attrs["rtol"] == 1e-6
    assert attrs["atol"] == "[1e-09]"
    assert "seed" not in attrs
    assert all(type(v) in (int, float, str, bool) for v in attrs.values())
    assert attrs["rests_on_assumed"] == "k"
    assert attrs["version"] == ldn.__version__


def test_show_versions_names_what_a_report_needs():
    out = io.StringIO()
    ldn.show_versions(out)
    rows = dict(line.split(maxsplit=1) for line in out.getvalue().splitlines())
    assert rows["ldnsim"] == ldn.__version__
    assert rows["numpy"] == np.__version__
    assert {"python", "platform", "numba", "xarray", "cache"} <= set(rows)


def test_a_result_says_what_ran_and_what_it_rests_on(tmp_path):
    model = ldn.load_model("ldn").with_parameters(CL_ntx=100)
    regimens = {"LDN": ldn.Regimen.daily(4.5, days=1, at="22:00"), "none": None}
    ds = ldn.simulate(model, regimens, outputs=["plasma_naltrexone"], duration=30)
    ldn.save(ds, tmp_path / "run.nc")
    attrs = ldn.open_result(tmp_path / "run.nc").attrs
    assert json.loads(attrs["changed_parameters"]) == {"CL_ntx": 100.0}
    took = json.loads(attrs["regimen"])
    assert took["none"] == []
    assert ldn.Regimen.from_records(took["LDN"]) == regimens["LDN"]
    assumed = set(attrs["rests_on_assumed"].split())
    assert "tlag" in assumed
    assert not assumed & {"pain_gain", "F_cream", "t_patch"}


def test_many_regimens_leave_a_fingerprint():
    model = ldn.Model.from_antimony("model m()\n x' = -k*x; x = 1; k = 1\nend")
    many = {k: ldn.Regimen.single(k, cmt="x") for k in range(1000)}
    told = json.loads(result.provenance(model, regimens=many)["regimen"])
    assert told["regimens"] == 1000
    assert len(told["sha256"]) == 64


def test_the_hour_of_day_has_no_rest_of_the_days_before():
    times = np.arange(7010) / 10
    clock = result.hour_of_day(times)
    assert clock.tolist() == [float(f"{k % 240 / 10:.1f}") for k in range(7010)]
    assert result.hour_of_day(np.array([24 - 1e-13, 49.1, 25 + 1e-14])).tolist() == [0.0, 1.1, 1.0]


@pytest.mark.parametrize("kept", ["run", "file", "selection", "arithmetic"])
def test_a_table_has_no_rows_for_what_lies_beside_the_courses(kept, tmp_path):
    regimens = {"LDN": ldn.Regimen.daily(4.5, days=2), "none": None}
    ds = ldn.simulate(ldn.load_model("naltrexone_pk"), regimens)
    if kept == "file":
        ds = ldn.open_result(ldn.save(ds, tmp_path / "run.nc"))
    elif kept == "selection":
        ds = ds.sel(regimen=["LDN"])
    elif kept == "arithmetic":
        ds = ds * 2
    assert isinstance(ds, xr.Dataset)
    assert {"node", "mark", "dose_number"} <= set(ds.dims)
    table = ds.to_dataframe()
    assert len(table) == ds.sizes["regimen"] * ds.sizes["time"]
    assert table.columns.tolist() == ["plasma_naltrexone", "plasma_naltrexol", "clock", "status"]
    assert table.xs("LDN").plasma_naltrexone.tolist() == ds.plasma_naltrexone.sel(regimen="LDN").values.tolist()
    assert ds.to_dataframe(dim_order=["time", "regimen"]).index.names == ["time", "regimen"]


def test_numbers_of_one_run_are_a_table_of_one_row():
    found = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.single(4.5), metrics=["rebound_peak", "change_il6"])
    assert found.to_dataframe().change_il6.tolist() == [float(found.change_il6)]


def test_what_lies_beside_the_courses_is_a_table_where_it_is_asked_for():
    ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=2), outputs=["plasma_naltrexone"])
    doses = ds[["dose_time"]].to_dataframe()
    assert doses.dose_time.tolist() == [0.0, 24.0]
    assert ds[["clock"]].to_dataframe().clock.tolist() == ds.clock.values.tolist()


def test_rows_are_in_the_order_of_xarray():
    found = ldn.dose_response(ldn.load_model("ldn"), [1.5, 3.0], "cmax naltrexone", days=1, n=2)
    assert found.to_dataframe().index.names == ["quantile", "dose", "analyte"]
    assert found.to_dataframe().equals(xr.Dataset.to_dataframe(found))
