/** Why a panel has nothing to show. */

import { doses, missed } from "./course";
import type { Days, Line } from "./curves";
import type { Choices, Spec } from "./spec";

const NOTHING = 1e-9; // a level below is none

/** A logarithmic panel without anything above zero, by the hour or by the day, says why. */
export function emptiness(spec: Spec, lines: Line[], days: Days[], choices: Choices): Record<string, string> {
  const found: Record<string, string> = {};
  for (const panel of spec.panels.filter((one) => one.log)) {
    const mine = new Set(panel.boxes.flatMap((box) => box.variables));
    const some =
      lines.some((line) => mine.has(line.variable) && line.middle.some((y) => y > NOTHING)) ||
      days.some((one) => mine.has(one.variable) && one.high.some((y) => y > NOTHING));
    if (!some) found[panel.id] = why(choices);
  }
  return found;
}

function why(choices: Choices): string {
  if (!doses(choices)) return "Nothing is in plasma here: no naltrexone is taken.";
  if (Number(choices.dose) === 0) return "Nothing is in plasma here: a placebo is taken.";
  if (choices.formulation === "cream") {
    return "Nothing reaches plasma: no cream was ever measured to get through intact skin, so every curve stays where it is untreated.";
  }
  return `Nothing is in plasma here${missed(choices).length ? ": every dose is missed" : ""}.`;
}
