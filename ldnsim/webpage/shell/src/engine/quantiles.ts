/** Quantiles over draws, as NumPy's linear rule has them; what is not a number is left out. */

export const [LOW, MIDDLE, HIGH] = [0.05, 0.5, 0.95];
export type Band = [number, number, number];

/** The three quantiles of some numbers. */
export function bandOf(values: Float64Array): Band {
  return bandIn(values.slice(), 0, values.length);
}

/** The three quantiles of a stretch of numbers, whose order is not kept: they are brought to their places only. */
export function bandIn(numbers: Float64Array, from: number, to: number): Band {
  const end = from + compact(numbers, from, to);
  const last = end - 1 - from;
  if (last < 0) return [NaN, NaN, NaN];
  const [low, middle, high] = [from + LOW * last, from + MIDDLE * last, from + HIGH * last];
  const half = Math.floor(middle);
  select(numbers, from, end - 1, half);
  select(numbers, from, half, Math.floor(low));
  select(numbers, half, end - 1, Math.floor(high));
  return [at(numbers, low, half), at(numbers, middle, Math.floor(high)), at(numbers, high, last + from)];
}

/** Moves what are numbers to the front; says how many there are. */
function compact(a: Float64Array, from: number, to: number): number {
  let end = from;
  for (let i = from; i < to; i++) {
    const x = a[i];
    if (x === x) a[end++] = x;
  }
  return end - from;
}

/** The value at a place between two ranks, of which the lower one stands where it belongs; `to` does, too, or is the last. */
function at(a: Float64Array, place: number, to: number): number {
  const k = Math.floor(place);
  const rest = place - k;
  if (rest === 0) return a[k];
  let next = a[k + 1];
  for (let i = k + 2; i <= to; i++) if (a[i] < next) next = a[i];
  return a[k] + (next - a[k]) * rest;
}

/** Brings the k-th of a stretch to its place, what is smaller before it and what is larger behind (Hoare). */
function select(a: Float64Array, from: number, to: number, k: number): void {
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
