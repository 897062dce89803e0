/** One request from choices to curves and headlines: the nominal subject first, then the draws, group by group. */

import { align, readsClock, waits } from "./alignment";
import type { Data } from "./data";
import { FORM } from "./data";
import { gradesOf } from "./deciding";
import { integrate, Status } from "./driver";
import type { How, Run } from "./driver";
import { Kernels } from "./kernels";
import type { LaneKernels } from "./kernels";
import { Lowering } from "./lowering";
import { bandOf } from "./quantiles";
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
const RTOL = { double: 4e-7, single: 1e-4 };
const MAX_STEPS = 100_000;
const HOLDS = 5e-4; // of a curve's range: single precision may stray so far from double on the nominal subject
const PARTS = 300; // ms between two replies of one request

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

interface Seen {
  /** Values of the wanted curves, output after output. */
  curves: Float64Array;
  numbers: number[];
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
  private readonly n: number;
  private readonly steady: Steady;
  private how!: How;
  private scales!: Float64Array;

  constructor(bench: Bench, private readonly request: Request) {
    this.data = bench.data;
    this.kernels = bench.kernels;
    const { data } = this;
    this.n = request.people.kind === "draws" ? request.people.n : 0;
    if (this.n > data.draws.rows.length) throw new Error(`people: this page holds ${data.draws.rows.length} draws`);
    this.schedule = scheduleOf(request.taken, request.days, data.counts);
    this.chosen = chosenBy(data, request);
    this.subjects = subjectsOf(data, this.chosen, this.schedule, this.n);
    this.lowering = new Lowering(data, this.schedule);
    this.marks = marksOf(this.schedule, this.schedule.end, data.counts);
    const readouts = data.described.readouts.filter((r) => request.readouts?.includes(r.id) ?? true);
    this.reading = new Reading(readouts, this.marks);
    this.times = gridOf(request.dt, this.schedule.end);
    this.outputs = [...new Set([...request.outputs, ...this.reading.outputs])];
    this.indexes = this.outputs.map((name) => data.facts.outputs.indexOf(name));
    const unknown = this.outputs.find((_, k) => this.indexes[k] < 0);
    if (unknown) throw new Error(`outputs: the model has no ${unknown}`);
    this.steady = new Steady(this.kernels, this.lowering);
  }

  *replies(): Generator<Reply | null, void> {
    const nominal = this.start(this.subjects[0]);
    this.prepare(nominal);
    const first = this.solved(this.kernels.double, [nominal], RTOL.double);
    const middle = first[0] && this.curvesOf(first as Seen[], 1, false);
    if (!first[0]) throw new Error("the nominal subject's run does not reach the end: change dose or parameters");
    const told = (done: number, failed: number) =>
      warningsOf(this.data, this.schedule, this.marks, done, failed);
    yield this.reply("nominal", middle as Record<string, Curve>, this.headlines([first[0]], false), 0, 0, told(0, 0));
    if (this.n) yield* this.draws(first[0], told);
  }

  private *draws(nominal: Seen, told: (done: number, failed: number) => string[]): Generator<Reply | null, void> {
    const [lanes, rtol] = this.precision(nominal);
    const found: (Seen | null)[] = [];
    let [paused, replied] = [performance.now(), performance.now()];
    for (let first = 1; first <= this.n; first += lanes.width) {
      found.push(...this.group(lanes, rtol, this.subjects.slice(first, Math.min(first + lanes.width, this.n + 1))));
      const now = performance.now();
      if (now - replied > PARTS && found.length < this.n) {
        yield this.banded("part", found, told);
        paused = replied = performance.now();
      } else if (now - paused > 15) {
        yield null;
        paused = performance.now();
      }
    }
    yield this.banded("final", found, told);
  }

  /** Runs subjects side by side; null for one without a steady state, or whose run does not reach the end. */
  private group(lanes: LaneKernels, rtol: number, subjects: Float64Array[]): (Seen | null)[] {
    const started = subjects.map((values) => {
      try {
        return this.start(values);
      } catch (error) {
        if (error instanceof NoSteadyState) return null;
        throw error;
      }
    });
    const runs = started.filter((run) => run !== null);
    if (!runs.length) return started as null[];
    align(runs, (run) => waits(this.kernels, run, this.indexes));
    const found = this.solved(lanes, runs, rtol);
    return started.map((run) => (run ? found.shift()! : null));
  }

  // ---- before a run ---------------------------------------------------------------------------------------

