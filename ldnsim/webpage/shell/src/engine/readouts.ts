/** Readouts of a run: which windows they read, when the run must be looked at for them, and their numbers. */

import { curveOf, valueAt } from "./curve";
import type { Span } from "./curve";
import { BLOCKED } from "./data";
import type { ReadoutData } from "./data";
import { BREAK } from "./events";
import type { Events } from "./events";
import { TOGETHER, nodesOf, refined } from "./nodes";
import { REDUCERS } from "./reducers";
import { spansOf } from "./windows";
import type { Marks } from "./windows";

const LOST = 0.02; // of a course's range

interface Laid {
  readout: ReadoutData;
  spans: Span[];
  length: number;
}

export class Reading {
  private readonly laid: Laid[];
  private readonly reads: Span[];

  /** Into how many parts the gaps between usual nodes are cut. */
  parts = 1;

  constructor(readonly readouts: ReadoutData[], private readonly marks: Marks) {
    this.laid = readouts.map((readout) => this.lay(readout));
    this.reads = this.laid.flatMap(({ spans }) => spans).filter((span) => span.every(Number.isFinite));
  }

  /** Spans of a readout's window, behind those that it is held against; none where one of them is missing. */
  private lay(readout: ReadoutData): Laid {
    if (!(readout.reduce in REDUCERS)) throw new Error(`readouts: ${readout.reduce} is not known to this page`);
    const own = spansOf(readout.window, this.marks, readout.hour);
    if (!readout.against) return { readout, ...own };
    const before = spansOf(readout.against, this.marks, null);
    const both = own.spans.length && before.spans.length;
    return { readout, spans: both ? [...before.spans, ...own.spans] : [], length: own.length };
  }

  /** Outputs that are read. */
  get outputs(): string[] {
    return [...new Set(this.readouts.map((r) => r.output))];
  }

  /** When a run with these events is looked at (h). */
  nodes(events: Events): Float64Array {
    if (!this.reads.length) return new Float64Array(0);
    const at = Array.from(events.time).filter((_, k) => events.kind[k] !== BREAK);
    const usual = nodesOf([...at, this.marks.day], this.reads, this.marks.end, this.marks.run);
    return this.parts > 1 ? refined(usual, this.parts) : usual;
  }

  /** Outputs that turn faster than the nodes follow: every second node tells another course. */
  lost(nodes: Float64Array, valuesOf: (output: string) => Float64Array): string[] {
    const kept = (_: number, k: number) => k % 2 === 0 || nodes[k] - nodes[k - 1] <= TOGETHER || nodes[k + 1] - nodes[k] <= TOGETHER;
    const fewer = nodes.filter(kept);
    return this.outputs.filter((output) => {
      const values = valuesOf(output);
      if (!fewer.length || !values.every(Number.isFinite)) return false;
      const curve = curveOf(fewer, values.filter(kept));
      const range = values.reduce((most, v) => Math.max(most, v), -Infinity) - values.reduce((least, v) => Math.min(least, v), Infinity);
      return nodes.some((t, k) => !kept(t, k) && Math.abs(valueAt(curve, t) - values[k]) > LOST * range);
    });
  }

  /** The numbers of one run, in the order of the readouts; NaN where there is none. */
  numbers(nodes: Float64Array, valuesOf: (output: string) => Float64Array): number[] {
    const curves = new Map(
      this.outputs.map((output) => {
        const values = valuesOf(output);
        return [output, values.every(Number.isFinite) ? curveOf(nodes, values) : null];
      }),
    );
    return this.laid.map(({ readout, spans, length }) => {
      const curve = curves.get(readout.output);
      if (!curve || !spans.length || spans.some(([, end]) => end > this.marks.run + 1e-6)) return NaN;
      const level = readout.level === "threshold" ? BLOCKED : (readout.level ?? 0);
      return REDUCERS[readout.reduce](curve, spans, level, length);
    });
  }
}
