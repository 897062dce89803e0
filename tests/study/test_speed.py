"""The race of `ldnsim bench`: tuned to the error asked for, ratios to SciPy, bad input refused."""

import json

import numpy as np
import pytest

from ldnsim.cli import run
from ldnsim.errors import InputError
from ldnsim.study.speed import METHODS, TOLERANCES, speed


@pytest.mark.slow
def test_methods_run_at_the_loosest_tolerance_that_meets_the_error():
    loose, tight = (speed(subjects=8, days=1, error=e) for e in (1e-3, 1e-6))
    for frame, allowed in ((loose, 1e-3), (tight, 1e-6)):
        ran = frame.dropna()
        assert {"auto", "rodas5p-scalar", "LSODA"} <= set(ran.index)
        assert (ran["error"] <= allowed).all()
        assert ran["rtol"].isin(TOLERANCES).all()
        assert ran.loc["LSODA", "ratio"] == 1.0
        assert np.allclose(ran["ratio"], ran["rate"] / ran.loc["LSODA", "rate"], rtol=1e-12)
    both = loose.index.intersection(tight.dropna().index)
    assert (tight.loc[both, "rtol"] <= loose.loc[both, "rtol"]).all()
    assert tight.loc["LSODA", "rtol"] < loose.loc["LSODA", "rtol"]


@pytest.mark.parametrize("arguments", [{"subjects": 3}, {"error": 1.0}, {"error": float("nan")}])
def test_bad_input_is_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        speed(**arguments)


def test_the_command_prints_every_method(capsys):
    assert run(["bench", "--subjects", "8", "--days", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["methods"]) == set(METHODS)
    assert told["methods"]["auto"]["rate"] > 0
    assert run(["bench", "--subjects", "2"]) == 2
    assert "subjects=2" in capsys.readouterr().err
