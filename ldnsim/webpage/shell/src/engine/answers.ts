/** From blocks of runs to what the page is told: curves with bands, headlines, warnings. */

import { gradesOf } from "./deciding";
import type { Plan } from "./plan";
import { Columns } from "./columns";
import { bandOf } from "./quantiles";
import type { Rows } from "./quantiles";
import type { Sharing } from "./sharing";
import type { Block } from "./solving";
import { wordsInHours } from "./spoken";
import type { Curve, Headline, Reply } from "./types";
import { warningsOf } from "./warnings";

export class Answers {
  private readonly began = performance.now();
  private readonly columns: Columns;
  /** The first time at which bands are wanted. */
  private readonly drawn: number;

  constructor(private readonly plan: Plan) {
    const { bandsFrom } = plan.request;
    this.drawn = bandsFrom ? plan.times.findIndex((t) => t >= bandsFrom - 1e-6) : 0;
    this.columns = new Columns(plan.request.outputs.length * plan.times.length, plan.n);
  }

  /** Draws that are wanted. */
  get asked(): number {
    return this.plan.n;
  }

  /** Takes in what is new of some blocks. */
  take(blocks: Block[]): void {
    for (const block of blocks) this.columns.put(block);
  }

  /** The nominal subject's. */
  nominal(block: Block): Reply {
    const { request, times } = this.plan;
    const rows = request.outputs.map((name, o) => [name, { middle: Float64Array.from(block.courses.subarray(o * times.length, (o + 1) * times.length)) }]);
    return this.reply("nominal", Object.fromEntries(rows), this.headlines(block.numbers, false), 0, 0, block.lost);
  }

  /** Those of the draws that there are; yields where messages of helpers are to be read. */
  *banded(stage: "part" | "final", sharing: Sharing, nominal: Block): Generator<null, Reply> {
    const blocks = sharing.found();
    const numbers = blocks.flatMap((block) => block.numbers);
    const failed = numbers.filter((own) => own === null).length;
    if (failed === numbers.length) throw new Error("no draw's run reaches the end: change dose or person");
    this.take(blocks);
    const { outputs } = this.plan.request;
    const bands = sharing.bands(outputs.map((_, o) => this.rows(o, numbers.length)));
    const headlines = this.headlines(numbers, stage === "final");
    const found = yield* bands;
    const curves = Object.fromEntries(outputs.map((name, o) => [name, found[o]]));
    if (stage === "final" && this.plan.request.all) this.plan.request.outputs.forEach((name, o) => (curves[name].every = this.every(blocks, o)));
    const lost = blocks.reduce((sum, block) => sum + block.lost, nominal.lost);
    return this.reply(stage, curves, headlines, numbers.length, failed, lost);
  }

  end(): void {
    this.columns.end();
  }

  /** What there is of an output. */
  private rows(output: number, count: number): Rows {
    const { times, n } = this.plan;
    return { numbers: this.columns.some(output * times.length, times.length), width: n, count, drawn: this.drawn };
  }

  /** Courses of an output, draw after draw. */
  private every(blocks: Block[], output: number): Float64Array {
    const { length } = this.plan.times;
    const all = new Float64Array(length * this.plan.n);
    let to = 0;
    for (const { n, courses } of blocks)
      for (let i = 0; i < n; i++) for (let k = 0; k < length; k++) all[to++] = courses[(output * length + k) * n + i];
    return all;
  }

  private headlines(found: (number[] | null)[], last: boolean): Headline[] {
    const { data, chosen, marks, reading } = this.plan;
    const { readouts } = reading;
    const numbers = readouts.map((_, k) => found.map((one) => one?.[k] ?? NaN));
    const grades = last ? gradesOf(data, chosen, numbers) : [];
    return readouts.map((r, k) => {
      const [low, value, high] = bandOf(Float64Array.from(numbers[k]));
      const { id, unit, label, words, group } = r;
      const window = wordsInHours(r.window, marks);
      return { id, value, low, high, unit, label, words, window, group, ...(grades[k] ?? { grade: "", deciding: [] }) };
    });
  }

  private reply(
    stage: Reply["stage"],
    curves: Record<string, Curve>,
    headlines: Headline[],
    done: number,
    failed: number,
    lost: number,
  ): Reply {
    const { schedule, data, marks, n, times, request } = this.plan;
    const doses: Record<string, number[]> = {};
    for (const dose of schedule.doses) (doses[dose.drug || dose.train.cmt] ??= []).push(dose.time);
    const ms = performance.now() - this.began;
    const { end } = schedule;
    const warnings = warningsOf(data, schedule, marks, done, failed);
    const { people } = request;
    if (lost)
      warnings.push(`${lost} of ${1 + done} runs turn faster than this page can look: their numbers are not to be trusted`);
    if (people.kind === "draws" && n < people.n)
      warnings.push(`${n} of the page's draws are of this structure, and only these are shown`);
    return { stage, times, curves, headlines, done, asked: n, failed, doses, warnings, ms, end };
  }
}
