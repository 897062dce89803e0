/**
 * A smooth curve through nodes: a cubic spline between jumps; see `ldnsim.readouts.curve`. Two nodes closer than
 * `JUMP` mark an instant at which the curve jumps or has a kink.
 */

export const JUMP = 1e-5; // h

/** Node times (h), values and slopes at the nodes. */
export interface Curve {
  t: Float64Array;
  v: Float64Array;
  d: Float64Array;
}

export type Span = [number, number];

/** Coefficients of a piece: v = c0 + x (c1 + x (c2 + x c3)), x the time since its node. */
export type Cubic = [number, number, number, number];

export function curveOf(t: Float64Array, v: Float64Array): Curve {
  const d = new Float64Array(t.length);
  let first = 0;
  for (let last = 0; last < t.length; last++) {
    if (last + 1 < t.length && t[last + 1] - t[last] > JUMP) continue;
    if (last === first + 1) d[first] = d[last] = (v[last] - v[first]) / (t[last] - t[first]);
    else if (last > first + 1) spline(t, v, d, first, last);
    first = last + 1;
  }
  return { t, v, d };
}

const endSlope = (h0: number, h1: number, s0: number, s1: number) => ((2 * h0 + h1) * s0 - h0 * s1) / (h0 + h1);

/** Slopes that make the second derivative continuous (Thomas' algorithm); ends from a parabola. */
function spline(t: Float64Array, v: Float64Array, d: Float64Array, first: number, last: number): void {
  const h = (i: number) => t[i + 1] - t[i];
  const s = (i: number) => (v[i + 1] - v[i]) / h(i);
  d[first] = endSlope(h(first), h(first + 1), s(first), s(first + 1));
  d[last] = endSlope(h(last - 1), h(last - 2), s(last - 1), s(last - 2));
  const work = new Float64Array(last - first + 1);
  for (let i = first + 1; i < last; i++) {
    const pivot = 2 * (h(i - 1) + h(i)) - h(i) * work[i - 1 - first];
    work[i - first] = h(i - 1) / pivot;
    d[i] = (3 * (h(i) * s(i - 1) + h(i - 1) * s(i)) - h(i) * d[i - 1]) / pivot;
  }
  for (let i = last - 1; i > first; i--) d[i] -= work[i - first] * d[i + 1];
}

export function cubic({ t, v, d }: Curve, i: number): Cubic {
  const h = t[i + 1] - t[i];
  const s = (v[i + 1] - v[i]) / h;
  return [v[i], d[i], (3 * s - 2 * d[i] - d[i + 1]) / h, (d[i] + d[i + 1] - 2 * s) / (h * h)];
}

export const value = (c: Cubic, x: number): number => c[0] + x * (c[1] + x * (c[2] + x * c[3]));

/** Integral of a piece from 0 to x. */
export const primitive = (c: Cubic, x: number): number =>
  x * (c[0] + x * (c[1] / 2 + x * (c[2] / 3 + (x * c[3]) / 4)));

/** Where the slope of a piece is zero inside (low, high): two points in order, `high` for none. */
export function turningPoints(c: Cubic, low: number, high: number): [number, number] {
  const [a, b] = [3 * c[3], c[2]];
  const disc = b * b - a * c[1];
  if (!(disc > 0) || (b === 0 && a === 0)) return [high, high];
  const q = -(b + (b < 0 || Object.is(b, -0) ? -1 : 1) * Math.sqrt(disc));
  const p = q !== 0 ? c[1] / q : high;
  const r = a !== 0 ? q / a : high;
  const inside = [p, r].map((x) => (low < x && x < high ? x : high));
  return [Math.min(...inside), Math.max(...inside)];
}

/** Where a monotone stretch of a piece meets a level that lies between its ends. */
export function crossing(c: Cubic, low: number, high: number, level: number): number {
  const rising = value(c, high) > level;
  for (let k = 0; k < 60; k++) {
    const middle = 0.5 * (low + high);
    if (value(c, middle) > level === rising) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

/** Calls with each piece inside a span: its coefficients, and the part inside as times since its node. */
export function forPieces(
  curve: Curve,
  [start, end]: Span,
  call: (c: Cubic, low: number, high: number, node: number) => boolean | void,
): void {
  const { t } = curve;
  for (let i = 0; i < t.length - 1; i++) {
    const h = t[i + 1] - t[i];
    const [low, high] = [Math.max(start - t[i], 0), Math.min(end - t[i], h)];
    if (high <= low || (h <= JUMP && t[i + 1] >= end)) continue; // a jump at the end lies outside
    if (call(cubic(curve, i), low, high, i)) return;
  }
}

/** Calls with each monotone stretch of the pieces inside a span. */
export function forStretches(
  curve: Curve,
  span: Span,
  call: (c: Cubic, low: number, high: number, node: number) => boolean | void,
): void {
  forPieces(curve, span, (c, low, high, node) => {
    const [first, second] = turningPoints(c, low, high);
    return ([[low, first], [first, second], [second, high]] as Span[]).some(
      ([a, b]) => b > a && call(c, a, b, node),
    );
  });
}

/** The value of a curve at a time: after what happens at it, or before (`until`). */
export function valueAt(curve: Curve, time: number, until = false): number {
  const i = until ? pieceUntil(curve.t, time) : pieceFrom(curve.t, time);
  return value(cubic(curve, i), time - curve.t[i]);
}

function pieceFrom(t: Float64Array, time: number): number {
  let i = 0;
  while (i < t.length && t[i] <= time) i++;
  i = Math.min(i - 1, t.length - 2);
  while (i > 0 && t[i + 1] <= t[i]) i--;
  return Math.max(i, 0);
}

export function pieceUntil(t: Float64Array, time: number): number {
  let i = 0;
  while (i < t.length && t[i] < time) i++;
  i = Math.max(i - 1, 0);
  return i > 0 && t[i + 1] - t[i] <= JUMP && t[i + 1] >= time ? i - 1 : i;
}

/** The largest sign * v in some spans, and when. */
export function extreme(curve: Curve, spans: Span[], sign: number): [number, number] {
  let [best, when] = [-Infinity, NaN];
  for (const span of spans)
    forStretches(curve, span, (c, low, high, node) => {
      for (const x of [low, high]) {
        const y = sign * value(c, x);
        if (y > best) [best, when] = [y, curve.t[node] + x];
      }
    });
  return [best, when];
}
