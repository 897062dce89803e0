/**
 * Trajectories by groups of lanes that share time and step size: the control of `ldnsim.engine.lanes.driver`.
 */

import { ADD, RATE, STATE } from "./events";
import type { Events } from "./events";
import { after, isSliver, jumpEdge, landing, near, shortest } from "./instants";
import type { LaneKernels } from "./kernels";

const [CONTINUE, RESTART, RETRY] = [0, 1, 2]; // how a step begins
const [SAFETY, SHRINK, GROW] = [0.9, 0.2, 4];
const FIRST_STEP = 0.01; // the first step of all, as a share of its interval
const EARLY = 3 ** -0.2; // errors count five times before the second event
const BLIND = 12; // rejected steps in a row without a finite error before lanes are given up

export const Status = { finished: 0, tooManySteps: 1, stepUnderflow: 2, nonFinite: 3, heldUp: -1 } as const;

/** One trajectory. */
export interface Run {
  constants: Float64Array;
  start: Float64Array;
  events: Events;
  /** When it is looked at (h, ascending), in the time of its own doses (`seen`) and in that of its group, `shift` earlier. */
  times: Float64Array;
  seen: Float64Array;
  shift: number;
  /** Which of these times are nodes of readouts. */
  nodes: Float64Array;
  /** Filled, output after output; NaN from a failure on. */
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

/** Integrates trajectories, group after group; who only lacked steps for the sake of others runs alone again. */
export function integrate(kernels: LaneKernels, runs: Run[], how: How): void {
  const alone: Run[] = [];
  for (let first = 0; first < runs.length; first += kernels.width) {
    const some = runs.slice(first, first + kernels.width);
    new Group(kernels, some, how).run();
    alone.push(...some.filter((run) => run.status === Status.heldUp));
  }
  for (const run of alone) new Group(kernels, [run], how).run();
}

class Group {
  private readonly n: Float64Array;
  private readonly w: number;
  private readonly nStates: number;
  private readonly rates: number;
  private readonly error: number;
  private readonly sources: number[];
  /** Whom each lane follows, and for whom it is written down: nobody, once it stands in for a mate. */
  private readonly who: Run[] = [];
  private readonly owner: (Run | null)[] = [];
  private readonly event: number[] = [];
  private readonly output: number[] = [];
  private readonly well: boolean[] = [];
  private readonly bad: boolean[] = [];
  private t: number;
  private end = 0;
  private stop = 0;
  private hold = 0;
  private out: number;
  private readonly tLast: number;
  private y: number;
  private other: number;
  private h = 0;
  private hDue = 0;
  private hFirst = 0;
  private begin = RESTART;
  private afterEvent = false;
  private acted = -Infinity;
  private intervals = 0;
  private blind = 0;
  private tried = 0;

  constructor(private readonly k: LaneKernels, runs: Run[], private readonly how: How) {
    this.n = k.numbers;
    this.w = k.width;
    this.nStates = runs[0].start.length;
    this.rates = k.row("RATES");
    this.error = k.row("ERROR");
    this.y = k.row("Y0");
    this.other = k.row("Y1");
    this.t = this.out = how.t0;
    this.sources = Array.from(how.outputs, (o) =>
      how.outputStates[o] >= 0 ? k.point + how.outputStates[o] * this.w : k.computed + o * this.w,
    );
    k.clear();
    this.n[k.row("RTOL")] = how.rtol;
    this.n.set(how.atol, k.row("ATOL"));
    for (let lane = 0; lane < this.w; lane++) this.fill(lane, runs[Math.min(lane, runs.length - 1)], lane < runs.length);
    k.derive();
    this.tLast = Math.max(...runs.map((run) => run.times[run.times.length - 1]));
  }

  private fill(lane: number, run: Run, own: boolean): void {
    this.who.push(run);
    this.owner.push(own ? run : null);
    this.event.push(0);
    this.output.push(0);
    this.well.push(true);
    this.bad.push(false);
    if (own) {
      run.status = Status.finished;
      run.failTime = NaN;
    }
    this.setColumn(this.k.row("CONSTANTS"), lane, run.constants);
    this.setColumn(this.y, lane, run.start);
  }

  private setColumn(place: number, lane: number, values: Float64Array): void {
    for (let s = 0; s < values.length; s++) this.n[place + s * this.w + lane] = values[s];
  }

  private getColumn(place: number, lane: number, values: Float64Array): void {
    for (let s = 0; s < values.length; s++) values[s] = this.n[place + s * this.w + lane];
  }

