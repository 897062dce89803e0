/** Runs of a request's subjects, block by block; a block's numbers are the same bits whoever computes it, and when. */

import { align, readsClock, waits } from "./alignment";
import { integrate } from "./driver";
import type { Kernels, LaneKernels } from "./kernels";
import { BENT, LOST, SMOOTH } from "./following";
import { keep } from "./lately";
import type { Plan } from "./plan";
import { runOf, Status } from "./run";
import type { How, Run } from "./run";
import { scalesOf, tolerances } from "./scales";
import { Sheet } from "./sheet";
import { NoSteadyState, Steady } from "./steady";
import type { Numbers, Precision } from "./types";
import { Watched } from "./watched";

/** How finely a run is solved. */
export interface Grain {
  precision: Precision;
  rtol: number;
}

// Double is held against Python at 1e-6: a little less, so that most of what parts them is not of the page.
export const FULL: Grain = { precision: "double", rtol: 4e-7 };
/** What is solved for bands alone, the quickest first; the first that holds is taken. */
export const QUICK: Grain[] = [
  { precision: "single", rtol: 5e-3 },
  { precision: "single", rtol: 2e-3 },
  { precision: "single", rtol: 6e-4 },
];
// How far nodes may be off: what is drawn first is looked at once more only where it would be lost otherwise.
const followed = (precision: Precision, jumps: boolean): number => (precision === "single" ? LOST : jumps ? BENT : SMOOTH);
const MAX_STEPS = 100_000;
const BLOCK = 4; // draws

/** Numbers of a precision. */
export const numbersOf = (precision: Precision, n: number): Numbers =>
  precision === "single" ? new Float32Array(n) : new Float64Array(n);

/** What was found of some subjects. */
export interface Block {
  /** Subjects. */
  n: number;
  /** Courses: output after output, time after time, subject beside subject; NaN where there is none. */
  courses: Numbers;
  /** The numbers of the readouts; null for a subject without a steady state, or whose run does not reach the end. */
  numbers: (number[] | null)[];
  /** Runs whose courses turn faster than nodes can follow. */
  lost: number;
}

/** Number of blocks that the draws are in. */
export const blocksOf = (plan: Plan): number => Math.ceil(plan.n / BLOCK);

/** Runs that there are. */
function startedOf(runs: (Watched | null)[]): Run[] {
  const started: Run[] = [];
  for (const one of runs) if (one) started.push(one.run);
  return started;
}

export class Solver {
  private readonly steady: Steady;
  private readonly nominalRun: Run;
  private readonly scales: Float64Array;
  private readonly how: How;
  private last: { grain: Grain; how: How } | null = null;

  constructor(private readonly kernels: Kernels, private readonly plan: Plan) {
    this.steady = new Steady(kernels, plan.lowering);
    this.nominalRun = this.begun(plan.subjects[0]);
    const { facts } = plan.data;
    this.how = {
      rtol: FULL.rtol,
      atol: new Float64Array(0),
      outputs: plan.indexes,
      outputStates: facts.output_states,
      t0: 0,
      maxSteps: MAX_STEPS,
      clock: readsClock(kernels, this.nominalRun.start, this.nominalRun.constants, plan.indexes),
      jumps: facts.n_breaks > 0,
      peaks: false,
    };
    this.scales = scalesOf(kernels.double, this.nominalRun, this.how, plan.schedule.end);
  }

  /** The nominal subject. */
  nominal({ precision, rtol }: Grain): Block {
    const block = this.empty(1, precision);
    this.solve(precision, rtol, [this.watched({ ...this.nominalRun }, precision, this.sheet(block), 0)], block);
    return block;
  }

  /** The draws of a block, in groups of lanes. */
  block(k: number, { precision, rtol }: Grain): Block {
    const { subjects, request } = this.plan;
    const some = subjects.slice(1 + k * BLOCK, 1 + (k + 1) * BLOCK);
    const block = this.empty(some.length, precision);
    const { width } = this.kernels[precision];
    this.steady.restart();
    for (let first = 0; first < some.length; first += width)
      this.group(precision, request.rtol ?? rtol, some.slice(first, first + width), block, first);
    return block;
  }

