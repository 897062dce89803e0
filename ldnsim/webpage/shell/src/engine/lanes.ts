/** Who rides in the lanes of a group: their columns in the work block, what happens to them, and what is seen of them. */

import { ADD, RATE, STATE } from "./events";
import type { Events } from "./events";
import { after } from "./instants";
import type { LaneKernels } from "./kernels";
import { Status } from "./run";
import type { How, Run } from "./run";

/** All that lanes are at a moment, so that they can go on from it again. */
export interface Kept {
  block: Float64Array;
  who: Run[];
  owner: (Run | null)[];
  event: number[];
  well: boolean[];
  y: number;
  other: number;
}

export class Lanes {
  readonly w: number;
  private readonly n: Float64Array;
  private readonly nStates: number;
  private readonly rates: number;
  private readonly error: number;
  private readonly sources: number[];
  /** Whom each lane follows, and for whom it is written down: nobody, once it stands in for a mate. */
  private who: Run[] = [];
  private owner: (Run | null)[] = [];
  private event: number[] = [];
  private output: number[] = [];
  /** When each lane is looked at next; Infinity: never. */
  private readonly due: Float64Array;
  private well: boolean[] = [];
  private readonly bad: boolean[];
  /** Where the states stand, and where those of the next time are put. */
  y: number;
  other: number;

  constructor(private readonly k: LaneKernels, runs: Run[], private readonly how: How) {
    this.n = k.numbers;
    this.w = k.width;
    this.nStates = runs[0].start.length;
    this.rates = k.row("RATES");
    this.error = k.row("ERROR");
    this.y = k.row("Y0");
    this.other = k.row("Y1");
    this.bad = new Array<boolean>(this.w).fill(false);
    this.due = new Float64Array(this.w);
    this.sources = Array.from(how.outputs, (o) =>
      how.outputStates[o] >= 0 ? k.point + how.outputStates[o] * this.w : k.computed + o * this.w,
    );
    k.clear();
    this.n[k.row("RTOL")] = how.rtol;
    this.n.set(how.atol, k.row("ATOL"));
    for (let lane = 0; lane < this.w; lane++) this.fill(lane, runs[Math.min(lane, runs.length - 1)], lane < runs.length);
    k.derive();
  }

