"""Times of day, with and without a date."""

import pandas as pd
import pytest

import ldnsim as ldn

NIGHT = [("22:00", 300, None), ("23:00", None, 6.5), ("01:00", None, 7.5)]


def rows(times, **more):
    return [{"ID": 1, "TIME": t, "AMT": a, "DV": v, **more} for t, a, v in times]


@pytest.mark.kind("clock-over-midnight")
def test_a_night_without_dates_is_refused():
    with pytest.raises(
        ldn.InputError, match=r"time='01:00': is earlier in the day .* '23:00'; write the date"
    ):
        ldn.read_data(rows(NIGHT))


@pytest.mark.kind("clock-over-midnight", sibling="with dates, or where another subject begins")
def test_a_night_with_dates_is_read():
    days = ["2024-03-01", "2024-03-01", "2024-03-02"]
    dated = [(f"{d} {t}", a, v) for d, (t, a, v) in zip(days, NIGHT, strict=True)]
    assert ldn.read_data(rows(dated)).table.TIME.tolist() == [22.0, 23.0, 25.0]
    two = rows(NIGHT[:2]) + [{**r, "ID": 2} for r in rows(NIGHT[:2])]
    assert ldn.read_data(two).table.TIME.tolist() == [22.0, 23.0, 22.0, 23.0]


@pytest.mark.kind("numbers-beside-clock-times")
def test_numbers_beside_clock_times_are_refused():
    rows = [{"ID": 1, "TIME": t, "AMT": a, "DV": v} for t, a, v in (("08:00", 100, None), (4, 0, 5.0))]
    with pytest.raises(ldn.InputError, match=r"time=4.* beside clock times such as '08:00'.*in one way"):
        ldn.read_data(rows)


@pytest.mark.kind(
    "numbers-beside-clock-times", sibling="a column of text, as a file has; all of one kind are read"
)
def test_numbers_in_text_beside_clock_times_are_refused():
    table = {"ID": 1, "TIME": ["0", "08:00", "12"], "AMT": [100, 0, 0], "DV": [None, 5.0, 3.0]}
    with pytest.raises(ldn.InputError, match=r"time='0'.*in one way"):
        ldn.read_data(pd.DataFrame(table))
    for times in (["00:00", "08:00", "12:00"], ["0", "8", "12"]):
        assert ldn.read_data(pd.DataFrame(table | {"TIME": times})).table["TIME"].tolist() == [0, 8, 12]
