/** Timed events of one trajectory: doses and what else acts at an instant; see `ldnsim.engine.events`. */

export const ADD = 1;
export const RATE = 2;
export const STATE = 6;
export const BREAK = 8;

export interface Events {
  /** h, ascending; equal times act in the order given. */
  time: Float64Array;
  kind: Uint8Array;
  index: Int32Array;
  value: Float64Array;
  /** Rows that events of the kind STATE put in place. */
  states: Float64Array[];
}

/** Collects what happens to one subject, train by train. */
export class Timeline {
  private time: number[] = [];
  private kind: number[] = [];
  private index: number[] = [];
  private value: number[] = [];
  readonly states: Float64Array[] = [];

  private add(time: number, kind: number, index: number, value: number): void {
    this.time.push(time);
    this.kind.push(kind);
    this.index.push(index);
    this.value.push(value);
  }

  bolus(time: number, state: number, amount: number): void {
    this.add(time, ADD, state, amount);
  }

  /** Feeds a state at a rate (amount/h); nothing where `end` is not later. */
  infusion(start: number, end: number, state: number, rate: number): void {
    if (!(end > start)) return;
    this.add(start, RATE, state, rate);
    this.add(end, RATE, state, -rate);
  }

  put(time: number, state: Float64Array): void {
    this.add(time, STATE, 0, this.states.push(state) - 1);
  }

  /** Adds times at which the equations jump: families of a first time and a period (h). */
  breaks(families: Float64Array, start: number, end: number): void {
    const found = new Set<number>();
    for (let k = 0; k < families.length; k += 2) {
      const [first, period] = [families[k], Math.abs(families[k + 1])];
      if (!Number.isFinite(first)) continue;
      if (!period || !Number.isFinite(period)) {
        found.add(first);
        continue;
      }
      for (let n = Math.ceil((start - first) / period); n <= Math.floor((end - first) / period); n++)
        found.add(first + n * period);
    }
    for (const time of found) if (time > start && time < end) this.add(time, BREAK, 0, 0);
  }

  events(): Events {
    const { time, kind, index, value, states } = this;
    const n = time.length;
    const found = { time: new Float64Array(n), kind: new Uint8Array(n), index: new Int32Array(n), value: new Float64Array(n), states };
    const order = inOrder(time);
    for (let j = 0; j < n; j++) {
      const k = order[j];
      found.time[j] = time[k];
      found.kind[j] = kind[k];
      found.index[j] = index[k];
      found.value[j] = value[k];
    }
    return found;
  }
}

/** The places of times in ascending order; equal ones stay as they are. */
function inOrder(time: number[]): Int32Array {
  const order = new Int32Array(time.length);
  for (let k = 0; k < time.length; k++) {
    let j = k;
    for (; j > 0 && time[order[j - 1]] > time[k]; j--) order[j] = order[j - 1];
    order[j] = k;
  }
  return order;
}
