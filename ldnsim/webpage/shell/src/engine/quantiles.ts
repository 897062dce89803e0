/** Quantiles over draws, as NumPy's linear rule has them; what is not a number is left out. */

export const [LOW, MIDDLE, HIGH] = [0.05, 0.5, 0.95];

/** The three quantiles of the first n entries, which are reordered. */
export function bandOf(values: Float64Array, n: number): [number, number, number] {
  let finite = 0;
  for (let k = 0; k < n; k++) if (!Number.isNaN(values[k])) values[finite++] = values[k];
  if (!finite) return [NaN, NaN, NaN];
  const middle = quantile(values, 0, finite - 1, MIDDLE * (finite - 1));
  const split = Math.floor(MIDDLE * (finite - 1));
  return [
    quantile(values, 0, split, LOW * (finite - 1)),
    middle,
    quantile(values, split, finite - 1, HIGH * (finite - 1)),
  ];
}

/** The value at a place, a whole number or between two, of the sorted entries; those of [low, high] hold it. */
function quantile(values: Float64Array, low: number, high: number, place: number): number {
  const k = Math.floor(place);
  select(values, low, high, k);
  const share = place - k;
  if (share === 0 || k >= values.length - 1) return values[k];
  let next = Infinity;
  for (let i = k + 1; i <= high; i++) if (values[i] < next) next = values[i];
  if (next === Infinity && k + 1 < values.length && k === high) next = values[k + 1];
  return next === Infinity ? values[k] : values[k] + (next - values[k]) * share;
}

/** Brings the k-th smallest of [low, high] to its place, smaller ones before it (Hoare's selection). */
function select(values: Float64Array, low: number, high: number, k: number): void {
  while (high > low) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const x = values[i];
        values[i++] = values[j];
        values[j--] = x;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}
