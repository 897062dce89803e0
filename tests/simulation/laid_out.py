"""How a run is laid out: output times, nodes, pieces, events in one line of time."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.readouts import Readout
from ldnsim.regimen.window import window_of
from ldnsim.simulation import (
    grid,
    pieces,
    plan,
    request,
)
from ldnsim.simulation.timeline import Timeline, stacked

from ..ledger import told
from .conftest import TOY

R, TIGHT = ldn.Regimen, {"rtol": 1e-9}
PEOPLE = pd.DataFrame({"ka": [1.2, 0.8, 2.0], "ke": [0.2, 0.3, 0.1]}, index=["a", "b", "c"])


@functools.cache
def toy():
    """The small model of these tests, with the readouts of the shipped one that it can give."""
    model = ldn.Model.from_antimony(TOY)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


def laid_out():
    """Output times, ends, nodes beside output times; pieces and their cuts; tables of rows."""
    week, one = R.every(4.5, 24, 3, cmt="A", at="22:00"), R.single(2, cmt="A")
    found = [
        told(grid.output_times, end, every)
        for end, every in ((10, 3), (1, 0.1), (1, 1 / 6), (0.3, 0.1), (5, 6), (5, 0), (1e8, 1))
    ]
    for duration in (None, 30.0):
        for times in (None, np.array([0.0, 5.0]), np.array([0.0, 200.0])):
            for some in ([week], [week, one], [None], [None, one], [R()]):
                end = told(grid.run_end, duration, times, some)
                found += [end, told(grid.metric_ends, duration, times, some, 94.0)]
    user, nodes = (
        np.array([0.0, 2.0, 3.0]),
        np.array([[0.0, 1.0, 2.0, 2.0 + 1e-6, 4.0], [1.0, 3.0, 5.0, 7.0, 7.0]]),
    )
    look = grid.Look.of(user, nodes)
    found += [
        look,
        look.node_times,
        look.refined(0),
        look.refined(3),
        grid.evened([np.arange(3.0), np.arange(5.0)]),
        grid.stretched(np.arange(3.0), 5),
    ]
    events = np.array([[1.0, 5.0, np.inf], [2.0, np.inf, np.inf]])
    windows = [window_of(week, 94.0), window_of(one, 24.0)]
    found += [
        grid.look(user, events, [np.array([[0.0, 6.0]]), np.array([[2.0, 9.0]])], windows, (9.0, 12.0)),
        grid.look(user, events, (), (), ()),
    ]
    found += [
        [pieces.groups(n), pieces.fair(n, 16), pieces.fair(n, 64), pieces.cuts(slice(3, 3 + n), 16)]
        for n in (1, 15, 16, 17, 64, 100, 1000)
    ]
    found += [plan.padded(r) for r in ([], [[]], [[1.0], [2.0, 3.0]])]
    for columns in ([0, 1, 2, 3], [0, 1, 3, 2], [3, 0, 1, 2], [1, 0, 2, 3]):
        for n in (3, pieces.GROUP, 2 * pieces.GROUP + 1):
            values = np.arange(4.0 * 2 * n).reshape(n, 2, 4) ** 1.5
            plan._move(values, np.array(columns))
            found.append(values)
    cut = (40, 1.0, 3), (40, 1e5, 3), (100, 1e4, 1), (5, None, 2), (48, 2e4, 4), (48, 2e6, 4), (40, 2e6, 4)
    for rows_, most, n in cut:
        table = pd.DataFrame({"ke": np.linspace(0.1, 0.3, rows_)})
        who = request.Subjects(table, [toy()])
        for alone in (True, False):
            p = plan.Plan(toy(), [week] * n, who, {"C": "C", "endorphin": "endorphin"}, np.arange(9.0), [94.0] * n,
                ("endorphin", "A"), plan.Options("auto", 1e-6, None, None, "float64"), readouts=(Readout(
                "endorphin", "cmax"), Readout("A", "mean", "day 1")), alone=alone)  # fmt: skip
            found += [
                [list(x) for x in p.pieces(pieces.Piece(slice(0, n), slice(0, rows_)), most)],
                p.bytes_each,
                p.bytes_kept,
                p.reads,
                p.marks,
                p.end,
                p.outputs,
                p._columns,
                p.many,
                p.more_nodes,
                p._shared,
            ]
            found.append(p.interval_ends)
    return found


def split():
    """What is solved of a plan: courses and nodes of any order of outputs, shared or not, for both ways to keep them."""
    week, found = R.every(4.5, 24, 2, cmt="A", at=3), []
    for variables in (
        {"C": "C", "endorphin": "endorphin"},
        {"endorphin": "endorphin"},
        {"A": "A", "C": "C", "endorphin": "endorphin"},
        {"shown": "C", "A": "A"},
    ):
        for traces in (("endorphin", "A"), ("A",), ("C", "endorphin"), ("endorphin",), ("A", "C")):
            for table in (PEOPLE, PEOPLE[:1]):
                who, how = (
                    request.Subjects(table, [toy()]),
                    plan.Options("rodas5p", 1e-9, None, None, "float64"),
                )
                times = np.array([0.0, 3.0, 5.5, 48.0])
                p = plan.Plan(toy(), [week, None], who, variables, times, [51.0, 51.0], traces, how)
                whole = pieces.Piece(slice(0, 2), slice(0, len(table)))
                part = p.run(whole)
                into = np.zeros((2, len(table), len(variables), 4))
                again = p.run(whole, into)
                found += [
                    part.values,
                    part.nodes[..., ::9],
                    part.nodes.shape,
                    part.node_times[..., ::9],
                    into,
                    again.nodes[..., ::9],
                    part.method,
                ]
    decided = plan.decide(toy(), [week, None], PEOPLE, 48.0, "auto", 1e-6)
    return [*found, decided.method.name, decided.inputs, decided.takeover, decided.atol]


def timelines():
    """Boluses, infusions, resets and changes in one line of time, cancelled, laid out and stacked."""
    found = []
    for n in (1, 3):
        t, amount = Timeline(n), np.linspace(1, 2, n)
        t.bolus(np.full(n, 2.0), 0, amount)
        t.infusion(np.full((n, 2), [1.0, 4.0]), np.full((n, 2), [3.0, 4.0]), 1, amount)
        t.bolus(np.linspace(5, 6, n), 1, amount)
        t.cancel(2.5)
        t.reset(2.5)
        t.put(2.5, np.arange(2.0 * n).reshape(n, 2))
        t.change(7.0, np.arange(3.0 * n).reshape(n, 3))
        t.increase(8.0, np.array([[0.0, 1.0]] * n))
        found.append(t.events(4))
    return [*found, stacked(found), stacked(found[:1]), Timeline(2).events(2)]
