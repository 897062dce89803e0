/** Where the courses of runs are written down as they are seen: output after output, time after time, run beside run. */

import type { Numbers } from "./types";

export class Sheet {
  /** Where in memory each output stands that is wanted. */
  private from = new Int32Array(0);

  /**
   * @param n runs
   * @param wanted which of the outputs that are looked at are written down
   */
  constructor(readonly courses: Numbers, readonly n: number, private readonly wanted: number[]) {}

  /** Where in memory each output stands that is looked at, for the first of some runs. */
  set sources(sources: number[]) {
    this.from = Int32Array.from(this.wanted, (o) => sources[o]);
  }

  /** Writes a run down at a time. */
  note(time: number, run: number, numbers: Float64Array, lane: number): void {
    const { courses, from, n, wanted } = this;
    const size = courses.length / wanted.length;
    for (let o = 0, to = time * n + run; o < from.length; o++, to += size) courses[to] = numbers[from[o] + lane];
  }

  /** Writes all runs down at a time. */
  noteAll(time: number, numbers: Float64Array): void {
    const { courses, from, n, wanted } = this;
    const size = courses.length / wanted.length;
    for (let o = 0, row = time * n; o < from.length; o++, row += size)
      for (let lane = 0; lane < n; lane++) courses[row + lane] = numbers[from[o] + lane];
  }

  /** Lets nothing be of a run. */
  wipe(run: number): void {
    for (let to = run; to < this.courses.length; to += this.n) this.courses[to] = NaN;
  }
}
