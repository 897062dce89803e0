/** What a request asks for: who takes what, what is looked at and when. */

import { gridOf } from "./grid";
import type { Data } from "./data";
import { Lowering } from "./lowering";
import { Reading } from "./readouts";
import { scheduleOf } from "./schedule";
import type { Schedule } from "./schedule";
import type { Request } from "./types";
import { chosenBy, subjectsOf } from "./values";
import type { Chosen } from "./values";
import { marksOf } from "./windows";
import type { Marks } from "./windows";

export class Plan {
  readonly schedule: Schedule;
  readonly chosen: Chosen;
  /** How many draws. */
  readonly n: number;
  /** Parameters of the nominal subject, then of each draw. */
  readonly subjects: Float64Array[];
  readonly lowering: Lowering;
  readonly marks: Marks;
  readonly reading: Reading;
  /** When curves are looked at (h). */
  readonly times: Float64Array;
  /** All outputs that are looked at: those whose curves are wanted, and those that readouts read. */
  readonly outputs: string[];
  /** Which of the model's outputs they are. */
  readonly indexes: number[];
  /** Where those whose curves are wanted, and those that are read, stand among them. */
  readonly wanted: number[];
  readonly read: number[];

  constructor(readonly data: Data, readonly request: Request) {
    this.schedule = scheduleOf(request.taken, request.days, data.counts);
    this.chosen = chosenBy(data, request);
    const wanted = request.people.kind === "draws" ? request.people.n : 0;
    const held = this.chosen.draws.length;
    if (wanted > data.draws.rows.length) throw new Error(`people: this page holds ${data.draws.rows.length} draws`);
    if (wanted && !held) throw new Error(`scenario: this page holds no draws of the structure ${request.scenario}`);
    this.n = Math.min(wanted, held);
    this.subjects = subjectsOf(data, this.chosen, this.schedule, this.n);
    this.lowering = new Lowering(data, this.schedule);
    this.marks = marksOf(this.schedule, this.schedule.end, data.counts);
    const readouts = data.described.readouts.filter((r) => request.readouts?.includes(r.id) ?? true);
    this.reading = new Reading(readouts, this.marks);
    this.times = gridOf(request.dt, this.schedule.end);
    this.outputs = [...new Set([...request.outputs, ...this.reading.outputs])];
    this.indexes = this.outputs.map((name) => data.facts.outputs.indexOf(name));
    this.wanted = request.outputs.map((name) => this.outputs.indexOf(name));
    this.read = this.reading.outputs.map((name) => this.outputs.indexOf(name));
    const unknown = this.outputs.find((name) => !data.facts.looked.includes(name));
    if (unknown) throw new Error(`outputs: this page does not compute ${unknown}`);
  }
}
