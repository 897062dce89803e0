"""Regimens of many kinds for the ledger: words, tables, constructors and sums, drawn from a fixed seed."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import ldnsim as ldn
from ldnsim.regimen import algebra, cells, columns, language, names, record, schedule, show
from ldnsim.regimen.asked import days_of, once_or_repeated, regimen_of
from ldnsim.regimen.kept import as_text, from_text
from ldnsim.regimen.window import cycle_of, interval_ends, window_of

from ..ledger import constants_of, defaults_of, rows_of, told

R = ldn.Regimen
WORDS = (
    ("naltrexone", "tramadol", "oxycodone", "lps", "buprenorphine", "naloxone"),
    ("4.5 mg", "0.5mg", "4500 ug", "0.05 g", "2 ng/kg", "0 mg", "16 mg", "30 mcg", "1e-3 kg", "8 IU"),
    ("capsule", "solution", "slow release", "sublingual", "cream", "iv", "po", "oral", "oral solution", "orally"),
    ("daily", "nightly", "every other night", "every 6 h", "twice a day", "qod", "q3d", "once", "every 36 h", "weekly",
     "every morning", "every other evening at 21:00", "tid", "every 0.5 d", "alternate days", "once every 2 weeks"),
    ("at 22:00", "at bedtime", "at 8", "from 08:30", "in the morning", "noon", "hs", "at 30", "at 24:00", "at 3650"),
    ("for 14 days", "for 1 week", "for 48 h", "for 1.5 days", "for 36 h", "for 3650 days", "for 0 days"),
    ("from day 3", "from day 1", "from day 0", "from day 3650"),
)  # fmt: skip
VALUES = {
    "time": (0, 0.5, 22, 24, 24.000000001, 48, 100, "1e2", -1, None, "22:00", 1e-9),
    "amt": (4.5, 0, 1e12, 1.1e12, 3, "2.5", None, ".", -1, "x"),
    "cmt": (None, None, "gut", 1, 2.0, "0", 1.5, -1, "A "),
    "evid": (None, None, 0, 1, 1, 2, 3, 4, 5),
    "ii": (None, 24, 12, 0, 48, -24, 0.5),
    "addl": (None, 0, 3, 1, 7, -1, 1.5),
    "rate": (None, 0, None, 2.0, -1, -2, -3),
    "ss": (None, None, 0, 1, 2, 3),
    "lag": (None, 0, 0.5, 25, -1),
    "F": (None, 1, 0.5, 0, -1),
    "drug": (None, None, "naltrexone", "tramadol", "other"),
    "formulation": (None, None, "capsule", "solution", "odd"),
    "dur": (None, None, 2.0, 0, -1),
    "rat": (None, None, 3.0, 0),
    "duration": (None, None, 1.5, 0, -2),
    "mdv": (None, 0, 1, 2),
    "WT": (70, 70.0, 80, None, "heavy"),
}
HOW = {
    "at": ("22:00", 8, 30, "bedtime", 0.0, "24:00", -1),
    "formulation": ("solution", "capsule", "none of these"),
    "drug": ("tramadol", "naltrexone", "lps"),
    "cmt": ("gut", 1, 0, ""),
    "rate": (2.0, 0.1, 0, -1),
    "duration": (1.5, 0.01, 0, -1),
    "lag": (0.5, 25, 0, -0.5),
    "F": (0.5, 2, 0, -1),
}
USUAL = ("time", "amt")


def sentences():
    """Words put together in any order, most of them as people write."""
    rng = random.Random(11)
    texts = []
    for _ in range(220):
        parts = []
        for _ in range(rng.choice((1, 1, 1, 2))):
            some = [rng.choice(kind) for kind in WORDS if kind is WORDS[1] or rng.random() < 0.45]
            rng.shuffle(some)
            parts.append(" ".join(some))
        texts.append(" + ".join(parts))
    return [(text, rng.choice((28, 28, 1, None))) for text in texts]


def tables(n=240):
    """Tables of up to five rows with some of the columns, and cells of every kind."""
    rng = random.Random(12)
    found = []
    for _ in range(n):
        names = [*USUAL, *rng.sample(sorted(set(VALUES) - set(USUAL)), rng.randint(1, 6))]
        good = rng.random() < 0.6
        rows, time = [], 0.0
        for _ in range(rng.randint(1, 5)):
            time += rng.choice((0, 0, 1e-12, 8, 24, 12.5))
            row = {name: rng.choice(VALUES[name][:6] if good else VALUES[name]) for name in names}
            row["time"] = time if good or rng.random() < 0.5 else row["time"]
            if good and row.get("evid") in (0, 2, 3):
                row |= {"amt": None, "rate": None, "ss": None, "addl": None}
            rows.append(row)
        if rng.random() < 0.2:
            rows = [{"ID": k // 2, **row} for k, row in enumerate(rows)]
        found.append(rows)
    return found


def made():
    """Regimens by constructors with one, two or three further arguments."""
    rng = random.Random(13)
    found = []
    for _ in range(160):
        how = {name: rng.choice(HOW[name][:2] if rng.random() < 0.7 else HOW[name])
               for name in rng.sample(sorted(HOW), rng.randint(0, 3))}  # fmt: skip
        dose = rng.choice((4.5, 3, 0, 50, 1e12, -1))
        ss = {"ss": True} if rng.random() < 0.25 else {}
        ii, n = rng.choice((24, 12, 48, 36, 8, 0.5, 0)), rng.choice((1, 2, 7, 14, 0, 1_000_001))
        steps = rng.choice(([(1.5, 2), (3, 3)], [(0, 1), (4.5, 2)], [(1, 1)], [(1, 0)], []))
        found.append(rng.choice((
            (R.single, (dose,), how), (R.every, (dose, ii, n), how | ss), (R.daily, (dose, n), how | ss),
            (R.titration, (steps,), how),
        )))  # fmt: skip
    return found


def regimens():
    """Regimens that can be taken, alone and summed, shifted and with days missed."""
    rng = random.Random(14)
    trains = [R.daily(4.5, 7, at="22:00"), R.every(2.0, 12, 9, at=8), R.every(3.0, 48, 4, at="22:00"), R.single(
        50, at=30), R.every(1.0, 36, 5), R.daily(0, 5), R.every(20, 6, 12, drug="oxycodone", at=8), R.titration(
        [(1, 2), (2, 3)], at=9), R.daily(3, 4, ss=True, at=8), R.every(5, 24, 3, cmt="gut", duration=2.0), R.every(
        2.5, 8, 21, lag=0.5, F=0.5), R.from_records([{"time": 0, "amt": 3}, {"time": 30, "evid": 3}, {"time": 31,
        "amt": 2, "ii": 12, "addl": 3}]), R.from_records([{"time": 1, "amt": 3, "evid": 4}, {"time": 9, "evid": 0},
        {"time": 9, "amt": 1, "WT": 70}]), R.from_records([{"time": 0, "rate": 2, "amt": 0, "ss": 1}, {"time": 5,
        "amt": 4, "rate": 2}]), R.daily(2, 14).skip([6, 7, 13, 14]), R.every(2, 12, 28, at=8).skip([3]), R(),]  # fmt: skip
    found = list(trains)
    for _ in range(70):
        one, two = rng.choice(trains), rng.choice(trains)
        how = rng.randrange(5)
        try:
            if how == 0:
                found.append(one + two)
            elif how == 1:
                found.append(one + two.shift(rng.choice((0.5, 12, 24, 100, 168))))
            elif how == 2:
                found.append(one.skip(rng.sample(range(1, 9), rng.randint(1, 3))))
            elif how == 3:
                found.append((one + two.shift(rng.choice((0, 1, 12)))).skip([rng.randint(1, 5)]))
            else:
                found.append(one.shift(rng.choice((0, 0.25, 22, 500))))
        except ldn.InputError:  # an infusion without beginning cannot be moved, say
            continue
    return found


def facts(regimen):
    """All that a regimen says of itself."""
    return {
        "doses": [(d.time, d.amt, d.given, d.ii) for d in regimen.doses], "missed": [d.time for d in regimen.missed],
        "names": (regimen.drugs, regimen.is_placebo, regimen.end, regimen.observation_times, regimen.covariates),
        "cycle": (str(regimen.period), regimen.cycle), "shown": [repr(regimen), show.sentence(regimen)],
        "instants": schedule.instants(regimen.records), "html": show.html(regimen),
        "trimmed": schedule.trimmed(regimen.records), "hours": [show.of_dose(d) for d in regimen.doses[:3]],
    }  # fmt: skip


def windows(regimen):
    """Last cycle and intervals of runs that end at, just before and after what happens."""
    found = []
    for end in (
        0.0,
        1.0,
        21.999,
        22.0,
        24.0,
        48.5,
        96.0,
        regimen.end - 1,
        regimen.end,
        regimen.end + 1,
        700.0,
    ):
        found += [
            window_of(regimen, max(0.0, end)),
            interval_ends(regimen.doses, regimen.missed, max(0.0, end)),
        ]
    period = regimen.period
    return [found, cycle_of(regimen.cycle, period) if period else ""]


def again(regimen):
    """There and back as a table and as text."""
    back = R.from_records(regimen.to_records())
    return [back == regimen, from_text(as_text({"a": regimen, "b": None})), regimen.to_records()]


def answers():
    """What feedback rules say of readings."""
    found = []
    for answer in ("hold", "step back", "stop"):
        for sign in "<>":
            text = f"from 1 mg raise by 1.5 mg each 7 days to 4.5 mg unless mean x {sign} 0.2; {answer}"
            rule = ldn.Feedback.of(text, at=9)
            doses, readings = [0.0, 1, 1, 2.5, 4, 4.5, 4.5], [0.1, 0.2, 0.3, float("nan"), 0.1, 0.1, 0.3]
            found += [rule, rule.next(doses, readings), rule.regimen([1, 2.5, 0])]
    base = {"start": 1, "step": 1, "most": 4, "each": 7, "variable": "x", "limit": 0.2}
    for change in ({"most": 0.5}, {"most": 1}, {"each": 0}, {"start": 0}, {"step": -1}, {"variable": "a b"}, {
        "limit": float("inf")}, {"answer": "go"}, {"read": "sum"}, {"at": 25}, {"at": "25:00"}):  # fmt: skip
        found.append(told(ldn.Feedback, **(base | change)))
    return found


def beats():
    """Patterns of doses that are off their beat by a little less and a little more than may be."""
    found = []
    for off in (0.0, 0.4e-6, 0.9e-6, 1.1e-6, 2e-6, 1e-3):
        for doses in ([1, 1, 1, 1], [1, 2, 1, 2, 1, 2], [1, 2, 3, 1, 2, 3], [1, 1, 2, 2], [2, 1, 1, 1, 1]):
            for far in (12.0, 24.0):
                rows = [
                    {"time": far * k + off * (k % 3 == 1), "amt": d, "ii": far} for k, d in enumerate(doses)
                ]
                r = R.from_records(rows)
                found += [
                    str(r.period),
                    r.cycle,
                    r.end,
                    [window_of(r, far * k + off) for k in (1, 2, 3.5, 5, 6)],
                ]
    trains = [
        R.every(1, 24, n) + R.every(2, ii, m).shift(at)
        for n in (2, 5)
        for ii in (24, 12, 36)
        for m in (2, 4)
        for at in (0, 23.9999995, 24, 47)
    ]
    kinds = [
        {"time": 0, "amt": 1, "ii": 24, "addl": 3, "WT": 70},
        {"time": 96, "amt": 1, "ii": 24, "addl": 3, "WT": 80},
    ]
    trains += [
        R.from_records(kinds),
        R.from_records(kinds[:1]),
        R.from_records([{**k, "WT": 70} for k in kinds]),
    ]
    return [
        *found,
        *([str(r.period), r.cycle] for r in trains),
        [schedule.common_multiple(x) for x in ((24,), (36, 24), (0.1, 0.3), (8, 12, 24))],
    ]


def limits():
    """What lies on, just below and just above the ends of ranges."""
    found = [told(record.count, "n", n) for n in (0, 1, 10**6, 10**6 + 1)]
    found += [told(record.check_days, "days", d) for d in (3650, 3651)]
    found += [
        told(record.amount, "amt", a, "", c) for a in (0, 1e12, 1.01e12, 1e30, 1.1e30) for c in ("", "gut")
    ]
    found += [told(record.amount, a, x, d, c) for a in ("amt", "F") for x in (2, -1, 2e12) for d in ("", "lps", "my own")
        for c in ("", "gut")]  # fmt: skip
    found += [told(cells.labels, x) for x in ([1, 2], ["1", 2], [1.0, 2.5], ["007"], [10**15], [1e15], [10.0**16],
        [True], [2.0**53], [None], ["inf"], [" a "], [9e14], ["-3"], [float(2**53 - 1)])]  # fmt: skip
    found += [told(cells.number, n, v) for n in ("time", "amt") for v in ("1,5", "08:30", "x", "8 pm", " 3 ")]
    return found + [
        [cells.missing(v), cells.is_number(v)]
        for v in ("", " . ", "NA", None, float("nan"), 0, "0", "x", [1])
    ]


def lengths():
    """Words with and without an interval, where a length is told and where none is."""
    model, found = ldn.load_model("ldn"), []
    for words in (
        "3 mg sublingual",
        "4.5 mg nightly",
        "4.5 mg nightly for 3 days",
        "2 mg once + 3 mg once",
        "3 mg at 8",
        R.single(2),
        None,
    ):
        for days in (None, 1, 5):
            found += [
                told(once_or_repeated, "regimen", words, model, days),
                told(regimen_of, "regimen", words, model, days),
            ]
    own = ldn.Model.from_antimony("A' = -A; A = 1")
    return [*found, sorted(names.known(model)) == sorted(names.known()), names.known(own) == names.known(),
        names.known(None), [told(names.resolve, d, f) for d in (None, "tramadol", "odd") for f in (None, "iv",
        " x ")], names.unit_of("lps")]  # fmt: skip


def files():
    """Tables from files and other forms, well written and not."""
    texts = ("time,amt\n0,1\n\n5,2\n", "time;amt\n0;1\n", "time,amt\n", "\n", "time,amt\n0\n",
        "time,amt\n\n\n0,1,2\n", 'time,"amt\n0,1', "ID,TIME,AMT,EVID\n1,0,5,1\n1,3,,0\n2,0,6,1\n",
        "TIME,EVID\n0,1\n", "TIME,EVID\n0,0\n", "TIME,DOSE\n0,1\n", "time\tamt\n0\t1\n")  # fmt: skip
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        for text in texts:
            path.write_text(text, encoding="utf-8")
            found += [told(R.from_records, path), told(columns.frame_of, path)]
        found += [told(R.from_records, Path(folder)), told(R.from_records, path.with_name("no.csv"))]
    forms = ({"time": [0, 1], "amt": [1]}, {"time": [0], "amt": [1]}, [], [1, 2], 3, {"time": [0], "evid": [0]},
        {"time": [0], "evid": [1]}, {"time": [0], "mdv": [1], "x": [1]}, {"time": [0], "AMT": [1], "amt": [1]},
        {"time": [0], "ss": [1]}, {"time": [0, 5], "amount": [1, 2]}, {"subject": [1, 2], "time": [0, 0], "amt": [
        1, 1]}, {"subject": [1, 1], "time": [0, 0], "amt": [1, 1]}, {"time": [0], "amt": [1], "unit": ["g"]}, {
        "time": [0], "amt": [1], "unit": ["mg"]}, {"time": [0], "amt": [0], "unit": ["g"]}, {"time": [0], "amt": [
        1], "unit": ["g"], "cmt": ["gut"]}, {"time": [0], "amt": [1], "tunit": ["min"]}, {"ID": [1, 2, 1],
        "time": [0, 0, 0], "amt": [1, 1, 1]})  # fmt: skip
    found += [told(R.from_records, form) for form in forms]
    flags = (["C", "."], [".", "."], ["C", "C"], ["x", "y"], ["c", ""], [" C", None], [0, 1], ["C", 1])
    return found + [told(R.from_records, {"time": [0, 1], "amt": [1, 2], "C": flag}) for flag in flags]


def headed(n=200):
    """Tables whose headings say units, in brackets and bare, of doses and rates that are there, 0 or missing."""
    rng, found = random.Random(15), []
    units = {
        "time": ("h", "min", "d", "hours", "s", "mg", "H"), "ii": ("h", "d"), "dur": ("h", "min"), "lag": ("h", "x"),
        "amt": ("mg", "g", "ug", "MG", "mg/kg", "nmol", "h"), "rate": ("mg/h", "g/h", "mg/min", "mg", "ug/h", "mg/kg/h"),
        "F": ("1", "%"), "ss": ("1",), "WT": ("kg",),
    }  # fmt: skip
    cells_ = {"time": (0, 1), "ii": (12, None), "dur": (2, None), "lag": (0.5, None), "amt": (3, 0), "rate": (1.5, 0),
              "F": (0.5, None), "ss": (1, 0), "WT": (70, 80)}  # fmt: skip
    for _ in range(n):
        names_ = ["time", "amt", *rng.sample(sorted(set(units) - {"time", "amt"}), rng.randint(0, 2))]
        table = {}
        for name in names_:
            unit = units[name][0] if rng.random() < 0.75 else rng.choice(units[name])
            form = rng.choice(
                ("{0}", "{0}", "{0}", "{0} [{1}]", "{0} ({1})", "{0}_{1}", "{0}, {1}", "{0} {1}", "{0}({1})")
            )
            values = list(cells_[name])
            rng.shuffle(values)
            table[form.format(rng.choice((name, name.upper())), unit)] = values if name != "time" else [0, 1]
        if rng.random() < 0.3:
            table[rng.choice(("cmt", "drug"))] = rng.choice(
                (["gut", "gut"], ["tramadol", None], [None, None], ["lps", "lps"])
            )
        found.append(table)
    return found


def edges():
    """Patterns that have just been seen twice, and doses told in other units of mass than their drug's."""
    found = []
    for ii, n in ((12, 3), (8, 5), (36, 3)):
        for start in (0, 8):
            r = R.every(1, ii, n, at=start)
            found += [window_of(r, start + k * ii + off) for k in (1, 2, 3) for off in (-2e-6, -1e-6, 0, 1e-6)]
    drugs = {u: names.Drug(u, "capsule") for u in ("mg", "ug", "g", "ng", "IU", "nmol")}
    return found + [
        told(language._amount, 45.0, unit, drug, "text", drugs)
        for drug in (*drugs, "odd")
        for unit in ("mg", "ug", "mcg", "g", "kg", "ng", "IU", "MG")
    ]


