"""Figures of some variables alone, which xarray leaves without the doses and their marks."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.plots import read
from ldnsim.plots.restored import restored

TAKEN = {"LDN": ldn.Regimen.daily(4.5, days=4, at="22:00"), "short": ldn.Regimen.daily(50, days=2), "none": None}
DRAWN = {
    "several regimens": lambda ds: ds,
    "one of them": lambda ds: ds.sel(regimen=["LDN"]),
    "in another order": lambda ds: ds.sel(regimen=["none", "short", "LDN"]),
}


@pytest.fixture(scope="module")
def ds():
    return ldn.simulate(ldn.load_model("ldn"), TAKEN, every=2.0, outputs=["il6", "il10"])


@pytest.mark.parametrize("chosen", DRAWN.values(), ids=DRAWN)
def test_a_selection_of_variables_has_the_doses_and_marks_that_it_had(ds, chosen):
    ds = chosen(ds)
    found = restored(ds[["il6"]])
    assert "dose_time" not in ds[["il6"]].coords
    for name in ("interval_start", "interval_end"):
        np.testing.assert_allclose(read.marked(found, name), read.marked(ds, name), atol=1e-9)
    for (times, drugs), (own, names) in zip(read.doses(found), read.doses(ds), strict=True):
        np.testing.assert_array_equal(times, own)
        np.testing.assert_array_equal(drugs, names)


def test_a_run_of_one_regimen_and_a_cut_run_too():
    model, regimen = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=4, at="22:00")
    for how in ({}, {"duration": 60.0}, {"duration": 200.0}):
        ds = ldn.simulate(model, regimen, outputs=["il6"], **how)
        found = restored(ds[["il6"]])
        assert read.marked(found, "interval_end") == read.marked(ds, "interval_end")


def test_a_figure_of_one_variable_ends_where_that_of_all_does(ds):
    pair = ds.sel(regimen=["LDN", "short"])
    ends = {fig[1][0, -1].get_xlim() for fig in (ldn.plots.compare(x, variables=["il6"]) for x in (pair, pair[["il6"]]))}
    assert len(ends) == 1


def test_what_tells_of_no_regimen_stays_as_it_is(ds):
    bare = ds[["il6"]]
    untold = [bare.assign_attrs(regimen=text) for text in ("", "4.5 mg")]
    for other in [*untold, bare.assign_coords(regimen=list("abc"))]:
        assert restored(other) is other
    assert restored(ds) is ds
