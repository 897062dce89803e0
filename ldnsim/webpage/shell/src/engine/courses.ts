/** Courses of runs in memory, and the times at which they are looked at. */

/** Courses of several runs: output after output, time after time, run beside run; NaN where there is none. */
export class Courses {
  readonly numbers: Float64Array;

  constructor(outputs: number, readonly times: number, readonly runs: number) {
    this.numbers = new Float64Array(outputs * times * runs).fill(NaN);
  }

  /** Where the runs of an output at a time begin. */
  row(output: number, k: number): number {
    return (output * this.times + k) * this.runs;
  }
}

/** Output times: every `dt` hours to the end, or as they are given. */
export function gridOf(dt: number | number[], end: number): Float64Array {
  if (Array.isArray(dt)) {
    const times = Float64Array.from(dt);
    if (!times.length || times.some((t, k) => !(t >= 0 && t <= end + 1e-9) || (k > 0 && t <= times[k - 1])))
      throw new Error(`dt: times must ascend from 0 h to ${end} h`);
    return times;
  }
  if (!(dt > 0)) throw new Error(`dt=${dt}: must be > 0 h`);
  return Float64Array.from({ length: Math.floor(end / dt + 1e-9) + 1 }, (_, k) => k * dt);
}

/** Where each time of an ascending list stands in another one that holds them all. */
export function placesOf(times: Float64Array, among: Float64Array): Int32Array {
  const places = new Int32Array(times.length);
  for (let k = 0, place = 0; k < times.length; k++) {
    while (among[place] < times[k]) place++;
    places[k] = place;
  }
  return places;
}

/** Two ascending lists as one. */
export function joined(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  for (let i = 0, j = 0; i + j < all.length; )
    all[i + j] = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
  return all;
}

/** Courses of an output, run after run. */
export function byRun({ numbers, times, runs }: Courses, output: number): Float64Array {
  const all = new Float64Array(times * runs);
  for (let k = 0; k < times; k++)
    for (let i = 0; i < runs; i++) all[i * times + k] = numbers[(output * times + k) * runs + i];
  return all;
}
