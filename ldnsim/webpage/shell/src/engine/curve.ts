/**
 * A smooth curve through nodes: a cubic spline between jumps; see `ldnsim.readouts.curve`. Two nodes closer than
 * `JUMP` mark an instant at which the curve jumps or has a kink.
 */

export const JUMP = 1e-5; // h

/** Node times (h), values at the nodes, and room for slopes there and for four coefficients c of each piece. */
export interface Curve {
  t: Float64Array;
  v: Float64Array;
  d: Float64Array;
  /** Piece i is v = c0 + x (c1 + x (c2 + x c3)), x the time since its node; c0 stands at 4 i. */
  c: Float64Array;
}

export type Span = [number, number];

/** What splines through values at the same nodes share. */
export class Lattice {
  /** Of each piece its length and one by it, and of each node inside a stretch what elimination leaves (Thomas' algorithm). */
  private readonly h: Float64Array;
  private readonly inverse: Float64Array;
  private readonly pivot: Float64Array;
  private readonly above: Float64Array;
  /** First and last node of each stretch between two jumps. */
  private readonly ends: [number, number][] = [];
  private readonly slopes: Float64Array;

  constructor(private readonly t: Float64Array) {
    const n = t.length;
    const room = new Float64Array(5 * n);
    const part = (k: number) => room.subarray(k * n, (k + 1) * n);
    [this.h, this.inverse, this.pivot, this.above, this.slopes] = [part(0), part(1), part(2), part(3), part(4)];
    const { h, inverse } = this;
    for (let i = 0; i + 1 < n; i++) {
      h[i] = t[i + 1] - t[i];
      inverse[i] = 1 / h[i];
    }
    for (let first = 0, last = 0; last < n; last++) {
      if (last + 1 < n && h[last] > JUMP) continue;
      this.ends.push([first, last]);
      for (let i = first + 1; i < last; i++) {
        this.pivot[i] = 1 / (2 * (h[i - 1] + h[i]) - (i > first + 1 ? h[i] * this.above[i - 1] : 0));
        this.above[i] = h[i - 1] * this.pivot[i];
      }
      first = last + 1;
    }
  }

  /** A curve through values; `room` is a curve that nobody needs any more. */
  through(v: Float64Array, room?: Curve): Curve {
    const { t, inverse, slopes } = this;
    const fits = room !== undefined && room.d.length >= t.length;
    const d = fits ? room.d : new Float64Array(t.length);
    const c = fits ? room.c : new Float64Array(4 * t.length);
    for (let i = 0; i + 1 < t.length; i++) slopes[i] = (v[i + 1] - v[i]) * inverse[i];
    for (const [first, last] of this.ends) this.slope(d, first, last);
    for (let i = 0, k = 0; i + 1 < t.length; i++, k += 4) {
      const s = slopes[i];
      c[k] = v[i];
      c[k + 1] = d[i];
      c[k + 2] = (3 * s - 2 * d[i] - d[i + 1]) * inverse[i];
      c[k + 3] = (d[i] + d[i + 1] - 2 * s) * inverse[i] * inverse[i];
    }
    return { t, v, d, c };
  }

  /** Slopes that make the second derivative continuous; ends from a parabola. */
  private slope(d: Float64Array, first: number, last: number): void {
    const { h, slopes: s, pivot, above } = this;
    if (last === first) d[first] = 0;
    else if (last === first + 1) d[first] = d[last] = s[first];
    else {
      d[first] = endSlope(h[first], h[first + 1], s[first], s[first + 1]);
      d[last] = endSlope(h[last - 1], h[last - 2], s[last - 1], s[last - 2]);
      for (let i = first + 1; i < last; i++)
        d[i] = (3 * (h[i] * s[i - 1] + h[i - 1] * s[i]) - h[i] * d[i - 1]) * pivot[i];
      for (let i = last - 1; i > first; i--) d[i] -= above[i] * d[i + 1];
    }
  }
}

const endSlope = (h0: number, h1: number, s0: number, s1: number) => ((2 * h0 + h1) * s0 - h0 * s1) / (h0 + h1);

/** The value of piece i at x. */
export function value({ c }: Curve, i: number, x: number): number {
  const k = 4 * i;
  return c[k] + x * (c[k + 1] + x * (c[k + 2] + x * c[k + 3]));
}

