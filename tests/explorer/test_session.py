"""The state of one user."""

import pytest

import ldnsim as ldn
from ldnsim.explorer import table
from ldnsim.explorer.compute import Bench
from ldnsim.explorer.session import Session
from ldnsim.webpage.form import Form

FORM = Form.of(ldn.load_model("ldn"))
BENCH = Bench()


@pytest.fixture
def session():
    made = Session(FORM, FORM.start(draws=20, days=2), BENCH)
    made.draw()
    return made


def peak(session, side="B"):
    return next(r.middle for r in session.shown[side].metrics if r.name == "cmax naltrexone")


def test_a_choice_draws_anew_and_tells(session):
    heard = []
    session.on_change(lambda: heard.append(session.count))
    before = peak(session)
    session.choose(dose=9.0)
    assert peak(session) == pytest.approx(2 * before, rel=1e-3)  # linear kinetics
    assert heard == [2]
    session.choose(dose=9.0)
    assert heard == [2]  # nothing new, nothing done


def test_two_users_do_not_disturb_each_other(session):
    other = Session(FORM, FORM.start(draws=20, days=2), BENCH)
    other.draw()
    before = peak(other)
    session.choose(dose=50.0)
    session.pin()
    assert peak(other) == before
    assert list(other.shown) == ["B"]
    assert other.choices["dose"] == 4.5


def test_pinned_stays_while_the_other_moves(session):
    session.pin()
    before = peak(session, "A")
    session.choose(dose=45.0)
    assert peak(session, "A") == before
    assert peak(session) == pytest.approx(10 * before, rel=1e-3)
    assert list(session.shown) == ["A", "B"]
    html = table.table(session.shown)
    assert "A, pinned" in html
    assert "B, now" in html
    session.unpin()
    assert list(session.shown) == ["B"]


def test_what_the_library_refuses_leaves_the_last_picture(session):
    before = session.shown["B"]
    session.choose(formulation="no such thing")
    assert "no such thing" in session.trouble
    assert session.shown["B"] is before
    assert "The last picture stays" in table.told(session.shown, session.trouble)
    session.choose(formulation="solution")
    assert session.trouble == ""
    assert session.shown["B"] is not before


def test_a_page_that_could_not_be_drawn_has_nothing_to_pin():
    bare = Session(FORM, FORM.start(draws=20, days=2) | {"formulation": "no such thing"}, BENCH)
    bare.draw()
    assert "no such thing" in bare.trouble
    assert "picture" not in bare.trouble
    bare.pin()
    assert bare.shown == {}


def test_several_choices_are_drawn_once(session):
    with session.held():
        session.choose(dose=1.0)
        session.choose(at="08:00")
    assert session.count == 1
    session.draw()
    assert session.shown["B"].request.label.startswith("1 mg at 08:00")


def test_the_table_has_units_and_intervals(session):
    html = table.table(session.shown)
    row = next(x for x in html.split("<tr>") if "Peak plasma concentration (naltrexone)" in x)
    assert "ng/mL" in row
    assert " to " in row
    assert "<script>" not in table.told(session.shown, "<script>")
    assert "h/day" in table.keys(session.shown)
