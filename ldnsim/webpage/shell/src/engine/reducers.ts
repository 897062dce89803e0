/** How a curve in a window becomes one number; see `ldnsim.readouts.reducers`. */

import { crossing, extreme, piecesIn, pieceUntil, primitive, stretchesIn, value, valueAt } from "./curve";
import type { Curve, Span } from "./curve";
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
  const { n, piece, low, high } = piecesIn(curve, span);
  for (let k = 0; k < n; k++) total += primitive(curve, piece[k], high[k]) - primitive(curve, piece[k], low[k]);
  return total;
}

/** Integral of x times piece i from 0 to x. */
const momentOf = ({ c }: Curve, i: number, x: number) =>
  x * x * (c[4 * i] / 2 + x * (c[4 * i + 1] / 3 + x * (c[4 * i + 2] / 4 + (x * c[4 * i + 3]) / 5)));

function moment(curve: Curve, span: Span): number {
  let total = 0;
  const { n, piece, low, high } = piecesIn(curve, span);
  for (let k = 0; k < n; k++) {
    const i = piece[k];
    total += momentOf(curve, i, high[k]) - momentOf(curve, i, low[k]);
    total += (curve.t[i] - span[0]) * (primitive(curve, i, high[k]) - primitive(curve, i, low[k]));
  }
  return total;
}

const auc: Reducer = (curve, spans) => spans.reduce((sum, span) => sum + area(curve, span), 0);
const mean = (curve: Curve, spans: Span[]) => auc(curve, spans, 0, 0) / hoursIn(spans);

/** Hours above a level, and the area between curve and level there. */
function beyond(curve: Curve, spans: Span[], level: number): [number, number] {
  let hours = 0;
  let over = 0;
  for (const span of spans) {
    const { n, piece, low, high } = stretchesIn(curve, span);
    for (let k = 0; k < n; k++) {
      const i = piece[k];
      const begins = value(curve, i, low[k]) >= level;
      const ends = value(curve, i, high[k]) >= level;
      if (!begins && !ends) continue;
      const x = begins && ends ? NaN : crossing(curve, i, low[k], high[k], level);
      const from = begins ? low[k] : x;
      const to = ends ? high[k] : x;
      hours += to - from;
      over += primitive(curve, i, to) - primitive(curve, i, from) - level * (to - from);
    }
  }
  return [hours, over];
}

/** Hours of the first unbroken stretch at or above a level. */
const stretch: Reducer = (curve, spans, level) => {
  let hours = 0;
  const { n, piece, low, high } = stretchesIn(curve, whole(spans));
  for (let k = 0; k < n; k++) {
    const i = piece[k];
    const begins = value(curve, i, low[k]) >= level;
    const ends = value(curve, i, high[k]) >= level;
    if (begins && ends) hours += high[k] - low[k];
    else if (begins) hours += crossing(curve, i, low[k], high[k], level) - low[k];
    else if (ends) hours += high[k] - crossing(curve, i, low[k], high[k], level);
    if (hours > 0 && !ends) break;
  }
  return hours;
};

const timeTo: Reducer = (curve, spans, share) => {
  const [start, end] = whole(spans);
  const first = valueAt(curve, start);
  const late = Math.max(start, end - DAY);
  const change = area(curve, [late, end]) / (end - late) - first;
  if (change === 0) return NaN;
  const [target, sign] = [first + share * change, change > 0 ? 1 : -1];
  const { n, piece, low, high } = stretchesIn(curve, [start, end]);
  for (let k = 0; k < n; k++) {
    const i = piece[k];
    if (sign * (value(curve, i, high[k]) - target) < 0) continue;
    const reached = sign * (value(curve, i, low[k]) - target) >= 0;
    return curve.t[i] + (reached ? low[k] : crossing(curve, i, low[k], high[k], target)) - start;
  }
  return NaN;
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
    return value(curve, i, Math.min(end, curve.t[i + 1]) - curve.t[i]);
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
