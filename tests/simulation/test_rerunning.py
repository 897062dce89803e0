"""A result runs again from what it says of itself, and says where it differs."""

import warnings

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError

R = ldn.Regimen


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


RUNS = {
    "one regimen": lambda m: ldn.simulate(m, R.daily(4.5, days=2, at="22:00"), outputs=["il6"]),
    "two, and nothing": lambda m: ldn.simulate(
        m, {"a": R.single(4.5, at=22), "b": R.every(1, 12, 3) + R.single(2, at=5, formulation="sublingual"), "none": None},
        outputs=["endorphin", "plasma_naltrexol"], duration=60,
    ),
    "a scenario and a value": lambda m: ldn.simulate(
        m.with_scenario("ogf").with_condition("fibromyalgia").with_parameters(ke0=1.2), R.daily(4.5, days=2), outputs=["il6"]
    ),
    "an opioid": lambda m: ldn.simulate(m, R.every(20, 6, 8, drug="oxycodone"), outputs=["opioid_effect"], rtol=1e-8),
    "a placebo": lambda m: ldn.simulate(m, {"0 mg": R.daily(0, days=2), "LDN": R.single(4.5)}, outputs=["il6"]),
    "another start": lambda m: ldn.simulate(
        m.with_initial(A_gut=2.0).with_parameters(ke0=1.2), R.single(4.5), outputs=["A_gut", "il6"]
    ),
    "another solver": lambda m: ldn.simulate(m, R.single(4.5), outputs=["il6"], method="LSODA", times=[0, 3, 9.5]),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("suffix", [None, ".nc"])
def test_what_ran_runs_again_bit_for_bit(model, tmp_path, name, suffix):
    ds = RUNS[name](model)
    given = ds
    if suffix:
        given = tmp_path / f"run{suffix}"
        ldn.save(ds, given)
    again = ldn.rerun(given)
    assert again.attrs["rerun_difference"] == 0.0
    assert again.attrs["model_hash"] == ds.attrs["model_hash"]
    for variable in ds:
        np.testing.assert_array_equal(again[variable], ds[variable])


def test_people_are_given_again(model):
    people = ldn.population(model, 3, seed=7)
    ds = ldn.simulate(model, R.single(4.5), subjects=people, outputs=["il6"])
    with pytest.raises(InputError, match=r"subjects=None: must be given.*population\(model, n, seed=7\)"):
        ldn.rerun(ds)
    assert ldn.rerun(ds, subjects=people).attrs["rerun_difference"] == 0.0


def test_another_model_of_today_is_told_of(model):
    ds = ldn.simulate(model, R.single(4.5), outputs=["plasma_naltrexone", "il6"])
    with pytest.warns(UserWarning, match="another one.*plasma_naltrexone.*differ"):
        again = ldn.rerun(ds, model=model.with_parameters(CL_ntx=100))
    assert again.attrs["rerun_difference"] > 0.01
    ds["il6"][3] += 1e-3
    with pytest.warns(UserWarning, match="run again, and il6 differ"):
        ldn.rerun(ds)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 0 < ldn.rerun(ds.assign(il6=ds.il6 * (1 + 1e-12))[["plasma_naltrexone"]]).attrs["rtol"] < 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda m: ldn.simulate(m, R.single(1), metrics=["cmax"]), "readouts alone"),
        (
            lambda m: ldn.simulate({"a": m, "b": m.with_parameters(ke0=1)}, R.single(1), outputs=["il6"]),
            "2 models",
        ),
        (lambda m: 5, "must be"),
    ],
)
def test_what_cannot_be_run_again_is_refused(model, make, words):
    with pytest.raises(InputError, match=words):
        ldn.rerun(make(model))


def test_one_of_several_models_is_run_again_with_its_model(model):
    other = model.with_parameters(K_brain=1)
    both = ldn.simulate({"a": model, "b": other}, R.single(4.5), outputs=["il6"])
    with pytest.raises(InputError, match=r"model=None: must be given.*'b'"):
        ldn.rerun(both.sel(model="b"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ldn.rerun(both.sel(model="b"), model=other).attrs["rerun_difference"] == 0


@pytest.mark.parametrize(("given", "rule"), [("nonsense", "must end in"), ("no.nc", "there is no such file")])
def test_a_file_that_cannot_be_one_is_refused_by_name(given, rule):
    with pytest.raises(ldn.InputError, match=f"result='{given}': {rule}"):
        ldn.rerun(given)


def test_a_value_of_a_parameter_that_is_gone_is_named(model):
    ds = ldn.simulate(model, R.single(4.5), duration=4, outputs=["il6"])
    ds.attrs["changed_parameters"] = '{"k_gone": 2.0}'
    with pytest.raises(InputError, match="result='k_gone': was set, and the model 'ldn' has no such parameter"):
        ldn.rerun(ds)
