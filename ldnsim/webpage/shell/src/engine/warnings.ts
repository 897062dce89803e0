/** What the user must be told, in the words of the package. */

import type { Data } from "./data";
import type { Schedule } from "./schedule";
import type { Marks } from "./windows";

export function warningsOf(data: Data, schedule: Schedule, marks: Marks, done: number, failed: number): string[] {
  const drugs = new Set(schedule.trains.map((train) => train.drug));
  const opioid = data.opioids.find((drug) => drugs.has(drug));
  const told: string[] = [];
  if (opioid && drugs.has(data.counts))
    told.push(
      `${data.counts} together with ${opioid} can precipitate withdrawal and blocks the opioid: see withdrawal; ` +
        "for research, never advice",
    );
  if (!marks.complete)
    told.push("The run ends before the first dosing interval does, so these numbers describe a part of it");
  if (failed) told.push(`${failed} of ${done} draws did not reach the end and are left out`);
  return told;
}
