/** A trajectory, and how trajectories are integrated. */

import type { Events } from "./events";
import type { Sheet } from "./sheet";

export const Status = { finished: 0, tooManySteps: 1, stepUnderflow: 2, nonFinite: 3, heldUp: -1 } as const;

/** Who looks at a trajectory. */
export interface Watch {
  /** Where it is written down, and which of the runs there it is. */
  readonly sheet: Sheet;
  readonly place: number;
  /** Of each look which time of the sheet it is; < 0 for none. */
  readonly places: Int32Array;
  /** The k-th look: of output o the value stands at sources[o] + lane. */
  note(k: number, numbers: Float64Array, sources: number[], lane: number): void;
}

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
  /** What is told of each look at it; null: nobody wants to know. */
  watch: Watch | null;
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
  return { constants, start, events, times: none, watch: null, peak: none, last, ...open };
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