  private fill(lane: number, run: Run, own: boolean): void {
    this.who.push(run);
    this.owner.push(own ? run : null);
    this.event.push(0);
    this.output.push(0);
    this.due[lane] = run.times[0] ?? Infinity;
    this.well.push(true);
    if (own) {
      if (run.watch) run.watch.sheet.sources = this.sources;
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

  swap(): void {
    [this.y, this.other] = [this.other, this.y];
  }

  kept(): Kept {
    const { y, other } = this;
    const lists = { who: this.who.slice(), owner: this.owner.slice(), event: this.event.slice(), well: this.well.slice() };
    return { block: this.k.block(), ...lists, y, other };
  }

  /** Goes back to a moment; what is looked at from there on begins anew. */
  back({ block, who, owner, event, well, y, other }: Kept): void {
    this.k.restore(block);
    Object.assign(this, { who: who.slice(), owner: owner.slice(), event: event.slice(), well: well.slice(), y, other });
    this.output.fill(0);
    for (let lane = 0; lane < this.w; lane++) this.due[lane] = this.who[lane].times[0] ?? Infinity;
  }

  // ---- events ---------------------------------------------------------------------------------------------

  /** When the next of all events happens. */
  nextEvent(): number {
    let next = Infinity;
    for (let lane = 0; lane < this.w; lane++) {
      const { time } = this.who[lane].events;
      if (this.event[lane] < time.length) next = Math.min(next, time[this.event[lane]]);
    }
    return next;
  }

  /** Lets happen what is due; says which state was fed last, -1 where nothing is due. */
  act(t: number): number {
    let fed = -1;
    for (let lane = 0; lane < this.w; lane++) {
      const { events } = this.who[lane];
      while (this.event[lane] < events.time.length && events.time[this.event[lane]] <= t) {
        fed = events.index[this.event[lane]];
        this.apply(events, this.event[lane]++, lane);
      }
    }
    return fed;
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

  /** Moves the states along the rates of infusions by the edge of a jump on both its sides. */
  cross(edge: number): void {
    for (let k = 0; k < this.nStates * this.w; k++) this.n[this.y + k] += 2 * edge * this.n[this.rates + k];
  }

  // ---- what is seen ---------------------------------------------------------------------------------------

  /** Looks at what lies before `last` in the step of size h from t, and says when there is more; an infinite h is t itself. */
  emit(t: number, last: number, h: number): number {
    const { due, n, w } = this;
    const { shares } = this.k;
    for (;;) {
      let now = Infinity;
      for (let lane = 0; lane < w; lane++) if (due[lane] < now) now = due[lane];
      if (!(now < last)) return now;
      const upTo = this.how.clock ? after(now) : last;
      for (let lane = 0; lane < w; lane++) n[shares + lane] = due[lane] < upTo ? (due[lane] - t) / h : 0;
      this.k.look(this.y, now);
      if (!this.noteAll(upTo)) for (let lane = 0; lane < w; lane++) if (due[lane] < upTo) this.note(lane);
    }
  }

  /** Writes down what was seen of all lanes, where they stand beside each other on a sheet; false where they do not. */
  private noteAll(upTo: number): boolean {
    const { due, w } = this;
    const first = this.owner[0]?.watch;
    if (first?.sheet.n !== w) return false;
    const time = first.places[this.output[0]];
    if (!(time >= 0)) return false;
    for (let lane = 0; lane < w; lane++) {
      const watch = this.owner[lane]?.watch;
      if (watch?.place !== lane || !(due[lane] < upTo) || watch.places[this.output[lane]] !== time) return false;
    }
    first.sheet.noteAll(time, this.n);
    for (let lane = 0; lane < w; lane++) this.goOn(lane);
    return true;
  }

  /** Writes down what was seen of a lane. */
  private note(lane: number): void {
    this.owner[lane]?.watch?.note(this.output[lane], this.n, this.sources, lane);
    this.goOn(lane);
  }

  /** Lets a lane be looked at next when it wants to. */
  private goOn(lane: number): void {
    const { times } = this.who[lane];
    const k = ++this.output[lane];
    this.due[lane] = k < times.length ? times[k] : Infinity;
  }

  /** Lets each run know where it came to. */
  finish(steps: number): void {
    for (let lane = 0; lane < this.w; lane++) {
      const run = this.owner[lane];
      if (!run) continue;
      run.steps = steps;
      this.getColumn(this.y, lane, run.last);
      if (this.how.peaks) this.getColumn(this.k.row("PEAK"), lane, run.peak);
    }
  }

  // ---- lanes that fail ------------------------------------------------------------------------------------

  /** Whether there are lanes that no step helps; they are marked. If not, errors still tell which were not finite. */
  hopeless(): boolean {
    const { n, error, bad, w } = this;
    for (let lane = 0; lane < w; lane++) bad[lane] = !Number.isFinite(n[error + lane]);
    this.k.check(this.y);
    const lost = bad.map((_, lane) => Number.isNaN(n[error + lane]));
    const found = lost.includes(true);
    for (let lane = 0; lane < w; lane++)
      if (found) bad[lane] = lost[lane];
      else n[error + lane] = bad[lane] ? Infinity : 0;
    return found;
  }

  /** Marks the lanes that have a tenth of the group's error or more, or none that is finite. */
  markWorst(): void {
    let worst = 0;
    for (let lane = 0; lane < this.w; lane++) {
      const error = this.n[this.error + lane];
      worst = Number.isFinite(error) ? Math.max(worst, error) : Infinity;
    }
    for (let lane = 0; lane < this.w; lane++) this.bad[lane] = !(this.n[this.error + lane] < 0.1 * worst);
  }

  /** Lets mates take the place of marked lanes; false where none is left. */
  retire(t: number, status: number): boolean {
    let mate = -1;
    let found = false;
    for (let lane = 0; lane < this.w; lane++)
      if (this.well[lane]) {
        found ||= this.bad[lane];
        if (!this.bad[lane]) mate = lane;
      }
    for (let lane = 0; lane < this.w; lane++) {
      if (!this.bad[lane] && found) continue;
      if (this.well[lane]) this.noteEnd(lane, t, status);
      if (mate >= 0) this.copy(mate, lane);
    }
    this.k.derive();
    return mate >= 0 && found;
  }

  /** Ends all: the marked lanes took too many steps, the others were held up by them. */
  giveUp(t: number): void {
    this.markWorst();
    for (let lane = 0; lane < this.w; lane++)
      if (this.well[lane]) this.noteEnd(lane, t, this.bad[lane] ? Status.tooManySteps : Status.heldUp);
  }

  private noteEnd(lane: number, t: number, status: number): void {
    const run = this.owner[lane];
    this.well[lane] = false;
    this.owner[lane] = null;
    if (!run) return;
    run.status = status;
    run.failTime = t;
    this.getColumn(this.y, lane, run.last);
  }

  private copy(mate: number, lane: number): void {
    this.who[lane] = this.who[mate];
    this.event[lane] = this.event[mate];
    this.output[lane] = this.output[mate];
    this.due[lane] = this.due[mate];
    const rows: [number, number][] = [
      [this.y, this.nStates],
      [this.rates, this.nStates],
      [this.k.row("CONSTANTS"), this.who[mate].constants.length],
    ];
    for (const [place, count] of rows)
      for (let s = 0; s < count; s++) this.n[place + s * this.w + lane] = this.n[place + s * this.w + mate];
  }
}
