/** Quantiles over draws, as NumPy's linear rule has them; what is not a number is left out. */

import type { Curve, Numbers } from "./types";

export const [LOW, MIDDLE, HIGH] = [0.05, 0.5, 0.95];
export type Band = [number, number, number];

const BINS = 128; // a bin then holds few of some hundred draws
const counts = new Int32Array(BINS);
let bins = new Uint8Array(256);
let some = new Float64Array(256);

/** Rows of numbers, one a time, with a number for each draw: so many are there of a row's `width`. */
export interface Rows {
  numbers: Numbers;
  width: number;
  count: number;
  /** The first row of which all three quantiles are wanted; of those before it the median is. */
  drawn: number;
}

/** The curve through the quantiles of rows. */
export function curveOf({ numbers, width, count, drawn }: Rows): Curve {
  const n = Math.floor(numbers.length / width);
  const curve = { middle: new Float64Array(n), low: new Float64Array(n).fill(NaN), high: new Float64Array(n).fill(NaN) };
  for (let k = 0, from = 0; k < n; k++, from += width) {
    if (k < drawn) curve.middle[k] = middleIn(numbers, from, from + count);
    else [curve.low[k], curve.middle[k], curve.high[k]] = bandIn(numbers, from, from + count);
  }
  return curve;
}

/** The three quantiles of some numbers. */
export function bandOf(values: Float64Array): Band {
  return bandIn(values, 0, values.length);
}

/** The three quantiles of a stretch of numbers. */
export function bandIn(numbers: Numbers, from: number, to: number): Band {
  const end = counted(numbers, from, to);
  if (end < 0) return bandOf(present(numbers, from, to));
  const last = end - 1 - from;
  if (last < 0) return [NaN, NaN, NaN];
  return [at(numbers, from, end, LOW * last), at(numbers, from, end, MIDDLE * last), at(numbers, from, end, HIGH * last)];
}

/** The median alone. */
export function middleIn(numbers: Numbers, from: number, to: number): number {
  const end = counted(numbers, from, to);
  if (end < 0) return bandIn(numbers, from, to)[1];
  return end > from ? at(numbers, from, end, MIDDLE * (end - 1 - from)) : NaN;
}

/** What is there of a stretch. */
const present = (a: Numbers, from: number, to: number) => Float64Array.from(a.subarray(from, to)).filter((x) => x === x);

/** Counts the numbers of each bin between the smallest and the largest; says where they end, -1 where some are missing. */
function counted(a: Numbers, from: number, to: number): number {
  let low = a[from];
  let high = low;
  for (let i = from; i < to; i++) {
    const x = a[i];
    if (x < low) low = x;
    else if (x > high) high = x;
    else if (x !== x) return -1;
  }
  if (bins.length < to - from) [bins, some] = [new Uint8Array(2 * (to - from)), new Float64Array(2 * (to - from))];
  const scale = (BINS * (1 - 1e-12)) / (high - low);
  counts.fill(0);
  for (let i = from; i < to; i++) {
    const bin = ((a[i] - low) * scale) | 0; // 0 for what cannot be told apart so
    bins[i - from] = bin;
    counts[bin]++;
  }
  return to;
}

/** The value at a place between two ranks. */
function at(a: Numbers, from: number, end: number, place: number): number {
  const k = Math.floor(place);
  let bin = 0;
  let before = 0;
  while (before + counts[bin] <= k) before += counts[bin++];
  let n = 0;
  for (let i = from; i < end; i++) if (bins[i - from] === bin) some[n++] = a[i];
  select(some, 0, n - 1, k - before);
  const found = some[k - before];
  if (place === k) return found;
  const next = k + 1 < before + n ? least(some, k + 1 - before, n) : firstAfter(a, from, end, bin);
  return found + (next - found) * (place - k);
}

function least(a: Numbers, from: number, end: number): number {
  let x = a[from];
  for (let i = from + 1; i < end; i++) if (a[i] < x) x = a[i];
  return x;
}

/** The smallest number of the next bin that holds any. */
function firstAfter(a: Numbers, from: number, end: number, bin: number): number {
  let next = bin + 1;
  while (!counts[next]) next++;
  let x = Infinity;
  for (let i = from; i < end; i++) if (bins[i - from] === next && a[i] < x) x = a[i];
  return x;
}

/** Brings the k-th of a stretch to its place, what is smaller before it and what is larger behind (Hoare). */
function select(a: Numbers, from: number, to: number, k: number): void {
  let low = from;
  let high = to;
  while (low < high) {
    const pivot = a[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i > j) break;
      const x = a[i];
      a[i++] = a[j];
      a[j--] = x;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}
