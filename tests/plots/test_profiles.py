"""Measurements are drawn as they came: a line a person, a panel a variable, limits as open marks."""

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest

import ldnsim as ldn


def rows(person, dvid=None):
    more = {} if dvid is None else {"DVID": dvid}
    found = [{"ID": person, "TIME": 0, "AMT": 50, **more}]
    found += [{"ID": person, "TIME": t, "DV": 10.0 / t, **more} for t in (1, 2, 4)]
    return found


def test_each_person_is_a_line_of_the_points_that_were_measured():
    _, axes = ldn.plots.profiles(ldn.read_data(rows(1) + rows(2)))
    first = next(c for c in axes[0].get_lines() if c.get_label() == "ID 1")
    np.testing.assert_allclose(first.get_xdata(), [1, 2, 4])
    np.testing.assert_allclose(first.get_ydata(), [10, 5, 2.5])
    assert axes[0].get_yscale() == "log"


def test_what_was_measured_apart_has_a_panel_of_its_own():
    _, axes = ldn.plots.profiles(ldn.read_data(rows(1, dvid=1) + rows(2, dvid=2)))
    assert [a.get_ylabel() for a in axes] == ["DVID 1 (as in the data)", "DVID 2 (as in the data)"]


def test_many_people_are_counted_not_named():
    _, axes = ldn.plots.profiles(ldn.read_data([row for k in range(9) for row in rows(k)]))
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == ["9 people"]


@pytest.mark.parametrize(("data", "words"), [([1], "read_data"), (3, "read_data")])
def test_what_is_no_study_is_refused(data, words):
    with pytest.raises(ldn.InputError, match=words):
        ldn.plots.profiles(data)
