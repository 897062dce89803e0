"""Kernels of a model as WebAssembly: what can be one, what is refused by name, and what a wheel brings."""

import importlib.util
import json

import pytest

import ldnsim as ldn
from ldnsim.webpage import engine_data, wasm, wasm_of

DECAY = "A' = -k*A; A = 1; k = 0.5"
linked = pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None, reason="NO LINKER: pip install 'ldnsim[page]'"
)


@linked
def test_a_model_becomes_a_module_that_is_kept(tmp_path, monkeypatch):
    model = ldn.Model.from_antimony(DECAY)
    code = wasm_of(model)
    assert code.startswith(b"\0asm")
    monkeypatch.setattr(wasm, "_build", None)  # the second time nothing is compiled
    assert wasm_of(model.with_parameters(k=2.0)) == code


@linked
def test_a_wheel_brings_modules_that_need_no_linker(tmp_path, monkeypatch):
    model = ldn.Model.from_antimony(DECAY)
    monkeypatch.setattr(wasm, "BUILT", tmp_path)
    path = wasm.prebuild(model)
    monkeypatch.setattr(wasm, "_build", None)
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(tmp_path / "empty"))
    assert path.parent == tmp_path
    assert wasm_of(model).startswith(b"\0asm")


@pytest.mark.kind("page-cannot-run", sibling="the linker is missing")
def test_without_a_linker_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(wasm.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(wasm, "cache_folder", lambda name: None)
    with pytest.raises(
        ldn.InputError, match=r"model='model': needs the linker .* pip install 'ldnsim\[page\]'"
    ):
        wasm_of(ldn.Model.from_antimony(DECAY))


@pytest.mark.kind("page-cannot-run")
@pytest.mark.parametrize(
    ("text", "what"),
    [
        (DECAY + "; at (A < 0.5): A = 1", "has events"),
        ("A' = -k*delay(A, 1); A = 1; k = 0.5", "has delays"),
        ("A' = -k*factorial(A); A = 1; k = 0.5", "has equations that a page cannot run"),
    ],
)
def test_what_no_page_can_run_is_refused_by_name(text, what):
    with pytest.raises(ldn.InputError, match=rf"model='model': {what}"):
        wasm_of(ldn.Model.from_antimony(text))


@linked
def test_the_description_is_plain_data_with_every_draw_as_it_is():
    model = ldn.load_model("naltrexone_pk")
    data = json.loads(json.dumps(engine_data(model, draws=7), allow_nan=False))
    draws = ldn.posterior(model, 7)
    draws = draws[[name for name in draws if name in model.parameter_ids]]
    assert data["draws"]["columns"] == list(draws.columns)
    assert data["draws"]["rows"] == draws.to_numpy().tolist()
    assert [p["id"] for p in data["described"]["parameters"]] == list(model.parameter_ids)


def test_more_draws_than_there_are_are_refused():
    with pytest.raises(ldn.InputError, match="draws=100000"):
        engine_data(ldn.load_model("naltrexone_pk"), draws=100_000)


@pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None, reason="NO LINKER: pip install 'ldnsim[page]'"
)
def test_a_page_of_one_structure_holds_its_draws():
    model = ldn.load_model("ldn").with_scenario("precursor")
    data = engine_data(model, draws=9, seed=3)["draws"]
    wanted = ldn.posterior(model, 9, seed=3)
    assert data["structures"] == ["precursor"] * 9
    places = [data["columns"].index(name) for name in wanted if name in model.parameter_ids]
    assert [[row[k] for k in places] for row in data["rows"]] == wanted[
        [name for name in wanted if name in model.parameter_ids]
    ].to_numpy().tolist()
