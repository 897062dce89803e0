/** When two times are one instant, and where steps land; see `ldnsim.engine.instants` and `.control`. */

const EPSILON = 2 ** -52;

/** How far apart two times may be and still are one instant (h). */
export const near = (t: number): number => 2 ** -40 * Math.max(1, Math.abs(t));

/** Shortest step from t that time can tell (h). */
export const shortest = (t: number): number => Math.max(4 * EPSILON * Math.abs(t), 1e-300);

/** Whether an interval is so short that no step control has a say. */
export const isSliver = (t: number, end: number): boolean => end - t <= 16 * EPSILON * Math.abs(end);

/** How much later than t and earlier than `end` the steps between two jumps of the equations lie (h). */
export function jumpEdge(t: number, end: number): number {
  const edge = 8 * EPSILON * Math.max(Math.abs(t), Math.abs(end));
  return end - t > 4 * edge ? edge : 0;
}

/** Fits a step to the rest of an interval: reach its end, or halve it rather than leave a sliver. */
export function landing(h: number, t: number, end: number): number {
  const rest = end - t;
  if (h >= rest * (1 - 1e-12) || rest <= 2 * shortest(t)) return rest;
  return t + (2 * h > rest ? 0.5 * rest : h) - t;
}

const bits = new BigInt64Array(1);
const number = new Float64Array(bits.buffer); // the same eight bytes

/** The next larger double of a time >= 0. */
export function after(t: number): number {
  if (!Number.isFinite(t)) return t;
  if (t === 0) return Number.MIN_VALUE;
  number[0] = t;
  bits[0] += t > 0 ? 1n : -1n;
  return number[0];
}
