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
    const order = Array.from(this.time.keys());
    const sorted = this.time.every((time, k) => k === 0 || time >= this.time[k - 1]);
    if (!sorted) order.sort((a, b) => this.time[a] - this.time[b]); // stable
    return {
      time: Float64Array.from(order, (k) => this.time[k]),
      kind: Uint8Array.from(order, (k) => this.kind[k]),
      index: Int32Array.from(order, (k) => this.index[k]),
      value: Float64Array.from(order, (k) => this.value[k]),
      states: this.states,
    };
  }
}
