/**
 * The state that comes back after each interval of a train of doses which has been going on for ever: Newton's
 * method on the map over one period, as in `ldnsim.engine.periodic`. The inverse found for one subject serves the
 * next as far as it can, improved by Broyden's formula.
 */

import { integrate } from "./driver";
import type { Events } from "./events";
import type { Kernels } from "./kernels";
import { cycleOf } from "./lowering";
import type { Lowering } from "./lowering";
import { improve, inverse, times } from "./matrix";
import { runOf, Status } from "./run";
import type { How, Run } from "./run";
import { scalesOf, tolerances } from "./scales";

const [LOOSE, TIGHT] = [1e-5, 1e-10]; // rtol on the way, and at the end
const [NEAR, ENOUGH] = [1e-3, 1e-8]; // of the scale: where the loose map says no more, and the error allowed
const PERTURBATION = 1e-3; // of the scale
const [FIRST, MORE, ROUNDS] = [6, 25, 4]; // periods to follow the map itself, and how often
const [JACOBIANS, CHORDS, HALVINGS] = [6, 8, 5];
const SLOW = 0.3; // a step that is not this much smaller than the last asks for a new Jacobian
const UNEXPLAINED = 30; // a drift this much larger than the tolerance is not the end
const FAR = 1e6; // of the scale
const RECURS = 60; // periods after which the equations must be the same again

export class Steady {
  private scale: Float64Array | null = null;
  private first: Float64Array | null = null;
  private known: Float64Array | null = null;

  constructor(private readonly kernels: Kernels, private readonly lowering: Lowering) {}

  /** The steady state of a subject; null where nothing is taken at steady state. */
  of(values: Float64Array, constants: Float64Array, start: Float64Array): Float64Array | null {
    const train = this.lowering.schedule.trains.find((own) => own.ss);
    if (!train) return null;
    const inputs = this.lowering.inputs(train, values);
    const events = cycleOf(inputs, train.first, train.ii);
    this.refuseWhatChanges(start, constants, train.ii);
    const map = new PeriodMap(this.kernels, constants, start, events, train.ii);
    this.scale ??= map.scales();
    const search = new Search(map, this.scale, this.known);
    const found = search.run();
    if (!found) throw new NoSteadyState();
    this.known = search.inverse;
    this.first ??= this.known;
    return found;
  }

  /** Goes back to the inverse of the first subject, so that a block's numbers do not depend on those before it. */
  restart(): void {
    this.known = this.first;
  }

  /** A state can come back only where the equations are the same one period later. */
  private refuseWhatChanges(y: Float64Array, constants: Float64Array, period: number): void {
    if (this.scale) return;
    const away = y.map((x, s) => x * (0.6 + 0.8 * ((s * 0.7548776662466927) % 1)) + (x === 0 ? 0.1 : 0));
    const at = Array.from({ length: 17 }, (_, k) => Math.max(period, 168) * (((k + 1) * 0.6180339887498949) % 1));
    const seen = (shift: number) => at.flatMap((t) => [y, away].map((state) => this.kernels.rates(t + shift, state, constants)));
    const now = seen(0);
    const size = y.map((_, s) => Math.max(1e-300, ...now.map((rates) => Math.abs(rates[s])).filter(Number.isFinite)));
    const same = (rates: Float64Array, k: number) =>
      rates.every((x, s) => !Number.isFinite(now[k][s]) || Math.abs(x - now[k][s]) <= 1e-8 * size[s]);
    if (seen(period).every(same)) return;
    for (let n = 2; n <= RECURS; n++)
      if (seen(n * period).every(same)) throw new Error(`ss: the equations repeat only after ${n} doses`);
    throw new Error("ss: the equations depend on time and do not repeat with the doses");
  }
}

export class NoSteadyState extends Error {
  constructor() {
    super("no steady state was found: start without it, or change dose or parameters");
  }
}

/** F(y): the state one period later, for many states of one subject. */
class PeriodMap {
  private readonly how: How;

  constructor(
    readonly kernels: Kernels,
    private readonly constants: Float64Array,
    readonly rest: Float64Array,
    private readonly events: Events,
    private readonly period: number,
  ) {
    const outputStates = kernels.facts.output_states;
    const base = { outputs: [], outputStates, t0: 0, maxSteps: 100_000, clock: false, jumps: false, peaks: false };
    this.how = { rtol: LOOSE, atol: new Float64Array(0), ...base };
  }

  scales(): Float64Array {
    return scalesOf(this.kernels.double, this.run(this.rest), this.how, this.period);
  }

