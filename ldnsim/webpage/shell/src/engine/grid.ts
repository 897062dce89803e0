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
