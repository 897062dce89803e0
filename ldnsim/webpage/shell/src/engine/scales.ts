/** Absolute tolerances from the size of each state in two loose pilot runs; see `ldnsim.engine.scales`. */

import { integrate } from "./driver";
import { ADD } from "./events";
import type { LaneKernels } from "./kernels";
import { Status } from "./run";
import type { How, Run } from "./run";
import type { Precision } from "./types";

const PILOT_RTOL = 1e-2; // sizes to some hundredths, which is all that an absolute tolerance needs
const RELATIVE = { double: 1e-3, single: 0.1 }; // atol = RELATIVE * rtol * scale; what is drawn is held against its range
const NOTHING = 1e-18; // of the overall size: less is the rounding of a state that stays at 0
const SEEN = 1e-12; // of the overall size: the pilot does not resolve less

/** Largest size of each state on the nominal subject's way, 1 for a state that never leaves 0. */
export function scalesOf(kernels: LaneKernels, run: Run, how: How, end: number): Float64Array {
  const overall = overallSize(run);
  let size = new Float64Array(run.start.length).fill(overall);
  for (let round = 0; round < 2; round++) {
    const atol = size.map((s) => RELATIVE.double * PILOT_RTOL * Math.max(s, SEEN * overall));
    const pilot = { ...run, times: Float64Array.of(end), watch: null };
    pilot.peak = new Float64Array(size.length);
    integrate(kernels, [pilot], { ...how, rtol: PILOT_RTOL, atol, outputs: [], peaks: true });
    const lost = pilot.status !== Status.finished;
    if (lost) pilot.peak.set(pilot.last.map(Math.abs));
    const peaks = pilot.peak.map((p) => (lost ? Math.min(Number.isNaN(p) ? overall : p, overall) : p));
    size = peaks.map((p) => (p > NOTHING * overall && Number.isFinite(p) ? p : 1));
  }
  return size;
}

export function tolerances(scales: Float64Array, rtol: number, precision: Precision = "double"): Float64Array {
  return scales.map((s) => RELATIVE[precision] * rtol * s);
}

function overallSize({ start, events }: Run): number {
  const sizes = [
    ...start.map(Math.abs),
    ...Array.from(events.value, Math.abs).filter((_, k) => events.kind[k] === ADD),
    ...events.states.flatMap((state) => [...state.map(Math.abs)]),
  ].filter((x) => Number.isFinite(x) && x > 0);
  return sizes.length ? sizes.reduce((a, b) => Math.max(a, b)) : 1;
}
