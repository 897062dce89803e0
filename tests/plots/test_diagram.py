"""model_diagram: boxes and arrows say what the equations say, in places that do not cover one another."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ldnsim as ldn
from ldnsim import plots
from ldnsim.plots.graph import boxes_and_arrows
from ldnsim.plots.layers import placed
from ldnsim.plots.packing import apart


def read(text, group=False, **more):
    """Boxes as tuples of members, and arrows as (from, to) -> flow, of a model in Antimony."""
    boxes, arrows = boxes_and_arrows(ldn.Model.from_antimony(text), group, **more)
    return boxes, {(boxes[a.tail].members, boxes[a.head].members): a.flow for a in arrows}


def test_what_one_loses_and_the_other_gains_moves_and_the_rest_acts():
    _, arrows = read("""
        A' = -k*A; B' = f*k*A - (m + n)*B; C' = kin*(1 - B/(B + ic50)) - kout*C
        A = 1; B = 0; C = 1; k = 1; f = 0.5; m = 1; n = 1; kin = 1; kout = 1; ic50 = 1
    """)
    assert arrows == {(("A",), ("B",)): True, (("B",), ("C",)): False}


def test_reactions_move_their_species_and_modifiers_act():
    _, arrows = read("J: S -> P; k*S*E; E' = -d*E; S = 1; P = 0; E = 1; k = 1; d = 1")
    assert arrows == {(("S",), ("P",)): True, (("E",), ("S",)): False, (("E",), ("P",)): False}


def test_hidden_assignments_are_seen_through_and_outputs_stand_in_their_box():
    boxes, arrows = read("A' = -k*A; h := A^2; B' = h - B; level := 10*A; A = 1; B = 0; k = 1")
    assert arrows[("A",), ("B",)] is False
    by = {b.members: b.reads for b in boxes}
    assert "level" in by["A",]


def test_groups_hold_circles_and_chains():
    text = """
        G' = -k*G; A' = k*G - a*A + b*T; T' = a*A - b*T; X1' = A - X1; X2' = X1 - X2; X3' = X2 - X3
        G = 1; A = 0; T = 0; X1 = 0; X2 = 0; X3 = 0; k = 1; a = 1; b = 1
    """
    boxes, arrows = read(text, group=True)
    loops = {b.members: b.loop for b in boxes}
    assert [m for m in loops if loops[m]] == [m for m in loops if {"A", "T"} <= set(m)]
    assert {frozenset(m) for m in loops} in (
        {frozenset("GATX") | {"X1", "X2", "X3"} - {"X"}},
        {frozenset({"G", "A", "T", "X1", "X2", "X3"})},
    )
    assert not arrows


def test_an_arrow_that_others_make_up_for_is_left_out_unless_asked_for():
    text = """
        A' = -A; P' = A - P; Q' = A - Q; B' = P + Q + A - B; E' = P - E
        A = 1; P = 0; Q = 0; B = 0; E = 0
    """
    (few, all_) = (read(text, group=True, every=every)[1] for every in (False, True))
    assert (("A",), ("B",)) not in few
    assert (("A",), ("B",)) in all_
    assert set(few) < set(all_)


@pytest.mark.kind("mechanism")
def test_naltrexone_acts_on_tlr4_and_what_is_off_has_no_arrow():
    model = ldn.load_model("ldn")

    def acting(model):
        boxes, arrows = boxes_and_arrows(model, True)
        home = {name: k for k, b in enumerate(boxes) for name in (*b.members, *b.reads)}
        return {(a.tail, a.head) for a in arrows}, home

    arrows, home = acting(model)
    assert (home["A_ntx_central"], home["tlr4_activity"]) in arrows
    assert (home["ogf_signal"], home["tlr4_activity"]) not in arrows
    assert (home["mu_occupancy_peripheral"], home["tlr4_activity"]) not in arrows
    arrows, home = acting(model.with_scenario("ogf"))
    assert (home["A_ntx_central"], home["tlr4_activity"]) not in arrows
    assert (home["ogf_signal"], home["tlr4_activity"]) in arrows


@pytest.mark.kind("mechanism", sibling="a way of arrows that is off makes up for none that is on")
def test_a_way_that_is_off_makes_up_for_no_arrow():
    text = """
        A' = -A; P' = A - P; Q' = A - Q; B' = w*P + w*Q + A - B; E' = P - E
        A = 1; P = 0; Q = 0; B = 0; E = 0; w = {}
    """
    on, off = (read(text.format(w), group=True)[1] for w in (1, 0))
    assert (("A",), ("B",)) not in on
    assert (("A",), ("B",)) in off
    assert [pair for pair in on if "P" in pair[0] and "B" in pair[1]]
    assert not [pair for pair in off if "P" in pair[0] and "B" in pair[1]]


def test_the_ldn_model_is_a_chain_from_gut_to_cytokine():
    boxes, arrows = boxes_and_arrows(ldn.load_model("ldn"), True)
    home = {name: k for k, b in enumerate(boxes) for name in (*b.members, *b.reads)}
    after = {}
    for a in arrows:
        after.setdefault(a.tail, set()).add(a.head)
    reached, left = set(), [home["A_gut"]]
    while left:
        k = left.pop()
        if k not in reached:
            reached.add(k)
            left += after.get(k, ())
    assert {home[n] for n in ("plasma_naltrexone", "opioid_tone", "il6", "il1b", "pain")} <= reached
    assert boxes[home["opioid_tone"]].loop
    assert home["opioid_tone"] == home["endorphin"]
    flows = {(a.tail, a.head) for a in arrows if a.flow}
    assert (home["A_gut"], home["A_ntx_central"]) in flows
    assert (home["A_ntx_central"], home["A_ntxol_central"]) in flows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 20)), min_size=1, max_size=8), st.floats(0, 3))
def test_packed_things_keep_their_order_their_gap_and_the_line(things, gap):
    at, widths = (np.array(v) for v in zip(*things, strict=True))
    found = apart(at, widths, (0.0, 200.0), gap)
    assert (np.diff(found) >= (widths[1:] + widths[:-1]) / 2 + gap - 1e-9).all()
    assert found[0] >= widths[0] / 2 - 1e-9
    assert found[-1] <= 200 - widths[-1] / 2 + 1e-9
    if len(at) == 1 or (np.diff(at) >= (widths[1:] + widths[:-1]) / 2 + gap).all():
        inside = np.clip(at, widths / 2, 200 - widths / 2)
        assert np.allclose(found, inside) or (at != inside).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.sets(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=30))
def test_boxes_of_any_graph_do_not_cover_one_another(n, pairs):
    edges = sorted((a, b) for a, b in pairs if a != b and a < n and b < n)
    sizes = [(10.0 + 3 * (k % 4), 4.0 + k % 3) for k in range(n)]
    places = placed(sizes, edges, 83.0, 6.0)
    for a, b in itertools.combinations(range(n), 2):
        across = abs(places.x[a] - places.x[b]) - (sizes[a][0] + sizes[b][0]) / 2
        up = abs(places.y[a] - places.y[b]) - (sizes[a][1] + sizes[b][1]) / 2
        assert max(across, up) >= -1e-6
    for edge in edges:
        assert (places.ways[edge][0], places.ways[edge][-1]) == edge
        levels = [places.y[node] for node in places.ways[edge]]
        assert len(set(levels)) == len(levels)


def test_words_stay_within_their_box():
    fig, axis = plots.model_diagram(ldn.load_model("ldn"))
    fig.canvas.draw()
    boxes = [p.get_window_extent() for p in axis.patches if p.get_gid() == "box"]
    for text in axis.texts:
        own = text.get_window_extent()
        assert any(
            b.x0 <= own.x0 and own.x1 <= b.x1 and b.y0 - 1 <= own.y0 and own.y1 <= b.y1 + 1 for b in boxes
        )


def test_it_can_be_drawn_into_axes_of_ones_own_and_refuses_what_is_no_model():
    import matplotlib.pyplot as plt

    fig, mine = plt.subplots()
    assert plots.model_diagram(ldn.load_model("naltrexone_pk"), ax=mine) == (fig, mine)
    with pytest.raises(ValueError, match="model='str': must be a Model"):
        plots.model_diagram("ldn")
    with pytest.raises(ValueError, match="has no states"):
        plots.model_diagram(ldn.Model.from_antimony("a = 1; b := 2*a"))
