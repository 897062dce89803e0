/** The times at which courses are looked at. */

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

/** Two ascending lists as one, and of which place each is: k of the first list, -1 - k of the second. */
export function joined(a: Float64Array, b: Float64Array): { times: Float64Array; places: Int32Array } {
  const times = new Float64Array(a.length + b.length);
  const places = new Int32Array(times.length);
  for (let i = 0, j = 0; i + j < times.length; ) {
    const first = j >= b.length || (i < a.length && a[i] <= b[j]);
    places[i + j] = first ? i : -1 - j;
    times[i + j] = first ? a[i++] : b[j++];
  }
  return { times, places };
}
