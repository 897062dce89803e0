/** Doses become events of each subject: how much reaches which state, how late, for how long. */

import type { Data, Product, Share } from "./data";
import { Timeline } from "./events";
import type { Events } from "./events";
import { near } from "./instants";
import type { Schedule, Train } from "./schedule";

/** What one dose feeds into one state. */
export interface Input {
  state: number;
  amount: number;
  /** h */
  lag: number;
  /** h; 0: all at once. */
  duration: number;
}

export class Lowering {
  private readonly places: Map<string, number>;
  private readonly fed: Set<number>;
  private readonly shares: Map<Train, Share[]>;

  constructor(data: Data, readonly schedule: Schedule) {
    this.places = new Map(data.facts.parameters.map((id, k) => [id, k]));
    this.fed = new Set(data.facts.fed);
    this.shares = new Map(schedule.trains.map((train) => [train, sharesOf(data, train)]));
  }

  /** What one dose of a train is to a subject. */
  inputs(train: Train, values: Float64Array): Input[] {
    return this.shares.get(train)!.map((share) => {
      const [fraction, lag, released] = [share.fraction, share.lag, share.duration].map((p) => this.value(p, values, train));
      if (train.infusion && released)
        throw new Error(`infusion=${train.infusion}: ${train.form} is released over time itself`);
      const duration = released || train.infusion;
      if (duration && !this.fed.has(share.state))
        throw new Error(`infusion=${duration}: into ${train.cmt} this page gives doses at once only`);
      return { state: share.state, amount: train.amount * fraction, lag, duration };
    });
  }

  private value([number, ...factors]: Product, values: Float64Array, train: Train): number {
    let product = number;
    for (const factor of factors)
      product *= factor.startsWith("-") ? 1 - values[this.place(factor.slice(1))] : values[this.place(factor)];
    if (!(product >= 0)) throw new Error(`${train.drug} ${train.form}: a share, lag or duration is ${product}, and must be >= 0`);
    return product;
  }

  private place(name: string): number {
    const place = this.places.get(name);
    if (place === undefined) throw new Error(`formulation: this model has no parameter ${name}`);
    return place;
  }

  /** What is given to one subject; a train at steady state begins in `steady`. */
  timeline(values: Float64Array, steady: Float64Array | null): Timeline {
    const line = new Timeline();
    for (const train of this.schedule.trains) {
      const inputs = this.inputs(train, values);
      if (train.ss && steady) {
        line.put(0, steady);
        for (const input of inputs) remains(line, input, train);
      }
      for (const input of inputs)
        for (let k = 0; k < train.n; k++) give(line, train.first + k * train.ii + input.lag, input);
    }
    return line;
  }
}

function sharesOf(data: Data, train: Train): Share[] {
  if (train.cmt) {
    const state = data.facts.states.indexOf(train.cmt);
    if (state < 0) throw new Error(`cmt: no state is called ${train.cmt}`);
    return [{ state, fraction: [1], lag: [0], duration: [0] }];
  }
  const known = data.formulations.filter((row) => row.drug === train.drug);
  if (!known.length) throw new Error(`drug: this model has no place for ${train.drug || "a drug without a name"}`);
  const row = known.find((own) => (train.form ? own.form === train.form : own.usual));
  if (!row) throw new Error(`formulation: must be one of ${known.map((own) => own.form).join(", ")}`);
  return row.shares;
}

function give(line: Timeline, time: number, { state, amount, duration }: Input): void {
  const end = time + duration;
  if (end > time) line.infusion(time, end, state, amount / (end - time));
  else line.bolus(time, state, amount);
}

/** Lets what is left of the doses before a steady state's first arrive or run on. */
function remains(line: Timeline, input: Input, train: Train): void {
  const lag = input.lag + train.first;
  for (let k = 1; k <= Math.floor((lag + input.duration) / train.ii) + 1; k++) {
    const arrival = lag - k * train.ii;
    const start = Math.max(arrival, 0);
    if (input.duration > 0) line.infusion(start, arrival + input.duration, input.state, input.amount / input.duration);
    else if (arrival > -near(0)) line.bolus(start, input.state, input.amount);
  }
}

/** Events of one period of a train that has been going on for ever; what is still to come wraps around. */
export function cycleOf(inputs: Input[], phase: number, period: number): Events {
  const line = new Timeline();
  for (const { state, amount, lag, duration } of inputs) {
    const same = near(phase + lag + period);
    let arrival = (phase + lag) % period;
    if (period - arrival <= same) arrival = 0;
    if (!(duration > 0)) {
      line.bolus(arrival, state, amount);
      continue;
    }
    const rate = amount / duration;
    const whole = Math.floor((duration + same) / period);
    let rest = Math.max(duration - whole * period, 0);
    if (rest <= same) rest = 0;
    const end = arrival + rest;
    if (whole > 0) line.infusion(0, period, state, whole * rate);
    if (end > period) line.infusion(0, end - period, state, rate);
    line.infusion(arrival, Math.min(end, period), state, rate);
  }
  return line.events();
}
