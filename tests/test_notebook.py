"""A result in a notebook: what people read is shown, what readouts need is kept."""

import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim import notebook

ipython = pytest.importorskip("IPython.core.interactiveshell")


@pytest.fixture(scope="module")
def result():
    return ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=2, at="22:00"))


def test_what_summarize_reads_is_folded_and_kept(result):
    shown = notebook.folded(result)
    assert not {"trace", "node", "node_time", "last_interval", "mark", "marks"} & {
        *shown.coords,
        *shown.dims,
    }
    assert {"time", "clock", "dose_time"} <= set(shown.coords)
    assert list(shown.data_vars) == list(result.data_vars)
    assert {"decision", "readouts"} & set(result.attrs)
    assert not {"decision", "readouts"} & set(shown.attrs)
    assert float(ldn.summarize(result).hours_blocked_peripheral) >= 0


def test_datasets_of_others_are_shown_as_they_are():
    other = xr.Dataset({"trace": ("node", [1.0])}, attrs={"decision": "mine"})
    assert notebook.folded(other) is other
    assert "Not shown" not in notebook.as_html(other)


def test_a_notebook_shows_the_folded_view(result):
    shell = ipython.InteractiveShell.instance()
    try:
        ldn.simulate(ldn.load_model("ldn"), None, times=[0.0, 1.0])
        shown, _ = shell.display_formatter.format(result)
        assert "last_interval" not in shown["text/html"]
        assert "Not shown: " in shown["text/html"]
        assert "last_interval" not in shown["text/plain"]
        assert "mu_occupancy_peripheral" in shown["text/plain"]
    finally:
        ipython.InteractiveShell.clear_instance()


def test_readouts_are_a_table_in_a_persons_digits(result):
    model = ldn.load_model("ldn")
    pair = {"low": ldn.Regimen.single(4.5), "high": ldn.Regimen.single(50)}
    found = ldn.compare(model, pair, n=20, metrics=["cmax naltrexone", "hours_blocked_peripheral"])
    shown = notebook.table(found)
    low, middle, high = found.cmax.sel(regimen="low", analyte="naltrexone").values
    assert f"<td>{middle:.3g} ({low:.3g} to {high:.3g})</td>" in shown
    assert "<th>cmax naltrexone</th>" in shown
    assert "<th>low</th>" in shown
    assert "<td>ng/mL</td>" in shown
    assert "<details><summary>Dataset</summary>" in notebook.as_html(found)
    assert "<td>-</td>" in notebook.table(ldn.summarize(ldn.simulate(model, {"none": None}, duration=48)))
    assert notebook.table(result) == ""
    many = ldn.simulate(model, ldn.Regimen.single(1), subjects=ldn.population(model, 20), metrics=["cmax"])
    assert notebook.table(many) == ""


def test_regimens_on_several_models_are_a_table_with_a_column_for_each_pair():
    model = ldn.load_model("ldn")
    models = {"as it is": model, "in cells": model.with_scenario("in_vitro_tlr4")}
    two = {"LDN": ldn.Regimen.single(4.5), "standard": ldn.Regimen.single(50)}
    found = ldn.compare(models, two, metrics=["change_il6"], n=20)
    shown = notebook.table(found)
    for head in ("as it is, LDN", "in cells, standard"):
        assert f"<th>{head}</th>" in shown
    middle = float(found.change_il6.sel(quantile=0.5, model="as it is", regimen="standard"))
    assert f"{middle:.3g} (" in shown
