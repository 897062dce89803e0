"""Small models by chance, with doses, infusions, events and delays of these, against SciPy stretch by stretch."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import ldnsim as ldn

END = 48.0
NAMES = ("G", "A", "B", "C")
AWAY = 1e-9  # h, behind an instant, where triggers are looked at
OF_RANGE = 3e-4  # how far a readout may be off, as a share of the range of its course


class Drawn:
    """A model by chance, as text and as functions: what is absorbed, saturated, and answered to.

    An event is (trigger, delay, effect): the trigger a function of t and y, true above 0.
    """

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.p = {n: float(rng.uniform(*ends)) for n, ends in {
            "ka": (0.3, 2), "k": (0.05, 0.5), "vm": (0.5, 5), "km": (0.5, 5), "V": (1, 20), "kin": (0.5, 3),
            "kout": (0.1, 1), "ec": (0.5, 5), "turn": (3, 30), "fold": (0.2, 3)}.items()}  # fmt: skip
        self.y0 = np.array([0.0, 0.0, self.p["kin"] / self.p["kout"]])
        self.events, lines = [], []
        for n in range(rng.integers(1, 4)):
            kind, delay = rng.integers(4), float(rng.choice([0.0, rng.uniform(0.2, 4)]))
            at, low, add = (float(rng.uniform(*ends)) for ends in ((1, 40), (0.1, 2), (1, 20)))
            self.events.append((self._trigger(kind, at, low), delay, self._effect(kind, add), at))
            words = {
                0: f"time > {at!r}",
                1: f"C < {low!r}",
                2: f"C > {low!r}",
                3: f"time > {at!r} && C > {low!r}",
            }
            does = {0: f"A = A + {add!r}", 1: f"G = G + {add!r}", 2: "B = B*0.8", 3: "A = A/2, G = G + A/2"}
            wait = f"{delay!r} after " if delay else ""
            lines.append(f"at {wait}({words[kind]}), priority={9 - n}: {does[kind]};")
        values = " ".join(f"{n} = {v!r};" for n, v in self.p.items())
        self.text = f"""model drawn
          {values} C := A/V; f := piecewise(1, time < turn, fold);
          G' = -ka*G; A' = ka*G - f*k*A - vm*C/(km + C); B' = kin*(1 - C/(ec + C)) - kout*B;
          G = 0; A = 0; B = kin/kout; {" ".join(lines)}
        end"""
        self.records, self.given = [], []
        for _ in range(rng.integers(1, 4)):
            time, amount, rate = round(float(rng.uniform(0, 20)), 1), round(float(rng.uniform(5, 80)), 1), 0.0
            state = rng.integers(2)
            if rng.random() < 0.4:
                rate = round(float(amount / rng.uniform(0.5, 3)), 2)
            self.records.append({"time": time, "amt": amount, "cmt": "GA"[state], "rate": rate})
            self.given.append((time, amount, state, rate))
        self.records.sort(key=lambda r: r["time"])

    def _trigger(self, kind, at, low):
        def level(t, y):
            c = y[1] / self.p["V"]
            return {0: 1.0, 1: low - c, 2: c - low, 3: c - low}[kind] if kind in (1, 2) or t > at else -1.0

        return level

    @staticmethod
    def _effect(kind, add):
        def change(y):
            return {
                0: {1: y[1] + add},
                1: {0: y[0] + add},
                2: {2: 0.8 * y[2]},
                3: {1: y[1] / 2, 0: y[0] + y[1] / 2},
            }[kind]

        return change

    def rates(self, y, inputs, f):
        """Differentiate the states by time."""
        p, c = self.p, y[1] / self.p["V"]
        lost = f * p["k"] * y[1] + p["vm"] * c / (p["km"] + c)
        answer = p["kin"] * (1 - c / (p["ec"] + c)) - p["kout"] * y[2]
        return np.array([-p["ka"] * y[0], p["ka"] * y[0] - lost, answer]) + inputs

    def course(self):
        """Stretches between which the course jumps or bends: their ends, and the course in each."""
        ends = [t + a / r for t, a, _, r in self.given if r]
        known = sorted(
            {0.0, self.p["turn"], END, *ends, *(g[0] for g in self.given), *(e[3] for e in self.events)}
        )
        t, y, due, found = 0.0, self.y0.copy(), [], []
        true = [bool(e[0](0.0, y) > 0) for e in self.events]
        for now, amount, state, rate in self.given:
            y[state] += amount * (now == 0.0 and not rate)
        while True:
            self._settle(t, y, true, due)
            later = min(x for x in (*known, *(d[0] for d in due)) if x > t + AWAY)
            inputs = np.zeros(3)
            for now, amount, state, rate in self.given:
                inputs[state] += rate * (rate > 0 and now <= t + AWAY < now + amount / rate)
            f = 1.0 if t + AWAY < self.p["turn"] else self.p["fold"]
            moving = [k for k, e in enumerate(self.events) if abs(e[0](t + AWAY, y)) != 1.0]
            ahead = y + 1e-7 * self.rates(y + 5e-8 * self.rates(y, inputs, f), inputs, f)
            for k in moving:  # what came true at a level, and by its effect turned back there
                if true[k] and abs(self.events[k][0](t + AWAY, y)) < AWAY:
                    true[k] = bool(self.events[k][0](t + AWAY, ahead) > 0)

            def watched(k, middle=(t + later) / 2):
                def level(_, there):
                    return self.events[k][0](middle, there)

                level.terminal, level.direction = True, -1.0 if true[k] else 1.0
                return level

            run = solve_ivp(lambda _, y, i=inputs, f=f: self.rates(y, i, f), (t, later), y, "LSODA", rtol=1e-11,
                atol=1e-13, dense_output=True, max_step=0.05, events=[watched(k) for k in moving])  # fmt: skip
            found.append((t, run.t[-1], run.sol))
            t, y = run.t[-1], run.y[:, -1].copy()
            if t >= END:
                return found
            if run.status == 1:
                for k, times in zip(moving, run.t_events, strict=True):
                    if times.size:
                        true[k] = not true[k]
                        due += [[t + self.events[k][1], k, self.events[k][2](y)]] if true[k] else []
            else:
                for now, amount, state, rate in self.given:
                    y[state] += amount * (now == t and not rate)

    def _settle(self, t, y, true, due):
        """Let happen what is due, one after the other, and see after each which triggers it changed."""
        while True:
            for k, (trigger, delay, effect, _) in enumerate(self.events):
                level = trigger(t + AWAY, y)
                if abs(level) > AWAY and (level > 0) != true[k]:
                    true[k] = bool(level > 0)
                    due += [[t + delay, k, effect(y)]] if true[k] else []
            now = sorted((d for d in due if d[0] <= t + AWAY), key=lambda d: d[1])
            if not now:
                return
            due.remove(now[0])
            for state, value in now[0][2].items():
                y[state] = value


def values(sol, t, name, V):
    y = sol(t)
    return y[1] / V if name == "C" else y[NAMES.index(name)]


@pytest.mark.parametrize("seed", range(10))
def test_courses_and_readouts_are_those_of_scipy(seed):
    drawn = Drawn(seed)
    stretches, V = drawn.course(), drawn.p["V"]
    model, regimen = ldn.Model.from_antimony(drawn.text), ldn.Regimen.from_records(drawn.records)
    method = ("auto", "rodas5p", "tsit5")[seed % 3]
    times = np.arange(0.13, END, 0.37)
    times = times[[min(abs(t - s[0]) for s in stretches) > 1e-3 for t in times]]
    ds = ldn.simulate(model, regimen, times=times, outputs=list(NAMES), method=method, rtol=1e-8)
    asked = [f"{r}({n}, 5.3, 41.7)" for n in ("B", "C") for r in ("cmax", "cmin", "auc")]
    read = ldn.simulate(model, regimen, metrics=asked, method=method, rtol=1e-8, duration=END)
    for name in NAMES:
        right = [values(next(s for a, b, s in stretches if a <= t < b), t, name, V) for t in times]
        np.testing.assert_allclose(ds[name], right, atol=1e-6 * np.max(right), rtol=0, err_msg=name)
        if name in "BC":
            inside = [(max(a, 5.3), min(b, 41.7), s) for a, b, s in stretches if a < 41.7 and b > 5.3]
            dense = [(np.linspace(a, b, 20_001), s) for a, b, s in inside]
            seen = [(t, values(s, t, name, V)) for t, s in dense]
            top, low = max(v.max() for _, v in seen), min(v.min() for _, v in seen)
            slack = OF_RANGE * np.ptp(np.concatenate([v for _, v in seen]))
            area = sum(np.trapezoid(v, t) for t, v in seen)
            assert float(read[f"cmax({name}, 5.3, 41.7)"]) == pytest.approx(top, abs=slack)
            assert float(read[f"cmin({name}, 5.3, 41.7)"]) == pytest.approx(low, abs=slack)
            assert float(read[f"auc({name}, 5.3, 41.7)"]) == pytest.approx(area, abs=36.4 * slack)