CASES = {
    "defaults": lambda: defaults_of("regimen"),
    "constants": lambda: constants_of("regimen"),
    **rows_of("words", sentences(), lambda x: told(R.parse, x[0], x[1])),
    **rows_of("table", tables(), lambda rows: told(R.from_records, rows)),
    **rows_of("made", made(), lambda x: told(x[0], *x[1], **x[2])),
    **rows_of("facts", regimens(), lambda r: told(facts, r), 10),
    **rows_of("windows", regimens(), windows, 10),
    **rows_of("again", regimens(), again, 10),
    **rows_of("headed", headed(), lambda table: told(R.from_records, table), 25),
    "long": lambda: [facts(R.titration([(k + 1, 1) for k in range(n)])) for n in (11, 12, 13, 14, 15)],
    "beats": beats,
    "limits": limits,
    "lengths": lengths,
    "edges": edges,
    "files": files,
    "feedback": answers,
    "days": lambda: [told(days_of, x) for x in (None, 0.5, 24, 24.0000000001, 24.1, 48, 0, -1)],
    "days of a dose": lambda: [
        schedule.day_of(t, f) for t in (0, 23.9999999, 24, 47, 49) for f in (0, 22, 23.9999995)
    ],
    "merged": lambda: [
        told(algebra.merged, a.records, b.records) for a in regimens()[:17] for b in regimens()[8:14]
    ],
}
