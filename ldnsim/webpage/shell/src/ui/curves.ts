/** Curves ready to be drawn: one side's variables over the part of a run that is shown by the hour, and by day. */

import type { Reply } from "../engine/types";
import type { Window } from "./course";
import { DAY } from "./format";

export interface Line {
  variable: string;
  side: "A" | "B";
  t: Float64Array | number[];
  middle: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
}

export interface Days {
  variable: string;
  side: "A" | "B";
  /** First hour of each day, and its lowest and highest value of the median. */
  from: number[];
  low: number[];
  high: number[];
}

/** Curves of one side, moved by `shift` h so that two sides end together. */
export function linesOf(reply: Reply, { late, until }: Pick<Window, "late" | "until">, side: "A" | "B", shift: number): Line[] {
  const inside = Array.from(reply.times.keys()).filter((k) => reply.times[k] >= late - 1e-6 && reply.times[k] <= until + 1e-6);
  const [start, stop] = inside.length ? [inside[0], inside[inside.length - 1] + 1] : [0, 0];
  const t = Array.from(reply.times.subarray(start, stop), (x) => x + shift);
  return Object.entries(reply.curves).map(([variable, curve]) => ({
    variable,
    side,
    t,
    middle: curve.middle.subarray(start, stop),
    low: curve.low?.subarray(start, stop),
    high: curve.high?.subarray(start, stop),
  }));
}

/**
 * Range of the median within each 24 h, counted back from the end, so that each holds the same hours of the clock. As in the
 * package's figures a day that begins less than 24 h after the first dose is left out: it holds what was there before it; but
 * not where it holds all that is taken of a drug, as after a single dose.
 * Only the times of `daily` count, which are the same on all days.
 */
export function daysOf(reply: Reply, end: number, side: "A" | "B", daily: number[]): Days[] {
  const counted = new Set(daily);
  const given = Object.values(reply.doses).filter((times) => times.length);
  const first = given.length ? Math.min(...given.flat()) : 0;
  const all = Math.floor((end - first) / DAY + 1e-6);
  const n = Math.max(0, given.some((times) => Math.max(...times) < end - (all - 1) * DAY - 1e-6) ? all : all - 1);
  const start = end - n * DAY;
  return Object.entries(reply.curves).map(([variable, curve]) => {
    const low = new Array<number>(n).fill(Infinity);
    const high = new Array<number>(n).fill(-Infinity);
    reply.times.forEach((t, k) => {
      const day = Math.min(Math.floor((t - start) / DAY + 1e-9), n - 1); // the end belongs to the last
      if (day < 0 || !counted.has(t)) return;
      const y = curve.middle[k];
      if (y < low[day]) low[day] = y;
      if (y > high[day]) high[day] = y;
    });
    return { variable, side, from: Array.from({ length: n }, (_, k) => start + k * DAY), low, high };
  });
}

/** Value of a curve at a moment, between its points; NaN outside. */
export function at(line: Line, moment: number, what: "middle" | "low" | "high" = "middle"): number {
  const y = line[what];
  const { t } = line;
  if (!y || moment < t[0] - 1e-9 || moment > t[t.length - 1] + 1e-9) return NaN;
  let [a, b] = [0, t.length - 1];
  while (b - a > 1) {
    const m = (a + b) >> 1;
    if (t[m] <= moment) a = m;
    else b = m;
  }
  const part = t[b] > t[a] ? (moment - t[a]) / (t[b] - t[a]) : 0;
  return y[a] + part * (y[b] - y[a]);
}

/** Lowest and highest of several lines, bands included, and of what is drawn by the day. */
export function extent(lines: Line[], days: Days[] = []): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  const edges = [...lines.flatMap(({ middle, low, high }) => [middle, low, high]), ...days.flatMap((one) => [one.low, one.high])];
  for (const y of edges) {
    if (!y) continue;
    for (const v of y) {
      if (!Number.isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return [low, high];
}
