/** One request from choices to curves and headlines: the nominal subject first, then the draws, block by block. */

import { Answers } from "./answers";
import type { Data } from "./data";
import { FORM } from "./data";
import { Kernels } from "./kernels";
import { Plan } from "./plan";
import { Sharing } from "./sharing";
import type { Helper } from "./sharing";
import { blocksOf, Solver } from "./solving";
import type { Block } from "./solving";
import type { Precision, Reply, Request } from "./types";

const HOLDS = 5e-4; // of a curve's range: single precision may stray so far from double on the nominal subject
const FIRST_PART = 200; // ms after which bands of some draws are shown,
const FEWEST = 40; // as soon as they are so many
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
  const sharing = plan.n ? new Sharing(request, helpers) : null;
  try {
    sharing?.begin(blocksOf(plan), request.precision); // helpers need not wait for the nominal subject
    const solver = new Solver(kernels, plan);
    const nominal = solver.nominal("double");
    if (!nominal.numbers[0]) throw new Error("the nominal subject's run does not reach the end: change dose or parameters");
    yield answers.nominal(nominal);
    if (!sharing) return;
    const precision = precisionOf(request, solver, nominal);
    if (precision !== request.precision) sharing.begin(blocksOf(plan), precision);
    yield* draws(solver, sharing, answers, nominal, precision);
  } finally {
    sharing?.end();
  }
}

function* draws(
  solver: Solver,
  sharing: Sharing,
  answers: Answers,
  nominal: Block,
  precision: Precision,
): Generator<Reply | null, void> {
  const began = performance.now();
  let paused = began;
  let due = began + FIRST_PART;
  for (let k = sharing.next(); k !== undefined; k = sharing.next()) {
    sharing.put(k, solver.block(k, precision));
    const now = performance.now();
    if (now > due && sharing.count >= FEWEST && !sharing.isDone) {
      yield answers.banded("part", sharing.found(), nominal);
      paused = performance.now();
      due = paused + RARER * (paused - began); // bands of all cost as much each time
    } else if (now - paused > TURN) {
      yield null;
      paused = performance.now();
    }
  }
  yield answers.banded("final", sharing.found(), nominal);
}

/** The precision for the draws: single where it holds on the nominal subject. */
function precisionOf(request: Request, solver: Solver, nominal: Block): Precision {
  if (request.precision === "double") return "double";
  const tried = solver.nominal("single");
  const n = nominal.courses.length / request.outputs.length;
  const holds = request.outputs.every((_, o) => {
    let [low, high, off] = [Infinity, -Infinity, 0];
    for (let k = o * n; k < (o + 1) * n; k++) {
      const exact = nominal.courses[k];
      low = Math.min(low, exact);
      high = Math.max(high, exact);
      off = Math.max(off, Math.abs(exact - tried.courses[k]));
    }
    return off <= HOLDS * (high - low) + 1e-6 * Math.max(Math.abs(high), Math.abs(low));
  });
  return holds ? "single" : "double";
}
