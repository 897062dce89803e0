/** How a curve in a window becomes one number; see `ldnsim.readouts.reducers`. */

import { crossing, cubic, extreme, forPieces, forStretches, pieceUntil, primitive, value, valueAt } from "./curve";
import type { Cubic, Curve, Span } from "./curve";
import { decayHalfLife, line } from "./terminal";

const DAY = 24; // h

/** Reads a curve over spans; `length` (h) is what a rate per day is of, `number` what the readout takes beside. */
export type Reducer = (curve: Curve, spans: Span[], number: number, length: number) => number;

const highest: Reducer = (curve, spans) => extreme(curve, spans, 1)[0];
const lowest: Reducer = (curve, spans) => -extreme(curve, spans, -1)[0];
const whole = (spans: Span[]): Span => [spans[0][0], spans[spans.length - 1][1]];
const hoursIn = (spans: Span[]) => spans.reduce((sum, [start, end]) => sum + end - start, 0);

function area(curve: Curve, span: Span): number {
  let total = 0;
  forPieces(curve, span, (c, low, high) => {
    total += primitive(c, high) - primitive(c, low);
  });
  return total;
}

const momentOf = (c: Cubic, x: number) => x * x * (c[0] / 2 + x * (c[1] / 3 + x * (c[2] / 4 + (x * c[3]) / 5)));

function moment(curve: Curve, span: Span): number {
  let total = 0;
  forPieces(curve, span, (c, low, high, node) => {
    total += momentOf(c, high) - momentOf(c, low);
    total += (curve.t[node] - span[0]) * (primitive(c, high) - primitive(c, low));
  });
  return total;
}

const auc: Reducer = (curve, spans) => spans.reduce((sum, span) => sum + area(curve, span), 0);
const mean = (curve: Curve, spans: Span[]) => auc(curve, spans, 0, 0) / hoursIn(spans);

/** The part of a monotone stretch at or above a level; empty where there is none. */
function above(c: Cubic, low: number, high: number, level: number): Span {
  const [begins, ends] = [value(c, low) >= level, value(c, high) >= level];
  if (begins && ends) return [low, high];
  if (!begins && !ends) return [high, high];
  const x = crossing(c, low, high, level);
  return begins ? [low, x] : [x, high];
}

/** Hours above a level, and the area between curve and level there. */
function beyond(curve: Curve, spans: Span[], level: number): [number, number] {
  let [hours, over] = [0, 0];
  for (const span of spans)
    forStretches(curve, span, (c, low, high) => {
      const [x0, x1] = above(c, low, high, level);
      if (x1 <= x0) return;
      hours += x1 - x0;
      over += primitive(c, x1) - primitive(c, x0) - level * (x1 - x0);
    });
  return [hours, over];
}

/** Hours of the first unbroken stretch at or above a level. */
const stretch: Reducer = (curve, spans, level) => {
  let hours = 0;
  forStretches(curve, whole(spans), (c, low, high) => {
    const [x0, x1] = above(c, low, high, level);
    hours += x1 - x0;
    return hours > 0 && (x1 < high || x1 <= x0);
  });
  return hours;
};

const timeTo: Reducer = (curve, spans, share) => {
  const [start, end] = whole(spans);
  const first = valueAt(curve, start);
  const late = Math.max(start, end - DAY);
  const change = area(curve, [late, end]) / (end - late) - first;
  if (change === 0) return NaN;
  const [target, sign] = [first + share * change, change > 0 ? 1 : -1];
  let found = NaN;
  forStretches(curve, [start, end], (c, low, high, node) => {
    if (sign * (value(c, high) - target) < 0) return false;
    const reached = sign * (value(c, low) - target) >= 0;
    found = curve.t[node] + (reached ? low : crossing(c, low, high, target)) - start;
    return true;
  });
  return found;
};

/** Rate of the terminal phase and the value at the end. */
function tail(curve: Curve, spans: Span[], level: number): [number, number] {
  return [-line(curve, whole(spans), level), Math.max(valueAt(curve, whole(spans)[1], true), 0)];
}

const aucInf: Reducer = (curve, spans, level) => {
  const [rate, end] = tail(curve, spans, level);
  return area(curve, whole(spans)) + end / rate;
};

const aumcInf: Reducer = (curve, spans, level) => {
  const [rate, end] = tail(curve, spans, level);
  const [from, to] = whole(spans);
  return moment(curve, [from, to]) + end * ((to - from) / rate + 1 / rate ** 2);
};

export const REDUCERS: Record<string, Reducer> = {
  cmax: highest,
  tmax: (curve, spans, level) => {
    const [best, when] = extreme(curve, spans, 1);
    return best > level ? when - spans[0][0] : NaN;
  },
  cmin: lowest,
  ctrough: (curve, spans) => {
    const end = whole(spans)[1];
    const i = pieceUntil(curve.t, end);
    return value(cubic(curve, i), Math.min(end, curve.t[i + 1]) - curve.t[i]);
  },
  cavg: mean,
  mean,
  auc,
  aumc: (curve, spans) => moment(curve, whole(spans)),
  auc_inf: aucInf,
  aumc_inf: aumcInf,
  mrt: (curve, spans, level, length) => aumcInf(curve, spans, level, length) / aucInf(curve, spans, level, length),
  half_life: (curve, spans, level) => Math.LN2 / -line(curve, whole(spans), level),
  decay_half_life: (curve, spans, level) => decayHalfLife(curve, whole(spans), level),
  accumulation: (curve, spans) => {
    const first = mean(curve, spans.slice(0, 1));
    return first === 0 ? NaN : mean(curve, spans.slice(1)) / first;
  },
  swing: (curve, spans) => {
    const low = lowest(curve, spans, 0, 0);
    return low > 0 ? (100 * (highest(curve, spans, 0, 0) - low)) / low : NaN;
  },
  fluctuation: (curve, spans) =>
    (100 * (highest(curve, spans, 0, 0) - lowest(curve, spans, 0, 0))) / mean(curve, spans),
  at: (curve, spans) => valueAt(curve, spans[0][0]),
  peak_over: (curve, spans, level) => highest(curve, spans, 0, 0) - level,
  percent_change: (curve, spans, level) => 100 * (mean(curve, spans) / level - 1),
  time_above: (curve, spans, level) => beyond(curve, spans, level)[0],
  time_below: (curve, spans, level) => hoursIn(spans) - beyond(curve, spans, level)[0],
  hours_above: (curve, spans, level, length) => (beyond(curve, spans, level)[0] * DAY) / length,
  area_above: (curve, spans, level, length) => (beyond(curve, spans, level)[1] * DAY) / length,
  stretch_above: stretch,
  time_to: timeTo,
};
