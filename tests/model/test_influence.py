"""What outputs depend on, and the equations of it alone."""

import ldnsim as ldn
from ldnsim.model.influence import influences, reduced

CHAIN = """model chain
  G' = -ka*G; A' = ka*G - k*A; B' = s*C - k2*B; M' = k*A - km*M; T' = 1
  G = 0; A = a0; B = 0; M = 0; T = 0; ka = 1; k = 0.5; k2 = 0.1; km = 0.2; a0 = 2; s = 3; V = 10
  C := A/V; Cm := M/V
  at (T > 5): A = A/2, B = 0
end"""


def structure(text=CHAIN):
    return ldn.Model.from_antimony(text).structure


def test_only_what_is_asked_for_stays_with_all_that_it_depends_on():
    whole = structure()
    found = reduced(whole, ["C"])
    assert found.states == ("G", "A", "T")  # T tells when the event halves A
    assert found.parameters == whole.parameters
    assert [name for name, _ in found.outputs] == ["C"]
    assert [name for event in found.events for name, _ in event.assignments] == ["A"]
    assert influences(found, ["C"]) == influences(whole, ["C"])


def test_dosed_states_stay_with_what_they_depend_on():
    assert reduced(structure(), ["C"], ["M"]).states == ("G", "A", "M", "T")


def test_an_event_of_nothing_wanted_goes():
    found = reduced(structure(CHAIN.replace("A = A/2, B = 0", "B = 0")), ["C"])
    assert found.states == ("G", "A")
    assert not found.events


def test_a_model_all_of_which_is_needed_is_itself():
    whole = structure()
    assert reduced(whole, ["B", "Cm"]) is whole


def test_events_between_which_chance_decides_keep_the_model_whole():
    text = CHAIN.replace("at (T > 5):", "at (T > 5), priority=1:").replace(
        "end", "  at (T > 6), priority=1: B = 1\nend"
    )
    whole = structure(text)
    assert whole.draws_lots
    assert reduced(whole, ["C"]) is whole
