"""Times of day, with and without a date."""

import pytest

import ldnsim as ldn

NIGHT = [("22:00", 300, None), ("23:00", None, 6.5), ("01:00", None, 7.5)]


def rows(times, **more):
    return [{"ID": 1, "TIME": t, "AMT": a, "DV": v, **more} for t, a, v in times]


@pytest.mark.kind("clock-over-midnight")
def test_a_night_without_dates_is_refused():
    with pytest.raises(ldn.InputError, match=r"time='01:00': is earlier in the day .* '23:00'; write the date"):
        ldn.read_data(rows(NIGHT))


@pytest.mark.kind("clock-over-midnight", sibling="with dates, or where another subject begins")
def test_a_night_with_dates_is_read():
    days = ["2024-03-01", "2024-03-01", "2024-03-02"]
    dated = [(f"{d} {t}", a, v) for d, (t, a, v) in zip(days, NIGHT, strict=True)]
    assert ldn.read_data(rows(dated)).table.TIME.tolist() == [22.0, 23.0, 25.0]
    two = rows(NIGHT[:2]) + [{**r, "ID": 2} for r in rows(NIGHT[:2])]
    assert ldn.read_data(two).table.TIME.tolist() == [22.0, 23.0, 22.0, 23.0]
