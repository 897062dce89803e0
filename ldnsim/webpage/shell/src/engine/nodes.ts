/** When a run must be looked at so that readouts do not depend on the output grid; see `ldnsim.readouts.nodes`. */

import type { Span } from "./curve";

const BEFORE = 1e-6; // h: the node just before an event; with the one at the event it marks a jump
const TOGETHER = 2 * BEFORE;
const [FINEST, FINEST_SHARE] = [0.001, 1 / 16];
const GROWTH = 0.1;
const [SOON, SOON_GROWTH] = [0.2, 0.15];
const [COARSEST, COARSEST_SHARE] = [0.6, 1 / 120];

/** Times that are dense after each event and sparse later, as far as spans need them. */
export function nodesOf(events: ArrayLike<number>, spans: Span[], end: number, runEnd: number): Float64Array {
  const at = ascending(events);
  const found: number[] = [];
  let [low, k] = [0, 0];
  let [gap, first] = [true, true];
  for (;;) {
    const edge = low;
    while (k < at.length && at[k] <= Math.min(low + TOGETHER, runEnd)) low = Math.max(low, at[k++]);
    const high = k < at.length && at[k] <= runEnd ? at[k] : Infinity;
    const top = Math.min(high - BEFORE, runEnd);
    if (spans.some((span) => reads(span, edge, high))) {
      if (gap && !first) found.push(edge - BEFORE);
      const bounded = Math.min(end, top) - low;
      graded(found, low, top - low, bounded, Math.max(COARSEST, COARSEST_SHARE * bounded));
      if (low < end && end < top) found.push(end);
      found.push(top);
      gap = first = false;
    } else if (!gap) {
      found.push(low);
      gap = true;
    }
    if (high === Infinity) break;
    low = high;
  }
  const all = ascending(found);
  let n = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[n - 1]) all[n++] = all[i];
  return all.slice(0, n);
}

/** A copy in ascending order; most lists are in order as they come. */
function ascending(list: ArrayLike<number>): Float64Array {
  const all = new Float64Array(list.length);
  let sorted = true;
  for (let k = 0; k < all.length; k++) {
    all[k] = list[k];
    sorted &&= !(all[k] < all[k - 1]);
  }
  return sorted ? all : all.sort();
}

/** Whether a span touches the stretch [low, high); one that ends at `low` does not. */
function reads([start, stop]: Span, low: number, high: number): boolean {
  return start < high - 0.5 * BEFORE && (stop > low + BEFORE || start >= low - BEFORE);
}

/** Adds nodes whose spacing grows with the time since `low`, up to `coarsest` before `bounded`. */
function graded(found: number[], low: number, length: number, bounded: number, coarsest: number): void {
  const finest = Math.max(BEFORE, Math.min(FINEST, FINEST_SHARE * length));
  for (let x = 0; x < length - 0.5 * finest || x === 0; ) {
    found.push(low + x);
    const step = Math.max(finest, (x >= SOON ? GROWTH : SOON_GROWTH) * x);
    x += x < bounded ? Math.min(step, coarsest) : step;
  }
}
