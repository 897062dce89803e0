/** One request from choices to curves and headlines: the nominal subject first, then the draws, group by group. */

import { align, earlier, readsClock, waits } from "./alignment";
import type { Data } from "./data";
import { FORM } from "./data";
import { Courses, byRun, gridOf, joined, placesOf } from "./courses";
import { gradesOf } from "./deciding";
import { integrate, Status } from "./driver";
import type { How, Run } from "./driver";
import { Follower } from "./following";
import { Kernels } from "./kernels";
import type { LaneKernels } from "./kernels";
import { Lowering } from "./lowering";
import { bandOf, Ranking } from "./quantiles";
import { Reading } from "./readouts";
import { scalesOf, tolerances } from "./scales";
import { scheduleOf } from "./schedule";
import type { Schedule } from "./schedule";
import { NoSteadyState, Steady } from "./steady";
import type { Curve, Headline, Reply, Request } from "./types";
import { chosenBy, subjectsOf } from "./values";
import type { Chosen } from "./values";
import { warningsOf } from "./warnings";
import { marksOf } from "./windows";
import type { Marks } from "./windows";

// Double is held against Python at 1e-6: a little less, so that most of what parts them is not of the page.
const RTOL = { double: 4e-7, single: 6e-4 };
const MAX_STEPS = 100_000;
const HOLDS = 5e-4; // of a curve's range: single precision may stray so far from double on the nominal subject
const FIRST_PART = 400; // ms until bands of some draws are shown
const TURN = 15; // ms between two looks for newer requests

/** A model that is ready to be run. */
export class Bench {
  readonly kernels: Kernels;

  constructor(readonly data: Data, code: BufferSource) {
    if (data.form !== FORM) throw new Error(`this page reads form ${FORM} of a model's description, not ${data.form}`);
    this.kernels = new Kernels(code, data.facts);
  }

  /** Answers a request; yields null between groups, where it may be given up. */
  run(request: Request): Generator<Reply | null, void> {
    return new Study(this, request).replies();
  }
}

class Study {
  private readonly began = performance.now();
  private readonly data: Data;
  private readonly kernels: Kernels;
  private readonly schedule: Schedule;
  private readonly chosen: Chosen;
  private readonly subjects: Float64Array[];
  private readonly lowering: Lowering;
  private readonly marks: Marks;
  private readonly reading: Reading;
  private readonly times: Float64Array;
  private readonly outputs: string[];
  private readonly indexes: number[];
  /** Where the curves asked for are among the outputs. */
  private readonly wanted: number[];
  private readonly n: number;
  private readonly steady: Steady;
  private readonly rooms: Float64Array[] = [];
  /** Runs whose courses turn faster than nodes can follow. */
  private lost = 0;
  private how!: How;
  private scales!: Float64Array;

  constructor(bench: Bench, private readonly request: Request) {
    this.data = bench.data;
    this.kernels = bench.kernels;
    const { data } = this;
    this.schedule = scheduleOf(request.taken, request.days, data.counts);
    this.chosen = chosenBy(data, request);
    const wanted = request.people.kind === "draws" ? request.people.n : 0;
    const held = this.chosen.draws.length;
    if (wanted > data.draws.rows.length) throw new Error(`people: this page holds ${data.draws.rows.length} draws`);
    if (wanted && !held) throw new Error(`scenario: this page holds no draws of the structure ${request.scenario}`);
    this.n = Math.min(wanted, held);
    this.subjects = subjectsOf(data, this.chosen, this.schedule, this.n);
    this.lowering = new Lowering(data, this.schedule);
    this.marks = marksOf(this.schedule, this.schedule.end, data.counts);
    const readouts = data.described.readouts.filter((r) => request.readouts?.includes(r.id) ?? true);
    this.reading = new Reading(readouts, this.marks);
    this.times = gridOf(request.dt, this.schedule.end);
    this.outputs = [...new Set([...request.outputs, ...this.reading.outputs])];
    this.indexes = this.outputs.map((name) => data.facts.outputs.indexOf(name));
    this.wanted = request.outputs.map((name) => this.outputs.indexOf(name));
    const unknown = this.outputs.find((_, k) => this.indexes[k] < 0);
    if (unknown) throw new Error(`outputs: the model has no ${unknown}`);
    this.steady = new Steady(this.kernels, this.lowering);
  }

  *replies(): Generator<Reply | null, void> {
    const nominal = this.start(this.subjects[0]);
    this.prepare(nominal);
    const courses = new Courses(this.request.outputs.length, this.times.length, 1);
    const [numbers] = this.solved(this.kernels.double, RTOL.double, [nominal], courses, 0);
    if (!numbers) throw new Error("the nominal subject's run does not reach the end: change dose or parameters");
    yield this.reply("nominal", this.plain(courses), this.headlines([numbers], false), 0, 0);
    if (this.n) yield* this.draws(courses);
  }

