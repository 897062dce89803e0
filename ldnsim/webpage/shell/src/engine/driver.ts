/**
 * Trajectories by groups of lanes that share time and step size: the control of `ldnsim.engine.lanes.driver`, but for
 * first steps that are kept by what is given.
 */

import { after, isSliver, jumpEdge, landing, near, shortest } from "./instants";
import type { LaneKernels } from "./kernels";
import { Lanes } from "./lanes";
import type { Kept } from "./lanes";
import { Status } from "./run";
import type { How, Run } from "./run";

const [CONTINUE, RESTART, RETRY] = [0, 1, 2]; // how a step begins
const [SAFETY, SHRINK, GROW] = [0.9, 0.2, 4];
const FIRST_STEP = 0.01; // the first step of all, as a share of its interval
const AGAIN = 0.5; // of what the error of a first step allows: with so much the next event of its kind begins
const SECOND = 2; // the growth after it, which says little of what comes on later
const EARLY = 3 ** -0.2; // errors count five times before the second event
const BLIND = 12; // rejected steps in a row without a finite error before lanes are given up

/**
 * Integrates trajectories, group after group; who only lacked steps for the sake of others runs alone again.
 * The groups that come back can be looked at once more, from the time on that their runs name.
 */
export function integrate(kernels: LaneKernels, runs: Run[], how: How): Group[] {
  const groups: Group[] = [];
  const run = (some: Run[]) => {
    const group = new Group(kernels, some, how);
    group.run();
    groups.push(group);
  };
  for (let first = 0; first < runs.length; first += kernels.width) {
    const some = runs.slice(first, first + kernels.width);
    run(some);
    for (const one of some) if (one.status === Status.heldUp) run([one]);
  }
  return groups;
}

/** Where a group stands between two steps. */
interface Stand {
  t: number;
  h: number;
  hDue: number;
  hFirst: number;
  fed: number;
  firsts: Map<number, number>;
  begin: number;
  afterEvent: boolean;
  acted: number;
  intervals: number;
  blind: number;
  tried: number;
}

export class Group {
  private readonly lanes: Lanes;
  private readonly tLast: number;
  private readonly mark: number;
  private marked: { stand: Stand; kept: Kept } | null = null;
  private t: number;
  private end = 0;
  private stop = 0;
  private hold = 0;
  private out: number;
  private h = 0;
  private hDue = 0;
  private hFirst = 0;
  /** The state that the last event fed, and the first steps after those of each: drugs differ in how fast they come on. */
  private fed = -1;
  private firsts = new Map<number, number>();
  private begin = RESTART;
  private afterEvent = false;
  private acted = -Infinity;
  private intervals = 0;
  private blind = 0;
  private tried = 0;

  constructor(private readonly k: LaneKernels, runs: Run[], private readonly how: How) {
    this.lanes = new Lanes(k, runs, how);
    this.t = this.out = how.t0;
    this.tLast = Math.max(...runs.map((run) => run.times[run.times.length - 1]));
    this.mark = Math.min(...runs.map((run) => run.again));
  }

  run(): void {
    if (this.goOn()) this.lanes.finish(this.tried);
  }

  /** Takes the same steps again from the interval on that holds the mark, for other times and values of the runs. */
  again(): void {
    const { marked } = this;
    if (!marked) return;
    Object.assign(this, marked.stand, { firsts: new Map(marked.stand.firsts) });
    this.lanes.back(marked.kept);
    this.goOn();
  }

  /** Takes no steps again. */
  close(): void {
    if (this.marked) this.k.release(this.marked.kept.block);
    this.marked = null;
  }

  /** Takes steps until all was seen; false where no lane is left before. */
  private goOn(): boolean {
    for (;;) {
      this.seeToEvents();
      if (!this.openInterval()) return true;
      if (!this.cross()) return false;
      this.t = this.end;
    }
  }

