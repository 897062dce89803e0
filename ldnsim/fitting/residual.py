"""How measurements scatter about what is predicted: densities, and their derivatives.

A measurement is normal about the prediction f with a standard deviation that `Width` tells, or its logarithm is
normal about log f ("lognormal"). A value below the limit of quantification counts with the probability of lying
there (method M3 of Beal, J Pharmacokinet Pharmacodyn 28, 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import one_of
from .samples import Samples
from .width import Width

ERRORS = {
    "additive": ("additive",),
    "proportional": ("proportional",),
    "combined": ("additive", "proportional"),
    "combined1": ("additive", "proportional"),
    "lognormal": ("lognormal",),
}
START = {
    "additive": 0.1,
    "proportional": 0.2,
    "lognormal": 0.2,
}  # of the standard deviation; "additive" times the middle measurement
_LOG_2PI = np.log(2.0 * np.pi)


class Scatter(NamedTuple):
    """What measurements say of predictions: minus log densities l, and derivatives, all of shape (..., m).

    Attributes
    ----------
    l, df, ddf : array
        Density, and its first and second derivative by the prediction.
    info, dinfo : array
        Expected information about the prediction (never negative), and its derivative by it.
    ds, dfs, infos, ddfs : array, shape (..., m, parameter)
        Derivatives of `l`, `df`, `info` and `ddf` by the logarithms of the residual parameters.
    """

    l: np.ndarray
    df: np.ndarray
    ddf: np.ndarray
    info: np.ndarray
    dinfo: np.ndarray
    ds: np.ndarray
    dfs: np.ndarray
    infos: np.ndarray
    ddfs: np.ndarray


class Residual:
    """Residual error of one or several variables.

    Parameters
    ----------
    kinds : sequence of str
        A key of `ERRORS` for each of the outputs.
    outputs : sequence of str
        Their names.
    samples : Samples
        The measurements.
    """

    def __init__(self, kinds: Sequence[str], outputs: Sequence[str], samples: Samples) -> None:
        for kind in kinds:
            one_of("error", kind, ERRORS)
        self.kinds, self.outputs, self.samples = tuple(kinds), tuple(outputs), samples
        alone = len(outputs) == 1
        self.places = [(o, part) for o, kind in enumerate(kinds) for part in ERRORS[kind]]
        self.names = tuple(p if alone else f"{p} {outputs[o]}" for o, p in self.places)
        self.is_log = np.array([k == "lognormal" for k in kinds], bool)
        self._summed = np.array([k == "combined1" for k in kinds], bool)
        y = np.where(samples.below, samples.limit, samples.y)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._y = np.where(self._log, np.log(np.where(self._log, y, 1.0)), y)  # on the scale of `predicted`
        self._jacobian = np.where(self._log & ~samples.below, self._y, 0.0)

    def tells(self, o: int) -> bool:
        """Whether output `o` was measured above the limit, so that its scatter can be told."""
        s = self.samples
        return bool((s.used & ~s.below & (s.output == o)).any())

    def start(self) -> np.ndarray:
        """Return standard deviations to start from."""
        s = self.samples
        found = []
        for o, part in self.places:
            values = np.abs(s.y[s.used & ~s.below & (s.output == o)])
            middle = float(np.median(values)) if values.size and part == "additive" else 1.0
            found.append(START[part] * (middle or 1.0))
        return np.array(found)

    def predicted(self, f: np.ndarray) -> np.ndarray:
        """Bring predictions to the scale on which measurements are normal."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self._log, np.log(np.where(self._log, f, 1.0)), f)

    @property
    def _log(self) -> np.ndarray:
        return self.is_log[self.samples.output]

    def spread(self, f: np.ndarray, log_sd: np.ndarray, who: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return the standard deviation of measurements about predictions (logarithms where these are lognormal)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._width(f, log_sd, who).sd

    def _width(self, f: np.ndarray, log_sd: np.ndarray, who: np.ndarray | slice) -> Width:
        """Return how far measurements scatter about predictions."""
        output = self.samples.output[who]
        a2, b2 = np.zeros(output.shape), np.zeros(output.shape)
        for (o, part), s in zip(self.places, np.exp(2.0 * log_sd), strict=True):
            here = output == o
            (b2 if part == "proportional" else a2)[here] = s
        return Width.of(f, a2, b2, self._summed[output])

    def slopes(
        self, f: np.ndarray, log_sd: np.ndarray, who: np.ndarray | slice = slice(None)
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return `l`, `df` and `ds` of `scatter` alone, with the same bits: all that a sampler asks for."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return self._slopes(self._compared(f, log_sd, who), self.samples.used[who])

    def scatter(self, f: np.ndarray, log_sd: np.ndarray, who: np.ndarray | slice = slice(None)) -> Scatter:
        """Hold the measurements against predictions.

        Parameters
        ----------
        f : array, shape (row, m)
            Predictions, on the scale of `predicted`.
        log_sd : array, shape (parameter,)
            Logarithms of the standard deviations.
        who : array of int, shape (row,)
            Which subject each row is.
        """
        used = self.samples.used[who]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            c = self._compared(f, log_sd, who)
            l, df, ds = self._slopes(c, used)
            tail, free, up, wp, v = c.tail, c.free, c.width.up, c.wp, c.width.v
            upp = c.width.upp
            wpp = up / c.width.sd - wp * up - c.w * upp
            ddf = tail.two * wp**2 + tail.one * wpp + free * upp
            info = np.where(free, 1.0 / v + 2.0 * up**2, tail.two * wp**2)
            dinfo = np.where(
                free, -2.0 * up / v + 4.0 * up * upp, tail.three * wp**3 + 2.0 * tail.two * wp * wpp
            )
            by = [self._by(k, c, upp, wpp) for k in range(len(self.places))]
        mixed = (np.stack([b[k] for b in by], axis=-1) for k in range(3))
        ddf, info, dinfo = (np.where(used, x, 0.0) for x in (ddf, info, dinfo))
        dfs, infos, ddfs = (np.where(used[..., None], x, 0.0) for x in mixed)
        return Scatter(l, df, ddf, info, dinfo, ds, dfs, infos, ddfs)

    def _compared(self, f: np.ndarray, log_sd: np.ndarray, who: np.ndarray | slice) -> _Compared:
        below, output = self.samples.below[who], self.samples.output[who]
        width = self._width(f, log_sd, who)
        w = (self._y[who] - f) / width.sd
        wp = -1.0 / width.sd - w * width.up
        return _Compared(output, width, w, wp, ~below, self._jacobian[who], _Tail.of(w, below))

    def _slopes(self, c: _Compared, used: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        l = c.tail.psi + c.free * (0.5 * np.log(c.width.v) + 0.5 * _LOG_2PI + c.jacobian)
        df = c.tail.one * c.wp + c.free * c.width.up
        ds = np.empty((*l.shape, len(self.places)))
        for k in range(len(self.places)):
            share = self._share(k, c)
            ds[..., k] = np.where(used, c.tail.one * (-c.w * share) + c.free * share, 0.0)
        return np.where(used, l, 0.0), np.where(used, df, 0.0), ds

    def _share(self, k: int, c: _Compared) -> np.ndarray:
        """Differentiate the logarithm of the standard deviation by that of residual parameter k."""
        o, part = self.places[k]
        return (c.output == o) * c.width.share(part)

    def _by(self, k: int, c: _Compared, upp: np.ndarray, wpp: np.ndarray):
        """Differentiate df, info and ddf by the logarithm of residual parameter k."""
        o, part = self.places[k]
        here, share = c.output == o, self._share(k, c)
        sd, v, w, up, wp, tail, free = c.width.sd, c.width.v, c.w, c.width.up, c.wp, c.tail, c.free
        ups, upps = (here * x for x in c.width.bend(part))
        ws = -w * share
        wps = share / sd - ws * up - w * ups
        wpps = ups / sd - up * share / sd - wps * up - wp * ups - ws * upp - w * upps
        dfs = tail.two * ws * wp + tail.one * wps + free * ups
        infos = np.where(
            free, -2.0 * share / v + 4.0 * up * ups, tail.three * ws * wp**2 + 2.0 * tail.two * wp * wps
        )
        ddfs = (
            tail.three * ws * wp**2 + 2.0 * tail.two * wp * wps + tail.two * ws * wpp + tail.one * wpps
            + free * upps
        )  # fmt: skip
        return dfs, infos, ddfs


class _Compared(NamedTuple):
    """Measurements held against predictions: w = (y - f) / sd, and its derivative by f."""

    output: np.ndarray
    width: Width
    w: np.ndarray
    wp: np.ndarray
    free: np.ndarray
    jacobian: np.ndarray
    tail: _Tail


class _Tail(NamedTuple):
    """Minus log density of a standardised measurement, or of the tail below a limit, and three derivatives."""

    psi: np.ndarray
    one: np.ndarray
    two: np.ndarray
    three: np.ndarray

    @classmethod
    def of(cls, w: np.ndarray, below: np.ndarray) -> _Tail:
        if not below.any():
            return cls(0.5 * w**2, w, np.ones_like(w), np.zeros_like(w))
        from scipy.special import log_ndtr

        inside = np.where(below, w, 0.0)
        log_cdf = log_ndtr(inside)
        hazard = np.exp(-0.5 * inside**2 - 0.5 * _LOG_2PI - log_cdf)
        slope = -hazard * (inside + hazard)
        two = -slope
        bend = -slope * (inside + hazard) - hazard * (1.0 + slope)
        return cls(
            np.where(below, -log_cdf, 0.5 * w**2),
            np.where(below, -hazard, w),
            np.where(below, two, 1.0),
            np.where(below, -bend, 0.0),
        )