  private *draws(nominal: Courses): Generator<Reply | null, void> {
    const [lanes, usual] = this.precision(nominal);
    const rtol = this.request.rtol ?? usual;
    const courses = new Courses(this.request.outputs.length, this.times.length, this.n);
    const found: (number[] | null)[] = [];
    let paused = performance.now();
    let due = paused + FIRST_PART;
    while (found.length < this.n) {
      const some = this.subjects.slice(1 + found.length, 1 + Math.min(found.length + lanes.width, this.n));
      found.push(...this.group(lanes, rtol, some, courses, found.length));
      const now = performance.now();
      if (now > due && found.length < this.n) {
        yield this.banded("part", courses, found);
        paused = performance.now();
        due = paused + 2 * (paused - this.began); // ever rarer: bands of all cost as much each time
      } else if (now - paused > TURN) {
        yield null;
        paused = performance.now();
      }
    }
    yield this.banded("final", courses, found);
  }

  /** Runs subjects side by side; null for one without a steady state, or whose run does not reach the end. */
  private group(
    lanes: LaneKernels,
    rtol: number,
    subjects: Float64Array[],
    courses: Courses,
    first: number,
  ): (number[] | null)[] {
    const runs = subjects.map((values, lane) => {
      try {
        return this.start(values, lane);
      } catch (error) {
        if (error instanceof NoSteadyState) return null;
        throw error;
      }
    });
    const started = runs.filter((run) => run !== null);
    if (started.length) align(started, (run) => waits(this.kernels, run, this.indexes));
    return this.solved(lanes, rtol, runs, courses, first);
  }

  // ---- before a run ---------------------------------------------------------------------------------------

  /** A subject at its start, with its doses and the times it is looked at. */
  private start(values: Float64Array, lane = 0): Run {
    const constants = this.kernels.constantsOf(values);
    const start = this.kernels.initial(constants);
    const line = this.lowering.timeline(values, this.steady.of(values, constants, start));
    const { end } = this.schedule;
    const events = line.events();
    const nodes = this.reading.nodes(events);
    line.breaks(this.kernels.breaks(constants), 0, end);
    const none = new Float64Array(0);
    const run = {
      constants,
      start,
      events: this.data.facts.n_breaks ? line.events() : events,
      times: none,
      nodes,
      seen: none,
      shift: 0,
      values: none,
      last: new Float64Array(start.length),
      peak: none,
      status: Status.finished,
      failTime: NaN,
      steps: 0,
    };
    this.look(run, nodes, lane);
    return run;
  }

  /** Lets a run be looked at on the grid and at nodes. */
  private look(run: Run, nodes: Float64Array, lane: number): void {
    run.nodes = nodes;
    run.seen = joined(this.times, nodes);
    run.times = earlier(run);
    run.values = this.room(lane, this.outputs.length * run.seen.length);
  }

  /** Memory for the values of a lane; the same again for the next group, once they are written down. */
  private room(lane: number, size: number): Float64Array {
    if (!(this.rooms[lane]?.length >= size)) this.rooms[lane] = new Float64Array(2 * size);
    return this.rooms[lane].subarray(0, size);
  }

  /** Settles tolerances on the nominal subject. */
  private prepare(nominal: Run): void {
    this.how = {
      rtol: RTOL.double,
      atol: new Float64Array(0),
      outputs: this.indexes,
      outputStates: this.data.facts.output_states,
      t0: 0,
      maxSteps: MAX_STEPS,
      clock: readsClock(this.kernels, nominal.start, nominal.constants, this.indexes),
      jumps: this.data.facts.n_breaks > 0,
      peaks: false,
    };
    this.scales = scalesOf(this.kernels.double, nominal, this.how, this.schedule.end);
  }

  /** Kernels and tolerance for the draws: single precision where it holds on the nominal subject. */
  private precision(nominal: Courses): [LaneKernels, number] {
    const double: [LaneKernels, number] = [this.kernels.double, RTOL.double];
    if (this.request.precision === "double") return double;
    const tried = new Courses(this.request.outputs.length, this.times.length, 1);
    this.solved(this.kernels.single, RTOL.single, [this.start(this.subjects[0])], tried, 0);
    const holds = this.request.outputs.every((_, o) => {
      let [low, high, off] = [Infinity, -Infinity, 0];
      for (let k = nominal.row(o, 0); k < nominal.row(o + 1, 0); k++) {
        const exact = nominal.numbers[k];
        low = Math.min(low, exact);
        high = Math.max(high, exact);
        off = Math.max(off, Math.abs(exact - tried.numbers[k]));
      }
      return off <= HOLDS * (high - low) + 1e-6 * Math.max(Math.abs(high), Math.abs(low));
    });
    return holds ? [this.kernels.single, RTOL.single] : double;
  }

  // ---- runs -----------------------------------------------------------------------------------------------

