"""Answers side by side: whose nodes stand at times of their own, and whose are shared."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

TWO = {name: ldn.Regimen.every(4.5, 24, 2, cmt="A", at=at) for name, at in (("early", "20:00"), ("late", "22:00"))}
STEEP = "model steep(); A' = -k*A; A = 0; k = 0.4; p := 1/(1 + exp(-60*(A - 0.3))); end"


@pytest.mark.parametrize("cut", [False, True])
def test_subjects_of_one_regimen_share_node_times(toy, people, monkeypatch, cut):
    if cut:
        monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    for regimens, dims in ((TWO["late"], ("node",)), (TWO, ("regimen", "node"))):
        ds = ldn.simulate(toy, regimens, subjects=people)
        assert ds.node_time.dims == dims
        assert ds.last_interval.dims == (*dims[:-1], "subject", "trace", "node")


def test_courses_that_turn_at_times_of_their_own_have_nodes_there():
    model, people = ldn.Model.from_antimony(STEEP), pd.DataFrame({"k": np.linspace(0.2, 0.6, 3)})
    ds = ldn.simulate(model, TWO["late"], subjects=people)
    assert ds.node_time.dims == ("subject", "node")


@pytest.mark.parametrize("outputs", [["A"], ["B"], ["A", "B"], ["B", "A"], ["C", "A", "B"]])
def test_a_readout_reads_its_own_variable_whatever_is_shown(outputs):
    model = ldn.Model.from_antimony("model one; A' = -0.1*A; A = 0; B := 10*A; C := A + 5; end")
    doses = ldn.Regimen.every(2.0, 12, 2, cmt="A")
    peak = {"A": 2 + 2 * np.exp(-1.2), "B": 20 + 20 * np.exp(-1.2), "C": 7 + 2 * np.exp(-1.2)}
    ds = ldn.simulate(model, doses, outputs=outputs)
    names = [f"cmax({x})" for x in outputs]
    found = [ldn.summarize(ds, names), *(ldn.simulate(model, doses, metrics=some) for some in (names, names[::-1]))]
    for one in found:
        assert [float(one[name]) for name in names] == pytest.approx([peak[x] for x in outputs], rel=1e-5)