  /** A subject at its start, with its doses and the times it is looked at. */
  private start(values: Float64Array): Run {
    const constants = this.kernels.constantsOf(values);
    const start = this.kernels.initial(constants);
    const line = this.lowering.timeline(values, this.steady.of(values, constants, start));
    const { end } = this.schedule;
    const events = line.events();
    const nodes = this.reading.nodes(events);
    line.breaks(this.kernels.breaks(constants), 0, end);
    const times = Float64Array.from([...this.times, ...nodes]).sort();
    return {
      constants,
      start,
      events: this.data.facts.n_breaks ? line.events() : events,
      times,
      nodes,
      seen: times,
      values: new Float64Array(this.outputs.length * times.length),
      last: new Float64Array(start.length),
      peak: new Float64Array(0),
      status: Status.finished,
      failTime: NaN,
    };
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
  private precision({ curves }: Seen): [LaneKernels, number] {
    if (this.request.precision === "double") return [this.kernels.double, RTOL.double];
    const [single] = this.solved(this.kernels.single, [this.start(this.subjects[0])], RTOL.single);
    const n = this.times.length;
    const holds = this.request.outputs.every((_, o) => {
      const [one, two] = [single?.curves, curves].map((all) => all?.subarray(o * n, (o + 1) * n));
      if (!one || !two) return false;
      let [low, high, off] = [Infinity, -Infinity, 0];
      two.forEach((x, k) => {
        low = Math.min(low, x);
        high = Math.max(high, x);
        off = Math.max(off, Math.abs(x - one[k]));
      });
      return off <= HOLDS * (high - low) + 1e-6 * Math.max(Math.abs(high), Math.abs(low));
    });
    return holds ? [this.kernels.single, RTOL.single] : [this.kernels.double, RTOL.double];
  }

  // ---- runs -----------------------------------------------------------------------------------------------

  /** Solves the runs of a group; null for one that does not reach the end. */
  private solved(lanes: LaneKernels, runs: Run[], rtol: number): (Seen | null)[] {
    integrate(lanes, runs, { ...this.how, rtol, atol: tolerances(this.scales, rtol) });
    return runs.map((run) => (run.status === Status.finished ? this.seen(run) : null));
  }

  private seen({ seen, nodes, values }: Run): Seen {
    const at = placesOf(this.times, seen);
    const there = placesOf(nodes, seen);
    const n = this.times.length;
    const curves = new Float64Array(this.request.outputs.length * n);
    this.request.outputs.forEach((name, o) => {
      const row = this.outputs.indexOf(name) * seen.length;
      for (let k = 0; k < n; k++) curves[o * n + k] = values[row + at[k]];
    });
    const numbers = this.reading.numbers(nodes, (output) => {
      const row = this.outputs.indexOf(output) * seen.length;
      return Float64Array.from(there, (place) => values[row + place]);
    });
    return { curves, numbers };
  }

  // ---- answers --------------------------------------------------------------------------------------------

  private banded(stage: Reply["stage"], found: (Seen | null)[], told: (done: number, failed: number) => string[]): Reply {
    const reached = found.filter((one) => one !== null);
    const failed = found.length - reached.length;
    if (!reached.length) throw new Error("no draw's run reaches the end: change dose or person");
    const curves = this.curvesOf(reached, reached.length, stage === "final" && Boolean(this.request.all));
    return this.reply(stage, curves, this.headlines(found, stage === "final"), found.length, failed, told(found.length, failed));
  }

  private curvesOf(found: Seen[], count: number, all: boolean): Record<string, Curve> {
    const n = this.times.length;
    const column = new Float64Array(count);
    const curves: Record<string, Curve> = {};
    this.request.outputs.forEach((name, o) => {
      if (count === 1 && !this.n) {
        curves[name] = { middle: found[0].curves.slice(o * n, (o + 1) * n) };
        return;
      }
      const curve = { middle: new Float64Array(n), low: new Float64Array(n), high: new Float64Array(n) };
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < count; i++) column[i] = found[i].curves[o * n + k];
        [curve.low[k], curve.middle[k], curve.high[k]] = bandOf(column, count);
      }
      curves[name] = curve;
      if (all) curves[name].every = Float64Array.from(found.flatMap((one) => [...one.curves.subarray(o * n, (o + 1) * n)]));
    });
    return curves;
  }

  private headlines(found: (Seen | null)[], last: boolean): Headline[] {
    const readouts = this.reading.readouts;
    const numbers = readouts.map((_, k) => found.map((one) => one?.numbers[k] ?? NaN));
    const grades = last ? gradesOf(this.data, this.chosen, numbers) : [];
    return readouts.map((r, k) => {
      const [low, value, high] = bandOf(Float64Array.from(numbers[k]), found.length);
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
    warnings: string[],
  ): Reply {
    const doses: Record<string, number[]> = {};
    for (const dose of this.schedule.doses) (doses[dose.drug || dose.train.cmt] ??= []).push(dose.time);
    const ms = performance.now() - this.began;
    const { end } = this.schedule;
    return { stage, times: this.times, curves, headlines, done, asked: this.n, failed, doses, warnings, ms, end };
  }
}

function gridOf(dt: number | number[], end: number): Float64Array {
  if (Array.isArray(dt)) {
    const times = Float64Array.from(dt);
    if (!times.length || times.some((t, k) => !(t >= 0 && t <= end + 1e-9) || (k > 0 && t <= times[k - 1])))
      throw new Error(`dt: times must ascend from 0 h to ${end} h`);
    return times;
  }
  if (!(dt > 0)) throw new Error(`dt=${dt}: must be > 0 h`);
  return Float64Array.from({ length: Math.floor(end / dt + 1e-9) + 1 }, (_, k) => k * dt);
}

/** Where each time of an ascending list stands in another one that holds them all. */
function placesOf(times: Float64Array, among: Float64Array): Int32Array {
  let place = 0;
  return Int32Array.from(times, (t) => {
    while (among[place] < t) place++;
    return place;
  });
}
