"""Fits that are interrupted go on where they were."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.fitting import checkpoint
from ldnsim.fitting.likelihood import Approximation

from .conftest import simulated

HOW = {"observe": "Cp", "cmt": "A_gut", "estimate": ["ka", "CL", "V"], "iiv": ["CL"], "error": "proportional"}


@pytest.mark.parametrize("more", [{}, {"starts": 2}, {"method": "laplace"}, {"method": "exact"}])
def test_an_interrupted_fit_ends_with_the_same_bits(own, tmp_path, monkeypatch, more):
    people = ldn.read_data(simulated(6, seed=3))
    whole = ldn.fit(own, people, **HOW, **more)
    path, real, count = tmp_path / "fit.npy", checkpoint.Recorded.answer, [0]

    def interrupted(self, x):
        count[0] += self.next >= len(self.kept)
        if count[0] in (5, 11):
            count[0] += 1
            raise KeyboardInterrupt
        return real(self, x)

    monkeypatch.setattr(checkpoint.Recorded, "answer", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            ldn.fit(own, people, **HOW, **more, checkpoint=path)
    with path.open("ab") as file:
        file.write(b"\x93NUMPY half of a record")
    again = ldn.fit(own, people, **HOW, **more, checkpoint=path)
    pd.testing.assert_frame_equal(again.parameters, whole.parameters, check_exact=True)
    pd.testing.assert_frame_equal(again.predictions, whole.predictions, check_exact=True)
    assert again.objective == whole.objective


def test_what_is_kept_is_not_evaluated_again(own, people, tmp_path, monkeypatch):
    first = ldn.fit(own, people, **HOW, checkpoint=tmp_path / "fit.npy")
    monkeypatch.setattr(Approximation, "answer", lambda self, x: pytest.fail("evaluated again"))
    again = ldn.fit(own, people, **HOW, checkpoint=tmp_path / "fit.npy")
    np.testing.assert_array_equal(again.modes.eta, first.modes.eta)


@pytest.mark.kind("another-checkpoint")
def test_the_state_of_another_fit_is_refused(own, people, tmp_path):
    ldn.fit(own, people, **HOW, checkpoint=tmp_path / "fit.npy")
    with pytest.raises(ldn.InputError, match=r"checkpoint=.*is of another fit"):
        ldn.fit(own, people, **(HOW | {"error": "additive"}), checkpoint=tmp_path / "fit.npy")
    with pytest.raises(ldn.InputError, match="folder that does not exist"):
        ldn.fit(own, people, **HOW, checkpoint=tmp_path / "no" / "fit.npy")
    with pytest.raises(ldn.InputError, match=r"checkpoint=.*: is no file; choose another name"):
        ldn.fit(own, people, **HOW, checkpoint=tmp_path)


@pytest.mark.kind("another-checkpoint", sibling="other data of the same form")
def test_the_state_of_other_data_is_refused(own, people, tmp_path):
    ldn.fit(own, people, **HOW, checkpoint=tmp_path / "fit.npy")
    with pytest.raises(ldn.InputError, match=r"checkpoint=.*is of another fit"):
        ldn.fit(own, ldn.read_data(simulated(12, seed=4)), **HOW, checkpoint=tmp_path / "fit.npy")