  run(): void {
    for (;;) {
      this.seeToEvents();
      if (!this.openInterval()) break;
      if (!this.cross()) return;
      this.t = this.end;
    }
    for (let lane = 0; lane < this.w; lane++) {
      const run = this.owner[lane];
      if (!run) continue;
      run.steps = this.tried;
      this.getColumn(this.y, lane, run.last);
      if (this.how.peaks) this.getColumn(this.k.row("PEAK"), lane, run.peak);
    }
  }

  // ---- between steps --------------------------------------------------------------------------------------

  private seeToEvents(): void {
    let acted = false;
    for (let lane = 0; lane < this.w; lane++) {
      const { events } = this.who[lane];
      while (this.event[lane] < events.time.length && events.time[this.event[lane]] <= this.t) {
        this.apply(events, this.event[lane]++, lane);
        acted = true;
      }
    }
    if (acted) {
      this.begin = RESTART;
      this.afterEvent = true;
      this.h = this.hFirst;
      if (this.t - this.acted > near(this.t)) this.intervals += 1;
      this.acted = this.t;
    }
    if (this.how.peaks) this.k.peak(this.y);
  }

  private apply(events: Events, k: number, lane: number): void {
    const value = events.value[k];
    const at = events.index[k] * this.w + lane;
    if (events.kind[k] === ADD) this.n[this.y + at] += value;
    else if (events.kind[k] === RATE) {
      const rate = this.n[this.rates + at] + value;
      this.n[this.rates + at] = Math.abs(rate) <= 1e-13 * Math.abs(value) ? 0 : rate;
    } else if (events.kind[k] === STATE) this.setColumn(this.y, lane, events.states[value]);
  }

  /** Writes the outputs of this time and finds the next end of an interval; false where nothing is left to do. */
  private openInterval(): boolean {
    this.end = Infinity;
    for (let lane = 0; lane < this.w; lane++) {
      const { time } = this.who[lane].events;
      if (this.event[lane] < time.length) this.end = Math.min(this.end, time[this.event[lane]]);
    }
    this.hold = this.end - near(this.end);
    if (this.end > this.tLast + near(this.tLast)) {
      this.end = Math.max(this.t, this.tLast);
      this.hold = Infinity;
    }
    this.out = this.emit(Math.min(after(this.t), this.hold), Infinity);
    if (this.out === Infinity) return false;
    if (this.h <= 0) this.h = FIRST_STEP * (this.end - this.t);
    this.h = Math.max(this.h, 2 * shortest(this.t));
    const edge = this.how.jumps ? jumpEdge(this.t, this.end) : 0;
    if (edge) for (let k = 0; k < this.nStates * this.w; k++) this.n[this.y + k] += 2 * edge * this.n[this.rates + k];
    this.t += edge;
    this.stop = this.end - edge;
    this.hDue = this.h;
    return true;
  }

  /** Looks at what lies before `last` in the step of size h from t; an infinite h is t itself. */
  private emit(last: number, h: number): number {
    for (;;) {
      let now = Infinity;
      for (let lane = 0; lane < this.w; lane++) {
        const { times } = this.who[lane];
        if (this.output[lane] < times.length) now = Math.min(now, times[this.output[lane]]);
      }
      if (!(now < last)) return now;
      const upTo = this.how.clock ? after(now) : last;
      for (let lane = 0; lane < this.w; lane++) {
        const time = this.who[lane].times[this.output[lane]]; // undefined behind the last
        this.n[this.k.shares + lane] = time < upTo ? (time - this.t) / h : 0;
      }
      this.k.look(this.y, now);
      for (let lane = 0; lane < this.w; lane++) {
        const { times } = this.who[lane];
        const k = this.output[lane];
        if (!(times[k] < upTo)) continue;
        const values = this.owner[lane]?.values;
        if (values)
          for (let o = 0, at = k; o < this.sources.length; o++, at += times.length)
            values[at] = this.n[this.sources[o] + lane];
        this.output[lane] = k + 1;
      }
    }
  }

  // ---- steps ----------------------------------------------------------------------------------------------

  /** Takes steps to the end of an interval; false where no lane is left. */
  private cross(): boolean {
    const { k, how, stop } = this;
    const weight = this.intervals <= 1 ? EARLY : 1;
    while (this.t < stop) {
      if (this.tried >= how.maxSteps) {
        this.giveUp();
        return false;
      }
      const taken = landing(this.h, this.t, stop);
      const tooShort = this.h < shortest(this.t) && taken < stop - this.t;
      this.h = Math.min(this.h, taken);
      let larger = 0;
      if (!tooShort) {
        larger = weight * k.step(this.y, this.other, this.t, taken, this.begin);
        this.tried += 1;
      }
      if (larger >= 1 || (larger > 0 && isSliver(this.t, stop))) this.accept(larger);
      else if (!this.reject(tooShort, larger)) return false;
    }
    return true;
  }

