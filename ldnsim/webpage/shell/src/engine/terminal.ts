/** The end of a curve as one exponential; see `ldnsim.readouts.terminal`. */

import { extreme, valueAt } from "./curve";
import type { Curve, Span } from "./curve";

const [RATIO, MOST, LEAST] = [1.1, 110, 3]; // of the points
const TIE = 1e-8;
const NOTHING = 1e-5; // of the highest value: below, a curve is as wrong as its solver
const EVEN = 25; // points of a line over a whole window

/** Slope of the line through log v at the last points of a window; NaN where there is none. */
export function line(curve: Curve, span: Span, level: number): number {
  const [start, length] = [span[0], span[1] - span[0]];
  const [best, when] = extreme(curve, [span], 1);
  const floor = Math.max(level, NOTHING * best);
  const [slopes, fits] = [new Float64Array(MOST).fill(NaN), new Float64Array(MOST).fill(-Infinity)];
  let n = 0;
  let [meanT, meanY, tt, ty, yy] = [0, 0, 0, 0, 0]; // of the points so far (Welford)
  for (let k = 0; k < MOST; k++) {
    const time = start + length * RATIO ** -k;
    const seen = valueAt(curve, time, true);
    if (time <= when || (seen <= floor && n > 0)) break; // what lies behind nothing says nothing of the end
    if (seen <= floor) continue;
    n++;
    const [x, y] = [time - start - meanT, Math.log(seen) - meanY];
    meanT += x / n;
    meanY += y / n;
    tt += (x * x * (n - 1)) / n;
    ty += (x * y * (n - 1)) / n;
    yy += (y * y * (n - 1)) / n;
    if (n >= LEAST && ty < 0) {
      slopes[k] = ty / tt;
      fits[k] = 1 - ((1 - (ty * ty) / (tt * yy)) * (n - 1)) / (n - 2);
    }
  }
  const top = Math.max(...fits);
  let first = -1;
  for (let k = 0; k < MOST; k++) if (Number.isFinite(slopes[k]) && fits[k] >= top - TIE) first = k;
  return first >= 0 ? slopes[first] : NaN;
}

/** Half-life of the straight line through log v over all of a window, at even times. */
export function decayHalfLife(curve: Curve, [start, end]: Span, level: number): number {
  const step = (end - start) / (EVEN - 1);
  let [slope, weight] = [0, 0];
  for (let k = 0; k < EVEN; k++) {
    const y = valueAt(curve, start + k * step, k > 0); // behind a jump at the start
    if (y <= level) return NaN;
    const x = (k - 0.5 * (EVEN - 1)) * step;
    slope += x * Math.log(y);
    weight += x * x;
  }
  return slope < 0 ? (Math.LN2 * weight) / -slope : NaN;
}