  private empty(n: number, precision: Precision): Block {
    const { request, times } = this.plan;
    return { n, courses: numbersOf(precision, request.outputs.length * times.length * n), numbers: [], lost: 0 };
  }

  /** Runs subjects side by side. */
  private group(precision: Precision, rtol: number, subjects: Float64Array[], block: Block, first: number): void {
    const runs: (Watched | null)[] = [];
    const sheet = this.sheet(block);
    for (let lane = 0; lane < subjects.length; lane++) runs.push(this.set(subjects[lane], precision, sheet, first + lane));
    const started = startedOf(runs);
    if (started.length) align(started, (run) => waits(this.kernels, run, this.plan.indexes));
    this.solve(precision, rtol, runs, block);
  }

  /** A subject ready to be run, for a place on a sheet; null where there is no steady state to begin in. */
  private set(values: Float64Array, precision: Precision, sheet: Sheet, place: number): Watched | null {
    try {
      return this.watched(this.begun(values), precision, sheet, place);
    } catch (error) {
      if (!(error instanceof NoSteadyState)) throw error;
      sheet.wipe(place);
      return null;
    }
  }

  // ---- before a run ---------------------------------------------------------------------------------------

  /** A subject at its start, with its doses. */
  private begun(values: Float64Array): Run {
    const { kernels, plan } = this;
    const constants = kernels.constantsOf(values);
    const start = kernels.initial(constants);
    const line = keep("timeline", plan.lowering.timeline(values, this.steady.of(values, constants, start)));
    line.breaks(kernels.breaks(constants), 0, plan.schedule.end);
    return runOf(constants, start, line.events());
  }

  /** Lets a run be looked at. */
  private watched(run: Run, precision: Precision, sheet: Sheet, place: number): Watched {
    const { read, reading, times } = this.plan;
    return new Watched(run, times, reading.nodes(run.events), followed(precision, this.how.jumps), read, sheet, place);
  }

  /** Where the courses of a block are written down. */
  private sheet({ n, courses }: Block): Sheet {
    return new Sheet(courses, n, this.plan.wanted);
  }

  /** How runs of a grain are solved; the same for all groups. */
  private howFor({ precision, rtol }: Grain): How {
    const { last } = this;
    if (last?.grain.precision === precision && last.grain.rtol === rtol) return last.how;
    const how = { ...this.how, rtol, atol: tolerances(this.scales, rtol, precision) };
    this.last = { grain: { precision, rtol }, how };
    return how;
  }

  // ---- runs -----------------------------------------------------------------------------------------------

  /** Solves a group and writes down what was found. */
  private solve(precision: Precision, rtol: number, runs: (Watched | null)[], block: Block): void {
    const { plan } = this;
    const lanes: LaneKernels = this.kernels[precision];
    const started = startedOf(runs);
    const groups = started.length ? integrate(lanes, started, this.howFor({ precision, rtol })) : [];
    keep("runs", { solver: this, runs, groups });
    for (const one of runs) if (one && one.run.status !== Status.finished) one.sheet.wipe(one.place);
    while (this.follow(runs)) {
      for (const group of groups) group.again();
      for (const one of runs) one?.fillIn();
    }
    for (const group of groups) group.close();
    for (const one of runs) {
      const ended = one?.run.status === Status.finished;
      block.lost += Number(ended && one.isLost);
      block.numbers.push(ended ? plan.reading.numbers(one.nodes, one.courses) : null);
    }
  }

  /** Lets runs be looked at more closely where their courses turn fast; false where none does. */
  private follow(runs: (Watched | null)[]): boolean {
    let more = false;
    for (const one of runs)
      if (one?.run.status !== Status.finished) one?.rest();
      else if (one.asksForMore(this.plan.schedule.end)) more = true;
    return more;
  }
}
