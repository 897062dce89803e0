/** One request from choices to curves and headlines: the nominal subject first, then the draws, block by block. */

import { Answers } from "./answers";
import type { Data } from "./data";
import { FORM } from "./data";
import { Kernels } from "./kernels";
import { keep } from "./lately";
import { Plan } from "./plan";
import { Sharing } from "./sharing";
import type { Helper } from "./sharing";
import { blocksOf, FULL, QUICK, Solver } from "./solving";
import type { Block, Grain } from "./solving";
import type { Numbers, Reply, Request } from "./types";

const HOLDS = 1e-3; // of a curve's range: a quick run may stray so far from one in full digits on the nominal subject
const CHECK: Grain = { precision: "double", rtol: 1e-4 }; // what it is held against: itself good to some 4e-5
// ms: where all bands will not be there by then, those of some draws are shown before, which delays all of them by a tenth,
const AT_ONCE = 250;
const FIRST_PART = 120; // ms after which these are drawn,
const FEWEST = 50; // as soon as they are so many
const RARER = 3; // what was waited for the last ones, until the next
const TURN = 15; // ms between two looks for newer requests

/** A model that is ready to be run. */
export class Bench {
  readonly kernels: Kernels;

  constructor(readonly data: Data, code: BufferSource) {
    if (data.form !== FORM) throw new Error(`this page reads form ${FORM} of a model's description, not ${data.form}`);
    this.kernels = new Kernels(code, data.facts);
  }

  /** What computes blocks of a request. */
  solver(request: Request): Solver {
    return new Solver(this.kernels, new Plan(this.data, request));
  }

  /** Answers a request; yields null between blocks, where it may be given up. */
  run(request: Request, helpers: Helper[]): Generator<Reply | null, void> {
    const plan = new Plan(this.data, request);
    return replies(this.kernels, plan, new Answers(plan), helpers);
  }
}

function* replies(kernels: Kernels, plan: Plan, answers: Answers, helpers: Helper[]): Generator<Reply | null, void> {
  const { request } = plan;
  const began = performance.now();
  const sharing = plan.n ? new Sharing(request, helpers) : null;
  keep("answer", { plan, answers, sharing });
  try {
    const grains = sharing && request.precision === "single" ? QUICK : [FULL];
    sharing?.begin(blocksOf(plan), grains[0]); // helpers need not wait for the nominal subject
    const solver = new Solver(kernels, plan);
    const tried = solver.nominal(grains[0]);
    const nominal = tried.numbers[0] ? tried : solver.nominal(FULL);
    if (!nominal.numbers[0]) throw new Error("the nominal subject's run does not reach the end: change dose or parameters");
    yield answers.nominal(nominal);
    if (!sharing) return;
    const grain = grains === QUICK ? holding(request, solver, tried) : FULL;
    if (grain !== grains[0]) sharing.begin(blocksOf(plan), grain);
    yield* draws(solver, sharing, answers, nominal, grain, began);
  } finally {
    sharing?.end();
    answers.end();
  }
}

function* draws(
  solver: Solver,
  sharing: Sharing,
  answers: Answers,
  nominal: Block,
  grain: Grain,
  began: number,
): Generator<Reply | null, void> {
  const first = performance.now();
  let paused = first;
  let due = began + FIRST_PART;
  for (let k = sharing.next(); k !== undefined; k = sharing.next()) {
    sharing.put(k, solver.block(k, grain));
    answers.take(sharing.taken());
    const now = performance.now();
    const { count } = sharing;
    const all = now - began + ((answers.asked - count) * (now - first)) / count; // ms until all are there
    if (now > due && count >= FEWEST && all > AT_ONCE) {
      yield yield* answers.banded("part", sharing, nominal);
      paused = performance.now();
      due = paused + RARER * (paused - began); // bands of all cost as much each time
    } else if (now - paused > TURN || sharing.isEnding) {
      yield null;
      paused = performance.now();
    }
  }
  yield yield* answers.banded("final", sharing, nominal);
}

/** The quickest grain that holds on the nominal subject, of which one run is there. */
function holding(request: Request, solver: Solver, tried: Block): Grain {
  const good = solver.nominal(CHECK);
  return QUICK.find((grain, k) => holds(request, good, k ? solver.nominal(grain) : tried)) ?? FULL;
}

/** Whether a quick run of the nominal subject holds. */
function holds(request: Request, good: Block, tried: Block): boolean {
  const n = good.courses.length / request.outputs.length;
  return request.outputs.every((_, o) => isNear(good.courses, tried.courses, o * n, (o + 1) * n));
}

/** Whether a stretch of numbers is near to others. */
function isNear(good: Numbers, tried: Numbers, from: number, to: number): boolean {
  let low = Infinity;
  let high = -Infinity;
  let off = 0;
  for (let k = from; k < to; k++) {
    const exact = good[k];
    low = Math.min(low, exact);
    high = Math.max(high, exact);
    off = Math.max(off, Math.abs(exact - tried[k]));
  }
  return off <= HOLDS * (high - low) + 1e-6 * Math.max(Math.abs(high), Math.abs(low));
}