/** Integral of piece i from 0 to x. */
export function primitive({ c }: Curve, i: number, x: number): number {
  const k = 4 * i;
  return x * (c[k] + x * (c[k + 1] / 2 + x * (c[k + 2] / 3 + (x * c[k + 3]) / 4)));
}

/** Where a monotone stretch of a piece meets a level that lies between its ends. */
export function crossing(curve: Curve, i: number, low: number, high: number, level: number): number {
  const rising = value(curve, i, high) > level;
  for (let k = 0; k < 60; k++) {
    const middle = 0.5 * (low + high);
    if (value(curve, i, middle) > level === rising) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

/** Parts of pieces, in order: which piece each is of, and from when to when since its node; good until others are sought. */
export class Parts {
  n = 0;
  piece = new Int32Array(0);
  low = new Float64Array(0);
  high = new Float64Array(0);

  /** Forgets all, and makes room for so many. */
  empty(most: number): void {
    this.n = 0;
    if (this.piece.length >= most) return;
    this.piece = new Int32Array(2 * most);
    this.low = new Float64Array(2 * most);
    this.high = new Float64Array(2 * most);
  }

  put(piece: number, low: number, high: number): void {
    this.piece[this.n] = piece;
    this.low[this.n] = low;
    this.high[this.n++] = high;
  }
}

const [pieces, stretches] = [new Parts(), new Parts()];

/** The parts of pieces inside a span. */
export function piecesIn({ t }: Curve, span: Span): Parts {
  const start = span[0];
  const end = span[1];
  pieces.empty(t.length);
  for (let i = Math.max(before(t, start, true) - 1, 0); i < t.length - 1 && t[i] < end; i++) {
    const h = t[i + 1] - t[i];
    const low = Math.max(start - t[i], 0);
    const high = Math.min(end - t[i], h);
    if (high <= low || (h <= JUMP && t[i + 1] >= end)) continue; // a jump at the end lies outside
    pieces.put(i, low, high);
  }
  return pieces;
}

/** The monotone parts of pieces inside a span. */
export function stretchesIn(curve: Curve, span: Span): Parts {
  const { c } = curve;
  const all = piecesIn(curve, span);
  stretches.empty(3 * all.n);
  for (let k = 0; k < all.n; k++) {
    const i = all.piece[k];
    const high = all.high[k];
    let from = all.low[k];
    const a = 3 * c[4 * i + 3]; // the slope is c1 + 2 b x + a x^2
    const b = c[4 * i + 2];
    const disc = b * b - a * c[4 * i + 1];
    if (disc > 0) {
      const q = b < 0 ? Math.sqrt(disc) - b : -(b + Math.sqrt(disc));
      const one = q !== 0 ? c[4 * i + 1] / q : high;
      const two = a !== 0 ? q / a : high;
      for (let x = Math.min(one, two), turn = 0; turn < 2; x = Math.max(one, two), turn++)
        if (from < x && x < high) {
          stretches.put(i, from, x);
          from = x;
        }
    }
    stretches.put(i, from, high);
  }
  return stretches;
}

/** The value of a curve at a time: after what happens at it, or before (`until`). */
export function valueAt(curve: Curve, time: number, until = false): number {
  const i = until ? pieceUntil(curve.t, time) : pieceFrom(curve.t, time);
  return value(curve, i, time - curve.t[i]);
}

/** How many times come before one, or with it. */
function before(t: Float64Array, time: number, equal: boolean): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] < time || (equal && t[middle] === time)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pieceFrom(t: Float64Array, time: number): number {
  let i = Math.min(before(t, time, true) - 1, t.length - 2);
  while (i > 0 && t[i + 1] <= t[i]) i--;
  return Math.max(i, 0);
}

export function pieceUntil(t: Float64Array, time: number): number {
  const i = Math.max(before(t, time, false) - 1, 0);
  return i > 0 && t[i + 1] - t[i] <= JUMP && t[i + 1] >= time ? i - 1 : i;
}

/** The largest sign * v in some spans, and when. */
export function extreme(curve: Curve, spans: Span[], sign: number): [number, number] {
  let best = -Infinity;
  let when = NaN;
  for (const span of spans) {
    const { n, piece, low, high } = stretchesIn(curve, span);
    for (let k = 0; k < n; k++)
      for (let end = 0; end < 2; end++) {
        const x = end ? high[k] : low[k];
        const y = sign * value(curve, piece[k], x);
        if (y > best) {
          best = y;
          when = curve.t[piece[k]] + x;
        }
      }
  }
  return [best, when];
}
