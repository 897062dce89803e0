/** A trajectory, and how trajectories are integrated. */

import type { Events } from "./events";

export const Status = { finished: 0, tooManySteps: 1, stepUnderflow: 2, nonFinite: 3, heldUp: -1 } as const;

/** One trajectory. */
export interface Run {
  constants: Float64Array;
  start: Float64Array;
  events: Events;
  /** When it is looked at (h, ascending), in the time of its group. */
  times: Float64Array;
  /** How much earlier the time of its group is than that of its own doses (h). */
  shift: number;
  /** From when on it may be looked at once more (h, in the time of its group); Infinity: never. */
  again: number;
  /** Filled, time after time, output beside output; NaN from a failure on. */
  values: Float64Array;
  /** Filled: the state at the last time, or the last one reached. */
  last: Float64Array;
  /** Filled, where peaks are wanted: the largest size of each state. */
  peak: Float64Array;
  status: number;
  failTime: number;
  /** Filled: steps that its group tried. */
  steps: number;
}

/** A trajectory that nothing was seen of yet. */
export function runOf(constants: Float64Array, start: Float64Array, events: Events): Run {
  const none = new Float64Array(0);
  const last = new Float64Array(start.length);
  const open = { status: Status.finished, failTime: NaN, steps: 0, shift: 0, again: Infinity };
  return { constants, start, events, times: none, values: none, peak: none, last, ...open };
}

export interface How {
  rtol: number;
  atol: Float64Array;
  /** Outputs that are looked at, and which state each output of the model is (-1: none). */
  outputs: ArrayLike<number>;
  outputStates: ArrayLike<number>;
  t0: number;
  maxSteps: number;
  /** Whether outputs read the clock, so that lanes must be looked at at one time. */
  clock: boolean;
  /** Whether the equations jump at some times. */
  jumps: boolean;
  peaks: boolean;
}