  private stand(): Stand {
    const { t, h, hDue, hFirst, fed, begin, afterEvent, acted, intervals, blind, tried } = this;
    return { t, h, hDue, hFirst, fed, firsts: new Map(this.firsts), begin, afterEvent, acted, intervals, blind, tried };
  }

  // ---- between steps --------------------------------------------------------------------------------------

  private seeToEvents(): void {
    const fed = this.lanes.act(this.t);
    if (fed >= 0) {
      this.begin = RESTART;
      this.afterEvent = true;
      this.fed = fed;
      this.h = this.hFirst = this.firsts.get(fed) ?? this.hFirst;
      if (this.t - this.acted > near(this.t)) this.intervals += 1;
      this.acted = this.t;
    }
    if (this.how.peaks) this.k.peak(this.lanes.y);
  }

  /** Writes the outputs of this time and finds the next end of an interval; false where nothing is left to do. */
  private openInterval(): boolean {
    this.end = this.lanes.nextEvent();
    this.hold = this.end - near(this.end);
    if (this.end > this.tLast + near(this.tLast)) {
      this.end = Math.max(this.t, this.tLast);
      this.hold = Infinity;
    }
    if (!this.marked && this.end >= this.mark) this.marked = { stand: this.stand(), kept: this.lanes.kept() };
    this.out = this.lanes.emit(this.t, Math.min(after(this.t), this.hold), Infinity);
    if (this.out === Infinity) return false;
    if (this.h <= 0) this.h = FIRST_STEP * (this.end - this.t);
    this.h = Math.max(this.h, 2 * shortest(this.t));
    const edge = this.how.jumps ? jumpEdge(this.t, this.end) : 0;
    if (edge) this.lanes.cross(edge);
    this.t += edge;
    this.stop = this.end - edge;
    this.hDue = this.h;
    return true;
  }

  // ---- steps ----------------------------------------------------------------------------------------------

  /** Takes steps to the end of an interval; false where no lane is left. */
  private cross(): boolean {
    const { k, how, stop, lanes } = this;
    const weight = this.intervals <= 1 ? EARLY : 1;
    while (this.t < stop) {
      if (this.tried >= how.maxSteps) {
        lanes.giveUp(this.t);
        return false;
      }
      const taken = landing(this.h, this.t, stop);
      const tooShort = this.h < shortest(this.t) && taken < stop - this.t;
      this.h = Math.min(this.h, taken);
      let larger = 0;
      if (!tooShort) {
        larger = weight * k.step(lanes.y, lanes.other, this.t, taken, this.begin);
        this.tried += 1;
      }
      if (larger >= 1 || (larger > 0 && isSliver(this.t, stop))) this.accept(larger);
      else if (!this.reject(tooShort, larger)) return false;
    }
    return true;
  }

  private accept(larger: number): void {
    const { h, stop, lanes } = this;
    const next = h >= stop - this.t ? stop : this.t + h;
    if (this.out < next) this.out = lanes.emit(this.t, Math.min(next, this.hold), h);
    let grow = this.begin === RETRY ? 1 : GROW;
    if (this.afterEvent) {
      const first = h * Math.min(GROW, Math.max(1, AGAIN * larger));
      // A step that was cut short says little of the next interval.
      if (next < stop || first > this.hFirst) {
        this.hFirst = first;
        this.firsts.set(this.fed, first);
      }
      grow = Math.min(grow, SECOND);
      this.afterEvent = false;
    }
    this.h *= Math.min(grow, Math.max(SHRINK, SAFETY * larger));
    this.t = next;
    lanes.swap();
    this.begin = CONTINUE;
    this.blind = 0;
    if (this.how.peaks) this.k.peak(lanes.y);
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
      this.lanes.markWorst();
    } else if (this.blind === 1 && this.lanes.hopeless()) status = Status.nonFinite;
    if (status === Status.finished) return true;
    if (!this.lanes.retire(this.t, status)) return false;
    this.begin = RESTART;
    this.blind = 0;
    this.h = Math.max(this.hDue, 2 * shortest(this.t));
    return true;
  }
}
