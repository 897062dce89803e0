/** Readouts of a run: which windows they read, when the run must be looked at for them, and their numbers. */

import { Lattice } from "./curve";
import type { Curve, Span } from "./curve";
import { BLOCKED } from "./data";
import type { ReadoutData } from "./data";
import { BREAK } from "./events";
import type { Events } from "./events";
import { keep } from "./lately";
import { nodesOf } from "./nodes";
import { REDUCERS } from "./reducers";
import { spansOf } from "./windows";
import type { Marks } from "./windows";

interface Laid {
  readout: ReadoutData;
  spans: Span[];
  length: number;
  /** Which of the outputs it reads, and whether its spans end before the run does. */
  place: number;
  there: boolean;
}

export class Reading {
  private readonly laid: Laid[];
  private readonly reads: Span[];
  private readonly rooms: Curve[] = []; // of each output the last curve
  /** Outputs that are read. */
  readonly outputs: string[];

  constructor(readonly readouts: ReadoutData[], private readonly marks: Marks) {
    this.outputs = [...new Set(readouts.map((r) => r.output))];
    this.laid = readouts.map((readout) => this.lay(readout));
    const spans = this.laid.flatMap((one) => one.spans).filter((span) => span.every(Number.isFinite));
    this.reads = [...new Map(spans.map((span) => [span.join(), span])).values()]; // many read the same
  }

  /** Spans of a readout's window, behind those that it is held against; none where one of them is missing. */
  private lay(readout: ReadoutData): Laid {
    if (!(readout.reduce in REDUCERS)) throw new Error(`readouts: ${readout.reduce} is not known to this page`);
    const own = spansOf(readout.window, this.marks, readout.hour);
    const before = readout.against ? spansOf(readout.against, this.marks, null).spans : [];
    const both = own.spans.length && (before.length || !readout.against);
    const spans = both ? [...before, ...own.spans] : [];
    const there = spans.length > 0 && spans.every(([, end]) => end <= this.marks.run + 1e-6);
    return { readout, spans, length: own.length, place: this.outputs.indexOf(readout.output), there };
  }

  /** When a run with these events is looked at (h). */
  nodes(events: Events): Float64Array {
    if (!this.reads.length) return new Float64Array(0);
    const at: number[] = [];
    for (let k = 0; k < events.time.length; k++) if (events.kind[k] !== BREAK) at.push(events.time[k]);
    at.push(this.marks.day);
    return nodesOf(at, this.reads, this.marks.end, this.marks.run);
  }

  /** The numbers of one run, whose outputs have these values at its nodes, in the order of the readouts; NaN where there is none. */
  numbers(nodes: Float64Array, courses: Float64Array[]): number[] {
    const lattice = keep("lattice", new Lattice(nodes));
    const curves: (Curve | null)[] = [];
    for (let k = 0; k < courses.length; k++) {
      const curve = isWhole(courses[k]) ? lattice.through(courses[k], this.rooms[k]) : null;
      curves.push(curve);
      if (curve) this.rooms[k] = curve;
    }
    const found: number[] = [];
    for (const { readout, spans, length, place, there } of this.laid) {
      const curve = curves[place];
      const level = readout.level === "threshold" ? BLOCKED : (readout.level ?? 0);
      found.push(curve && there ? REDUCERS[readout.reduce](curve, spans, level, length) : NaN);
    }
    return found;
  }
}

function isWhole(values: Float64Array): boolean {
  for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) return false;
  return true;
}
