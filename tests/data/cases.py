"""Measured tables for the ledger: times and dates, values below limits, profiles of every route, drawn from a seed."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.data import trapezoids
from ldnsim.data.profile_units import CONCENTRATIONS, in_units
from ldnsim.data.terminal_line import terminal

from ..ledger import constants_of, defaults_of, rows_of, told

CLOCKS = (0, 1.5, "2", "08:30", "8:5", "08:30:15", "25:00", "23:60", "0130:00", "2024-01-31 08:30",
    "2024-01-31T09:00:30", dt.datetime(2024, 2, 1, 7, 15), dt.time(6, 45), dt.timedelta(hours=3.25), "x", None,
    -1, "2024-01-31 24:00", pd.Timestamp("2024-01-31 10:00"), pd.Timedelta("90min"), "2024-02-30 08:00")  # fmt: skip
DATES = ("2024-01-31", "31/01/2024", "01-31-2024", "02/03/2024", "13.2.2024", "3/13/2024", 45000, 1, "24-01-31", None,
         dt.date(2024, 2, 1), dt.datetime(2024, 2, 1, 5), 1.5, "2024/2/1", "1/2/2024", "12/12/2024")  # fmt: skip
CELLS = {
    "DV": (8.1, "3.2", 0, None, ".", "BLQ", "<0.5", "< 2", "<x", "lloq", "high", "inf", 0.4, 0.5, -1, "1e3"),
    "CENS": (None, None, 0, 1, 2),
    "LLOQ": (None, 0.5, 0.5, 0, -1, 10),
    "MDV": (None, None, 0, 1),
    "EVID": (None, None, 0, 1, 2, 3, 4),
    "AMT": (None, None, None, 0, 50.0),
    "DVID": (None, 1, 2, "1", "cp"),
    "OCC": (None, 1, 2, "a"),
    "CMT": (None, 0, 1, "gut"),
    "WT": (70, 70.0, None, "x"),
}
GIVEN = {
    "II": 12.0,
    "ADDL": 2,
    "SS": 1,
    "RATE": 5.0,
    "DRUG": "tramadol",
    "CMT": "gut",
    "DUR": 2.0,
    "CMT ": 0,
    "F": 0.5,
}


def outcome(rows):
    """All that a table says of itself once it is read."""
    data = ldn.read_data(rows)
    who = data.subjects[0]
    return [data.table, data.subjects, data.regimens, data.observations, data.covariates, data.labels, repr(data),
            data.observed_rows(who), data.dosed_into("gut").regimens, data._repr_html_()]  # fmt: skip


def measured(n=240):
    """Rows of one measurement beside cells of other columns."""
    rng, found = random.Random(21), []
    for _ in range(n):
        names = ["DV", *rng.sample(sorted(set(CELLS) - {"DV"}), rng.randint(1, 4))]
        given = {name.strip(): GIVEN[name] for name in rng.sample(sorted(GIVEN), rng.choice((0, 1, 2)))}
        rows = [{"TIME": 0.0, "AMT": 100.0, "DV": rng.choice((None, None, 0, 3)), **given}]
        for k in range(rng.randint(1, 3)):
            rows.append({"TIME": 1.0 + k, **{name: rng.choice(CELLS[name]) for name in names}})
        found.append([{"ID": 1 + (k > 2), **row} for k, row in enumerate(rows)])
    return found


def written(hours, rng):
    """A time of the day in one of its forms."""
    h, m = divmod(round(hours * 60), 60)
    day = [hours, f"{hours}", f"{h}:{m:02d}", f"{h:02d}:{m:02d}:00", dt.timedelta(hours=h, minutes=m)]
    return rng.choice(day + ([dt.time(h, m)] if h < 24 else []))


def timed(n=200):
    """Times and dates in any form, of one subject and of two, most of them in order."""
    rng, found = random.Random(22), []
    forms = ("%Y-%m-%d", "%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y/%d/%m")
    for k in range(n):
        head, form = rng.choice(("", "", "DATE", "DAT1", "DAT2", "DAT3")), rng.choice(forms)
        day, hours, rows = (
            dt.date(2024, rng.choice((1, 2, 12)), rng.choice((3, 28))),
            rng.choice((0.0, 7.0, 23.5)),
            [],
        )
        iso, two = rng.random() < 0.4, rng.random() < 0.3
        for i in range(4):
            row = {
                "ID": 1 + (two and i > 1),
                "DV": 1.0 + i,
                "AMT": 5.0 if i == 0 else 0,
                "EVID": rng.choice((None, None, 3)) if i else None,
            }
            time = written(hours, rng)
            if head:
                row[head] = rng.choice(
                    (day.strftime(form), day, day.toordinal(), dt.datetime.combine(day, dt.time(5)))
                )
                row[head] = day.strftime(form) if k % 2 else row[head]
            elif iso:
                moment = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hours)
                time = rng.choice((moment, moment.isoformat(sep=rng.choice("T ")), pd.Timestamp(moment)))
            if rng.random() < 0.05:
                time, row[head or "WT"] = rng.choice(CLOCKS), rng.choice(DATES) if head else 70
            rows.append({**row, "TIME": time})
            hours += rng.choice((0.0, 0.25, 1.0, 12.5))
            if head or iso:
                days, hours = divmod(hours, 24)
                day += dt.timedelta(days=days)
        found.append([{name: v for name, v in row.items() if name != "EVID" or v} for row in rows])
    return found


def profiles(n=160):
    """Doses of every route with samples of exact courses, thinned, cut off and doubled."""
    rng, found = random.Random(23), []
    for k in range(n):
        ka, ke, amount = rng.uniform(0.5, 3), rng.uniform(0.05, 0.4), rng.choice((50.0, 100.0))
        every, doses = rng.choice((8.0, 12.0, 24.0)), rng.choice((1, 1, 2, 3))
        more = rng.choice(({}, {}, {"DUR": 2.0}, {"RATE": 50.0}, {"SS": 1, "II": every}, {"FORMULATION": "iv"},
            {"F": 0.5}, {"II": every, "ADDL": 2}, {"CMT": "gut"}, {"EVID": 4}))  # fmt: skip
        rows = []
        for d in range(doses):
            start = d * every
            dose = {"ID": 1, "TIME": start, "AMT": amount, **more}
            times = sorted(
                rng.sample([0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 7.5, every], rng.randint(2, 9))
            )
            samples = []
            for t in times:
                value = amount / 20 * (np.exp(-ke * t) - (0 if k % 3 == 0 else np.exp(-ka * t))) + d
                below = value < 0.6 and rng.random() < 0.7
                samples.append(
                    {"ID": 1, "TIME": start + t, "DV": rng.choice(("BLQ", "<0.6", 0)) if below else value}
                )
            rows += (
                [*samples[:1], dose, *samples[1:]]
                if rng.random() < 0.2 and times[0] == 0
                else [dose, *samples]
            )
        how = {"route": rng.choice((None, None, None, "bolus", "infusion", "extravascular")), "tau": rng.choice(
            (None, None, every, 6.0)), "steady_state": rng.choice((None, None, True, False)), "partial": rng.choice(
            ([], [(0, 4)], [(1, 2.5), (0.5, 30)])), "least": rng.choice((3, 3, 2, 4)), "blq": rng.choice((None,
            None, {"first": "drop"}, {"middle": "zero"}, {"last": "half"}, {"first": 0.3}))}  # fmt: skip
        if rng.random() < 0.15:
            rows = [{**row, "DVID": 1 + i % 2} for i, row in enumerate(rows)]
        if rng.random() < 0.15:
            rows = [{"LLOQ": 0.6, **row} for row in rows]
        found.append((sorted(rows, key=lambda r: r["TIME"]), how))
    return found


def heads():
    """Tables whose columns have other names than they should."""
    good = {"ID": [1, 1], "TIME": [0, 1], "AMT": [5, 0], "DV": [None, 2.0]}
    found = [
        good,
        {**good, "time": [0, 1]},
        {},
        {"TIME": [], "DV": []},
        {k: v for k, v in good.items() if k != "AMT"},
    ]
    for was, name in (("DV", "conc"), ("DV", "value"), ("DV", "z"), ("ID", "subject"), ("AMT", "dose"), ("TIME", "t"),
                      ("AMT", "mg"), ("AMT", "z"), ("ID", "z"), ("DV", "Y")):  # fmt: skip
        found.append({name if k == was else k: v for k, v in good.items()})
        if was == "ID":
            found.append({name: [1, 2]} | {k: v for k, v in good.items() if k != was})
    for name, cells in (("BLQ", [0, 1]), ("loq", [1, 1]), ("C", ["C", "."]), ("C", [".", "."]), ("sex", ["f",
        "m"]), ("units", ["mg", "ng"]), ("time_unit", ["h", "h"]), ("time_unit", ["min", "h"]), ("WT", [None,
        None]), ("date", [1, 2]), ("DAT1", [1, 2]), ("occ", [1, "x"]), ("unit", ["g", ""])):  # fmt: skip
        found.append({**good, name: cells})
    return [*found, {**good, "DATE": [1, 2], "DAT1": [1, 2]}, {**good, "WT": [70, None], "sex": ["a", None]}]


def curves():
    """Areas, moments and values of curves up to times on, between and beyond their points."""
    t, found = np.array([0.0, 0.5, 1.0, 2.0, 4.0, 7.0]), []
    for c in ([0, 4, 9, 6, 6, 1.0], [5, 5.001, 5, 0, 0, 3.0], [8, 4, 2, 1, 0.5, 0.4]):
        for rate in (0.3, float("nan")):
            curve = trapezoids.Curve(t, np.array(c, float), rate)
            ends = (0.0, 0.25, 0.5, 3.0, 7.0, 9.0, np.inf)
            found.append(
                [(curve.area(e), curve.moment(e)) for e in ends] + [curve.value(x) for x in (0, 0.4, 1, 3.9)]
            )
    pieces = [(1.0, 2.0, 4.0, 4.0 * (1 - x)) for x in (1e-9, 9e-4, 1.1e-3, 0.5, 1.0, -0.5)]
    return found + [(trapezoids.piece_area(*p[1:]), trapezoids.piece_moment(*p)) for p in pieces]


def lines():
    """Terminal lines of runs of points that bend, rise and scatter."""
    rng, found = np.random.default_rng(24), []
    for n in (1, 2, 3, 4, 6, 9):
        for noise in (0.0, 1e-3, 0.03, 0.3):
            t = np.cumsum(rng.uniform(0.3, 2, n))
            c = np.exp(-0.3 * t + noise * rng.normal(size=n)) + 0.4 * np.exp(-2 * t)
            found += [terminal(t, c, least) for least in (2, 3)] + [terminal(t, c[::-1])]
    return found


def units():
    """Numbers of one profile in all units there are."""
    row = [{"ID": 1, "TIME": 0, "AMT": 10}] + [{"ID": 1, "TIME": t, "DV": 8 * 0.6**t} for t in range(1, 6)]
    table = ldn.nca(row, route="bolus", unit=None, partial=[(0, 2)])
    some = [told(in_units, table, c, d) for c in CONCENTRATIONS for d in ("mg", "ug", "ng", "g")]
    return [*some, told(in_units, table, "mg", "mg"), told(in_units, table, "mg/L", "kg")]


CASES = {
    "defaults": lambda: defaults_of("data"),
    "constants": lambda: constants_of("data"),
    **rows_of("measured", measured(), lambda rows: told(outcome, rows)),
    **rows_of("timed", timed(), lambda rows: told(outcome, rows)),
    **rows_of("heads", heads(), lambda table: told(outcome, table), 10),
    **rows_of("profiles", profiles(), lambda x: told(ldn.nca, x[0], unit=None, **x[1]), 8),
    "clocks": lambda: [told(ldn.read_data, {"TIME": [x], "DV": [1.0], "AMT": [0]}) for x in CLOCKS],
    "dates": lambda: [
        told(outcome, {"TIME": [1, 2], "DV": [1.0, 2], head: [x, y]})
        for head in ("DATE", "dat1", "DAT2", "dat3")
        for x in DATES
        for y in (x, "2024-03-01")
    ],
    "curves": curves,
    "lines": lines,
    "units": units,
}
