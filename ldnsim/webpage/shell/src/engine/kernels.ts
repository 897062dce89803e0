/** A WebAssembly module of kernels, and the memory they work in. Places are in doubles. */

import type { Facts, LaneFacts } from "./data";
import { gamma } from "./gamma";

type Kernel = (...numbers: number[]) => number;

const LENT = {
  ...Object.fromEntries(
    ["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh"].map(
      (name) => [name, Math[name as "exp"]],
    ),
  ),
  pow: (x: number, y: number) => (x === 1 ? 1 : Math.pow(x, y)), // as C has it for y = NaN
  fmod: (x: number, y: number) => x % y,
  tgamma: gamma,
};
const LINE = 8; // doubles of a cache line
const PAGE = 8192; // doubles that memory grows by

export class Kernels {
  readonly numbers: Float64Array;
  readonly double: LaneKernels;
  readonly single: LaneKernels;
  private readonly functions: Record<string, Kernel>;
  private readonly values: number;
  private readonly constants: number;
  private readonly state: number;
  private readonly out: number;

  constructor(code: BufferSource, readonly facts: Facts) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: LENT });
    const memory = exports.memory as WebAssembly.Memory;
    let free = Math.ceil((exports.__heap_base as WebAssembly.Global).value / 8 / LINE) * LINE;
    const take = (doubles: number) => {
      const place = free;
      free += Math.ceil(doubles / LINE) * LINE;
      return place;
    };
    this.functions = exports as unknown as Record<string, Kernel>;
    this.values = take(facts.parameters.length);
    this.constants = take(facts.n_constants);
    this.state = take(facts.states.length);
    this.out = take(Math.max(facts.states.length, facts.outputs.length, 2 * facts.n_breaks));
    const places = (["double", "single"] as const).map((kind) => {
      const width = facts.lanes[kind].place.WIDTH;
      return {
        work: take(facts.lanes[kind].size / 8),
        shares: take(width),
        point: take(width * facts.states.length),
        computed: take(width * facts.outputs.length),
      };
    });
    const missing = free - memory.buffer.byteLength / 8;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    this.numbers = new Float64Array(memory.buffer);
    this.double = new LaneKernels(this.functions, "double_", facts.lanes.double, this.numbers, places[0]);
    this.single = new LaneKernels(this.functions, "single_", facts.lanes.single, this.numbers, places[1]);
  }

  /** Constants that follow from parameters. */
  constantsOf(values: Float64Array): Float64Array {
    this.numbers.set(values, this.values);
    this.functions.constants(0, 8 * this.values, 8 * this.values, 8 * this.constants);
    return this.numbers.slice(this.constants, this.constants + this.facts.n_constants);
  }

  /** The state a run starts in. */
  initial(constants: Float64Array): Float64Array {
    this.numbers.set(constants, this.constants);
    return this.lead("initial", 0, this.constants, this.facts.states.length);
  }

  /** Rates of change of a state. */
  rates(t: number, y: Float64Array, constants: Float64Array): Float64Array {
    return this.at("rhs", t, y, constants, this.facts.states.length);
  }

  /** All outputs of a state. */
  observe(t: number, y: Float64Array, constants: Float64Array): Float64Array {
    return this.at("observe", t, y, constants, this.facts.outputs.length);
  }

  /** Pairs of a first time and a period (h) at which the equations jump. */
  breaks(constants: Float64Array): Float64Array {
    if (!this.facts.n_breaks) return new Float64Array(0);
    this.numbers.set(constants, this.constants);
    return this.lead("breaks", 0, this.constants, 2 * this.facts.n_breaks);
  }

  private at(name: string, t: number, y: Float64Array, constants: Float64Array, n: number): Float64Array {
    this.numbers.set(constants, this.constants);
    this.numbers.set(y, this.state);
    return this.lead(name, t, this.state, n);
  }

  private lead(name: string, t: number, y: number, n: number): Float64Array {
    this.functions[name](t, 8 * y, 8 * this.constants, 8 * this.out);
    return this.numbers.slice(this.out, this.out + n);
  }
}

/** Kernels of a group of lanes, and its work block. */
export class LaneKernels {
  readonly width: number;
  readonly work: number;
  readonly shares: number;
  readonly point: number;
  readonly computed: number;
  private readonly base: number;
  private readonly copies: Float64Array[] = []; // that nobody needs any more
  private readonly kernels: Record<"derive" | "step" | "check" | "peak" | "look", Kernel>;

  constructor(
    functions: Record<string, Kernel>,
    prefix: string,
    readonly facts: LaneFacts,
    readonly numbers: Float64Array,
    places: { work: number; shares: number; point: number; computed: number },
  ) {
    this.width = facts.place.WIDTH;
    this.work = places.work;
    this.shares = places.shares;
    this.point = places.point;
    this.computed = places.computed;
    this.base = 8 * (this.work + facts.place.ORIGIN);
    const named = (name: string) => functions[prefix + name];
    this.kernels = {
      derive: named("derive"),
      step: named("step"),
      check: named("check"),
      peak: named("peak"),
      look: named("look"),
    };
  }

  /** Where a row of the work block lies. */
  row(name: keyof LaneFacts["place"]): number {
    return this.work + this.facts.place[name];
  }

  clear(): void {
    this.numbers.fill(0, this.work, this.work + this.facts.size / 8);
  }

  /** A copy of the work block, the way back to it, and its end. */
  block(): Float64Array {
    const block = this.copies.pop() ?? new Float64Array(this.facts.size / 8);
    block.set(this.numbers.subarray(this.work, this.work + block.length));
    return block;
  }

  restore(block: Float64Array): void {
    this.numbers.set(block, this.work);
  }

  release(block: Float64Array): void {
    this.copies.push(block);
  }

  /** Computes what follows from the constants. */
  derive(): void {
    this.kernels.derive(this.base);
  }

  /** Takes a step; says how much larger it could be, by the worst lane's error: < 1 rejects it. */
  step(y: number, next: number, t: number, h: number, begin: number): number {
    return this.kernels.step(this.base, 8 * y, 8 * next, t, h, begin);
  }

  /** Puts NaN into the row of errors where no step can help, 0 into the other lanes. */
  check(y: number): void {
    this.kernels.check(this.base, 8 * y);
  }

  /** Keeps the largest size of each state. */
  peak(y: number): void {
    this.kernels.peak(this.base, 8 * y);
  }

  /** Looks at all lanes, each at its share of the last step from y. */
  look(y: number, t: number): void {
    this.kernels.look(this.base, 8 * y, 8 * this.shares, t, 8 * this.point, 8 * this.computed);
  }
}