  /** Solves a group and writes its courses down; the numbers of its readouts, null for one that has none. */
  private solved(
    lanes: LaneKernels,
    rtol: number,
    runs: (Run | null)[],
    courses: Courses,
    first: number,
  ): (number[] | null)[] {
    const started = runs.filter((run) => run !== null);
    const how = { ...this.how, rtol, atol: tolerances(this.scales, rtol) };
    if (started.length) integrate(lanes, started, how);
    const followers = runs.map((run) => run && new Follower(run.nodes));
    const seen: Float64Array[][] = []; // of each run, the values at its nodes
    while (this.follow(runs, followers, seen)) integrate(lanes, started, how); // all of them: they share steps
    this.write(runs, courses, first);
    return runs.map((run, i) => {
      if (run?.status !== Status.finished) return null;
      this.lost += Number(followers[i]?.isLost);
      return this.reading.numbers(run.nodes, seen[i]);
    });
  }

  /** Lets runs be looked at more closely where their courses turn fast; false where none does. */
  private follow(runs: (Run | null)[], followers: (Follower | null)[], seen: Float64Array[][]): boolean {
    let more = false;
    runs.forEach((run, lane) => {
      if (run?.status !== Status.finished) return;
      const follower = followers[lane]!;
      seen[lane] = this.atNodes(run);
      if (!run.nodes.length || !follower.asksForMore(seen[lane], run.steps / this.schedule.end)) return;
      this.look(run, follower.nodes, lane);
      more = true;
    });
    return more;
  }

  /** Values of the outputs that are read, at the nodes. */
  private atNodes({ nodes, seen, values }: Run): Float64Array[] {
    const there = placesOf(nodes, seen);
    return this.reading.outputs.map((output) => {
      const row = this.outputs.indexOf(output) * seen.length;
      const found = new Float64Array(there.length);
      for (let k = 0; k < there.length; k++) found[k] = values[row + there[k]];
      return found;
    });
  }

  /** Writes courses down from a place on, those of a time together: they lie side by side. */
  private write(runs: (Run | null)[], courses: Courses, first: number): void {
    const at = runs.map((run) => (run?.status === Status.finished ? placesOf(this.times, run.seen) : null));
    this.wanted.forEach((place, o) => {
      for (let k = 0; k < courses.times; k++) {
        const to = courses.row(o, k) + first;
        for (let i = 0; i < runs.length; i++) {
          const places = at[i];
          if (places) courses.numbers[to + i] = runs[i]!.values[place * runs[i]!.seen.length + places[k]];
        }
      }
    });
  }

  // ---- answers --------------------------------------------------------------------------------------------

  private banded(stage: Reply["stage"], courses: Courses, found: (number[] | null)[]): Reply {
    const failed = found.filter((numbers) => numbers === null).length;
    if (failed === found.length) throw new Error("no draw's run reaches the end: change dose or person");
    const curves = this.bands(courses, found.length);
    if (stage === "final" && this.request.all)
      this.request.outputs.forEach((name, o) => (curves[name].every = byRun(courses, o)));
    return this.reply(stage, curves, this.headlines(found, stage === "final"), found.length, failed);
  }

  private plain(courses: Courses): Record<string, Curve> {
    const rows = this.request.outputs.map((name, o) => [
      name,
      { middle: courses.numbers.slice(courses.row(o, 0), courses.row(o + 1, 0)) },
    ]);
    return Object.fromEntries(rows);
  }

  /** Quantiles of the first runs. */
  private bands(courses: Courses, count: number): Record<string, Curve> {
    const n = this.times.length;
    const curves: Record<string, Curve> = {};
    this.request.outputs.forEach((name, o) => {
      const curve = { middle: new Float64Array(n), low: new Float64Array(n), high: new Float64Array(n) };
      const ranking = new Ranking(count);
      for (let k = 0; k < n; k++)
        [curve.low[k], curve.middle[k], curve.high[k]] = ranking.band(courses.numbers, courses.row(o, k));
      curves[name] = curve;
    });
    return curves;
  }

  private headlines(found: (number[] | null)[], last: boolean): Headline[] {
    const readouts = this.reading.readouts;
    const numbers = readouts.map((_, k) => found.map((one) => one?.[k] ?? NaN));
    const grades = last ? gradesOf(this.data, this.chosen, numbers) : [];
    return readouts.map((r, k) => {
      const [low, value, high] = bandOf(Float64Array.from(numbers[k]));
      const { id, unit, label, words, group } = r;
      return { id, value, low, high, unit, label, words, group, ...(grades[k] ?? { grade: "", deciding: [] }) };
    });
  }

  private reply(
    stage: Reply["stage"],
    curves: Record<string, Curve>,
    headlines: Headline[],
    done: number,
    failed: number,
  ): Reply {
    const doses: Record<string, number[]> = {};
    for (const dose of this.schedule.doses) (doses[dose.drug || dose.train.cmt] ??= []).push(dose.time);
    const ms = performance.now() - this.began;
    const { end } = this.schedule;
    const warnings = warningsOf(this.data, this.schedule, this.marks, done, failed);
    const { people } = this.request;
    if (this.lost)
      warnings.push(`${this.lost} of ${1 + done} runs turn faster than this page can look: their numbers are not to be trusted`);
    if (people.kind === "draws" && this.n < people.n)
      warnings.push(`${this.n} of the page's draws are of this structure, and only these are shown`);
    return { stage, times: this.times, curves, headlines, done, asked: this.n, failed, doses, warnings, ms, end };
  }
}
