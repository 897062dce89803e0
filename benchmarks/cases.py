"""The problems every solver gets: bench19 and its stiff sibling, their subjects, doses and error measure.

The Antimony text is the one home of equations and numbers. Peers that take no Antimony get the same text
translated line by line (``Case.function``), so nobody integrates a hand-tuned variant.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

FIXED = ("p_tn", "p_hT", "p_h", "p_bg", "p_S0")  # exponents, a switch and a ratio tied to the starting state
BINDING = ("p_konN", "p_koffN", "p_konM", "p_koffM", "p_konE", "p_koffE")
CV = 0.30


@dataclass(frozen=True)
class Case:
    """A dosed initial-value problem for many subjects; time in h, dose in mg into ``cmt``."""

    name: str
    antimony: str
    dose: float = 4.5
    cmt: str = "A_gut"
    interval: int = 24
    days: int = 28

    @cached_property
    def rates(self) -> dict[str, str]:
        """Right-hand side of each state, as Python text."""
        lines = re.findall(r"^\s*(\w+)'\s*=\s*(.+);", self.antimony, flags=re.M)
        return {state: text.replace("^", "**") for state, text in lines}

    @cached_property
    def numbers(self) -> dict[str, float]:
        return {
            k: float(v) for k, v in re.findall(r"^\s*(\w+)\s*=\s*([-+.\deE]+);", self.antimony, flags=re.M)
        }

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.rates)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(k for k in self.numbers if k not in self.rates)

    @property
    def start(self) -> np.ndarray:
        return np.array([self.numbers[s] for s in self.states])

    @property
    def nominal(self) -> np.ndarray:
        return np.array([self.numbers[p] for p in self.parameters])

    @property
    def dosed(self) -> int:
        return self.states.index(self.cmt)

    @property
    def hours(self) -> np.ndarray:
        """Output times: every hour, both ends included."""
        return np.arange(self.days * self.interval + 1.0)

    @property
    def checked(self) -> np.ndarray:
        """Hours at which errors count: dose instants are out, as solvers differ in which side they report."""
        h = self.hours
        return ~((h % self.interval == 0) & (h < self.days * self.interval))

    def subjects(self, n: int) -> np.ndarray:
        """Return parameters of ``n`` subjects, shape (n, parameter): nominal x lognormal, 30 % CV."""
        sigma = np.sqrt(np.log1p(CV**2))
        draws = np.random.default_rng(1).standard_normal((n, len(self.parameters)))
        factors = np.exp(sigma * draws)
        factors[:, [self.parameters.index(p) for p in FIXED]] = 1.0
        return np.ascontiguousarray(self.nominal * factors)

    def function(self, body: str, signature: str, **namespace):
        """Compile ``def f(signature)`` whose text may use the states and parameters by name after ``body``.

        ``body`` is a template: ``{unpack}`` (names from ``y`` and ``p``), ``{store}`` (``dy[i] = ...``),
        ``{rates}`` (comma-separated right-hand sides).
        """
        parts = {
            "unpack": "\n    ".join(
                [f"{s} = y[{i}]" for i, s in enumerate(self.states)]
                + [f"{q} = p[{i}]" for i, q in enumerate(self.parameters)]
            ),
            "store": "\n    ".join(f"dy[{i}] = {r}" for i, r in enumerate(self.rates.values())),
            "rates": ", ".join(self.rates.values()),
        }
        source = f"def f({signature}):\n    " + body.format(**parts) + "\n"
        exec(compile(source, f"<{self.name}>", "exec"), namespace)
        return namespace["f"]

    def error(self, found: np.ndarray, reference: np.ndarray) -> float:
        """Return the worst |y - yref| / (1e-3 + |yref|) over subjects x states x hours.

        It is inf if any value is missing. Both arrays are (subject, state, hour).
        """
        y, ref = found[..., self.checked], reference[: len(found), :, self.checked]
        gap = np.abs(y - ref) / (1e-3 + np.abs(ref))
        return float(gap.max()) if np.isfinite(gap).all() else float("inf")

    @property
    def key(self) -> str:
        text = f"{self.antimony}{self.dose}{self.cmt}{self.interval}{self.days}"
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def bench19() -> Case:
    """Return the mild benchmark: 19 states, 40 parameters, 28 daily doses."""
    return Case("bench19", Path(__file__).with_name("bench19.ant").read_text(encoding="utf-8"))


def stiff19() -> Case:
    """Return the stiff sibling: association and dissociation at the receptors 100 times faster."""
    mild = bench19()
    text = mild.antimony.replace("bench19", "stiff19")
    for name in BINDING:
        text = re.sub(
            rf"(?m)^(\s*{name} = )([\d.]+);", lambda m: f"{m[1]}{float(m[2]) * 100!r};", text, count=1
        )
    return replace(mild, name="stiff19", antimony=text)


CASES = {"bench19": bench19, "stiff19": stiff19}