  private accept(larger: number): void {
    const { h, stop } = this;
    const next = h >= stop - this.t ? stop : this.t + h;
    if (this.out < next) this.out = this.emit(Math.min(next, this.hold), h);
    if (this.afterEvent) {
      // A step that was cut short says little of the next interval.
      if (next < stop || (h > this.hFirst && this.hFirst > 0)) this.hFirst = h;
      this.afterEvent = false;
    }
    this.h *= Math.min(this.begin === RETRY ? 1 : GROW, Math.max(SHRINK, SAFETY * larger));
    this.t = next;
    [this.y, this.other] = [this.other, this.y];
    this.begin = CONTINUE;
    this.blind = 0;
    if (this.how.peaks) this.k.peak(this.y);
    this.hDue = this.h;
  }

  /** Makes the step smaller, or retires the lanes that no step helps; false where none is left. */
  private reject(tooShort: boolean, larger: number): boolean {
    let status: number = Status.finished;
    if (!tooShort) {
      this.blind = larger === 0 ? this.blind + 1 : 0;
      this.h *= larger > 0 ? Math.max(SHRINK, SAFETY * larger) : 0.1;
      this.begin = RETRY;
    }
    if (tooShort || this.blind >= BLIND) {
      status = this.blind === 0 ? Status.stepUnderflow : Status.nonFinite;
      this.markWorst();
    } else if (this.blind === 1 && this.hopeless()) status = Status.nonFinite;
    if (status === Status.finished) return true;
    if (!this.retire(status)) return false;
    this.begin = RESTART;
    this.blind = 0;
    this.h = Math.max(this.hDue, 2 * shortest(this.t));
    return true;
  }

  // ---- lanes that fail ------------------------------------------------------------------------------------

  private hopeless(): boolean {
    this.k.check(this.y);
    let found = false;
    for (let lane = 0; lane < this.w; lane++) {
      this.bad[lane] = Number.isNaN(this.n[this.error + lane]);
      found ||= this.bad[lane];
    }
    return found;
  }

  /** Marks the lanes that have a tenth of the group's error or more, or none that is finite. */
  private markWorst(): void {
    let worst = 0;
    for (let lane = 0; lane < this.w; lane++) {
      const error = this.n[this.error + lane];
      worst = Number.isFinite(error) ? Math.max(worst, error) : Infinity;
    }
    for (let lane = 0; lane < this.w; lane++) this.bad[lane] = !(this.n[this.error + lane] < 0.1 * worst);
  }

  private retire(status: number): boolean {
    let mate = -1;
    let found = false;
    for (let lane = 0; lane < this.w; lane++)
      if (this.well[lane]) {
        found ||= this.bad[lane];
        if (!this.bad[lane]) mate = lane;
      }
    for (let lane = 0; lane < this.w; lane++) {
      if (!this.bad[lane] && found) continue;
      if (this.well[lane]) this.noteEnd(lane, status);
      if (mate >= 0) this.copy(mate, lane);
    }
    this.k.derive();
    return mate >= 0 && found;
  }

  private giveUp(): void {
    this.markWorst();
    for (let lane = 0; lane < this.w; lane++)
      if (this.well[lane]) this.noteEnd(lane, this.bad[lane] ? Status.tooManySteps : Status.heldUp);
  }

  private noteEnd(lane: number, status: number): void {
    const run = this.owner[lane];
    this.well[lane] = false;
    this.owner[lane] = null;
    if (!run) return;
    run.status = status;
    run.failTime = this.t;
    this.getColumn(this.y, lane, run.last);
    const n = run.times.length;
    for (let o = 0; o < this.sources.length; o++) run.values.fill(NaN, o * n + this.output[lane], (o + 1) * n);
  }

  private copy(mate: number, lane: number): void {
    this.who[lane] = this.who[mate];
    this.event[lane] = this.event[mate];
    this.output[lane] = this.output[mate];
    const rows: [number, number][] = [
      [this.y, this.nStates],
      [this.rates, this.nStates],
      [this.k.row("CONSTANTS"), this.who[mate].constants.length],
    ];
    for (const [place, count] of rows)
      for (let s = 0; s < count; s++) this.n[place + s * this.w + lane] = this.n[place + s * this.w + mate];
  }
}
