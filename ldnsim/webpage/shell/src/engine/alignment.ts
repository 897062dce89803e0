/**
 * Doses that differ between subjects by a delay alone: given to a group at one time, and looked at earlier; see
 * `ldnsim.simulation.alignment`.
 */

import type { Run } from "./run";
import { near } from "./instants";
import type { Kernels } from "./kernels";

const AT_REST = 1e-12; // of a state: it may move so far while its first dose waits
const CLOCK = [1.234, 9.87, 17.77, 163.1]; // h: what is the same at these does not depend on time

/** Whether a subject stays as it is without a dose, while neither rates nor outputs read the clock. */
export function waits(kernels: Kernels, { start, constants }: Run, outputs: ArrayLike<number>): boolean {
  if (kernels.facts.n_breaks) return false;
  const rates = kernels.rates(0, start, constants);
  for (let s = 0; s < rates.length; s++) if (!(Math.abs(rates[s]) <= AT_REST * Math.abs(start[s]))) return false;
  return !readsClock(kernels, start, constants, outputs);
}

export function readsClock(
  kernels: Kernels,
  start: Float64Array,
  constants: Float64Array,
  outputs: ArrayLike<number>,
): boolean {
  const away = start.slice();
  for (let s = 0; s < away.length; s++)
    away[s] = start[s] * (0.7 + (0.9 * s) / Math.max(1, start.length - 1)) + (start[s] === 0 ? 0.1 : 0);
  const rates = kernels.rates(CLOCK[0], away, constants);
  const seen = kernels.observe(CLOCK[0], away, constants);
  for (let j = 1; j < CLOCK.length; j++) {
    const now = kernels.rates(CLOCK[j], away, constants);
    for (let s = 0; s < now.length; s++) if (moved(now[s], rates[s])) return true;
    const shown = kernels.observe(CLOCK[j], away, constants);
    for (let k = 0; k < outputs.length; k++) if (moved(shown[outputs[k]], seen[outputs[k]])) return true;
  }
  return false;
}

const moved = (x: number, y: number) => !(x === y || (Number.isNaN(x) && Number.isNaN(y)));

/** Lets a group share the doses of its first, and looks at each so much earlier, where nothing else differs. */
export function align(runs: Run[], waiting: (run: Run) => boolean): void {
  if (runs.some(({ events }) => !events.time.length || events.states.length)) return;
  const lead = runs.reduce((a, b) => (b.events.time[0] < a.events.time[0] ? b : a));
  const shifts = runs.map((run) => run.events.time[0] - lead.events.time[0]);
  if (!(lead.events.time[0] > near(0)) || !shifts.some((shift) => shift !== 0)) return;
  if (!runs.every((run, k) => alike(run, lead, shifts[k])) || !runs.every(waiting)) return;
  runs.forEach((run, k) => {
    run.events = lead.events;
    run.shift = shifts[k];
    run.times = earlier(run.times, run);
    run.again = Math.max(run.again - run.shift, 0);
  });
}

/** Times of a run's own doses in the time of its group. */
export function earlier(times: Float64Array, { shift }: Run): Float64Array {
  if (shift === 0) return times;
  const found = new Float64Array(times.length);
  for (let k = 0; k < times.length; k++) found[k] = Math.max(times[k] - shift, 0);
  return found;
}

function alike({ events }: Run, { events: lead }: Run, shift: number): boolean {
  if (events.time.length !== lead.time.length) return false;
  for (let k = 0; k < events.time.length; k++) {
    const t = events.time[k];
    if (!(Math.abs(t - shift - lead.time[k]) <= near(t))) return false;
    if (events.kind[k] !== lead.kind[k] || events.index[k] !== lead.index[k] || events.value[k] !== lead.value[k]) return false;
  }
  return true;
}
