/** Quantiles over draws, as NumPy's linear rule has them; what is not a number is left out. */

export const [LOW, MIDDLE, HIGH] = [0.05, 0.5, 0.95];
export type Band = [number, number, number];

/** The three quantiles of some numbers. */
export function bandOf(values: Float64Array): Band {
  const sorted = values.filter((x) => !Number.isNaN(x)).sort();
  return quantiles(sorted, sorted.length);
}

/** Quantiles of one list after another, each nearly in the order of the one before: draws seldom overtake each other. */
export class Ranking {
  private readonly order: Int32Array;
  private readonly sorted: Float64Array;

  constructor(private readonly n: number) {
    this.order = Int32Array.from({ length: n }, (_, i) => i);
    this.sorted = new Float64Array(n);
  }

  /** The three quantiles of the n numbers from a place on. */
  band(numbers: Float64Array, from: number): Band {
    const { n, order, sorted } = this;
    let missing = 0;
    for (let i = 0; i < n; i++) {
      const who = order[i];
      let x = numbers[from + who];
      if (Number.isNaN(x)) {
        missing++;
        x = Infinity; // behind all others
      }
      let k = i;
      for (; k > 0 && sorted[k - 1] > x; k--) {
        sorted[k] = sorted[k - 1];
        order[k] = order[k - 1];
      }
      sorted[k] = x;
      order[k] = who;
    }
    return quantiles(sorted, n - missing);
  }
}

function quantiles(sorted: Float64Array, n: number): Band {
  const at = (share: number) => {
    const place = share * (n - 1);
    const k = Math.floor(place);
    const rest = place - k;
    return rest === 0 || k + 1 >= n ? sorted[k] : sorted[k] + (sorted[k + 1] - sorted[k]) * rest;
  };
  return n > 0 ? [at(LOW), at(MIDDLE), at(HIGH)] : [NaN, NaN, NaN];
}