  /** What becomes of states; of few digits only where differences between lanes of one group are wanted. */
  of(states: Float64Array[], rtol: number, scale: Float64Array, lanes = this.kernels.double): (Float64Array | null)[] {
    const runs = states.map((y) => this.run(y));
    integrate(lanes, runs, { ...this.how, rtol, atol: tolerances(scale, rtol) });
    return runs.map((run) => (run.status === Status.finished && run.last.every(Number.isFinite) ? run.last : null));
  }

  private run(start: Float64Array): Run {
    return { ...runOf(this.constants, start, this.events), times: Float64Array.of(this.period) };
  }
}

class Search {
  private readonly n: number;
  private y: Float64Array;
  inverse: Float64Array | null;

  constructor(private readonly map: PeriodMap, private readonly scale: Float64Array, known: Float64Array | null) {
    this.n = scale.length;
    this.y = map.rest.slice();
    this.inverse = known?.slice() ?? null;
  }

  run(): Float64Array | null {
    for (let round = 0; round <= ROUNDS; round++) {
      this.follow(round ? MORE : FIRST);
      for (let k = 0; k < JACOBIANS; k++) {
        if (!this.inverse || k || round) this.linearise();
        if (this.chords(LOOSE, NEAR)) break;
      }
      if (this.chords(TIGHT, ENOUGH)) return this.y;
    }
    return null;
  }

  private after(y: Float64Array, rtol: number): Float64Array | null {
    return this.map.of([y], rtol, this.scale)[0];
  }

  private follow(periods: number): void {
    for (let k = 0; k < periods; k++) this.y = this.after(this.y, LOOSE) ?? this.y;
  }

  /** The inverse of I - dF/dy in units of the scale: one run more than there are states that move. */
  private linearise(): void {
    const { n, y, scale } = this;
    const base = this.after(y, LOOSE);
    if (!base) return;
    const moving = Array.from(y.keys()).filter((s) => y[s] !== 0 || base[s] !== 0);
    const step = y.map((x, s) => PERTURBATION * Math.max(scale[s], Math.abs(x)));
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
    const { single } = this.map.kernels;
    for (let first = 0; first < moving.length; first += single.width - 1) {
      // Base and perturbed run side by side, so that the differences share all their steps.
      const some = moving.slice(first, first + single.width - 1);
      const moved = some.map((s) => y.map((x, i) => (i === s ? x + step[s] : x)));
      const [one, ...others] = this.map.of([y, ...moved], LOOSE, scale, single);
      if (!one || others.some((two) => !two)) return;
      some.forEach((s, k) => {
        for (const i of moving) matrix[i * n + s] -= (((others[k]![i] - one[i]) / step[s]) * scale[s]) / scale[i];
      });
    }
    this.inverse = inverse(matrix, n);
  }

  /** Takes steps with the inverse that is there until they are small; false where it does not serve. */
  private chords(rtol: number, enough: number): boolean {
    let before: { step: Float64Array; drift: Float64Array; size: number } | null = null;
    for (let k = 0; k < CHORDS && this.inverse; k++) {
      const after = this.after(this.y, rtol);
      if (!after) return false;
      const drift = after.map((x, s) => (x - this.y[s]) / this.scale[s]);
      if (before) {
        const { drift: earlier } = before;
        improve(this.inverse, before.step, earlier.map((x, s) => x - drift[s]));
      }
      const wanted = times(this.inverse, drift);
      const size = largest(wanted);
      const step = this.move(wanted, after, size);
      if (size <= enough && (rtol !== TIGHT || largest(drift) <= UNEXPLAINED * enough)) return true;
      if (before && size > SLOW * before.size) return false;
      before = { step, drift, size };
    }
    return false;
  }

  /** Takes a step, or the largest half, quarter, ... of it from which the map can be run; says what was taken. */
  private move(wanted: Float64Array, after: Float64Array, size: number): Float64Array {
    const { y, scale } = this;
    let part = 1;
    for (let k = 0; k < HALVINGS && size > 1; k++) {
      const far = part * size > FAR;
      if (!far && this.after(this.stepped(wanted, part, after), LOOSE)) break;
      part *= 0.5;
      if (k === HALVINGS - 1) part = 0;
    }
    this.y = part ? this.stepped(wanted, part, after) : after;
    return this.y.map((x, s) => (x - y[s]) / scale[s]);
  }

  /** Keeps a state that the map keeps >= 0 from overshooting 0. */
  private stepped(wanted: Float64Array, part: number, after: Float64Array): Float64Array {
    return this.y.map((x, s) => {
      const to = x + part * wanted[s] * this.scale[s];
      return x >= 0 && after[s] >= 0 && to < 0 ? 0.5 * Math.min(x, after[s]) : to;
    });
  }
}

const largest = (x: Float64Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
