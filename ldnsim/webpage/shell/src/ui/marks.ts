/** Measurements under the curves: those taken in the very state that is shown. */

import { at, type Line } from "./curves";
import { number } from "./format";
import { said } from "./fields";
import { type Choices, type Evidence, fieldsOf, ONCE, type Spec } from "./spec";

export interface Mark {
  id: string;
  variable: string;
  from: number;
  to: number;
  value: number | null;
  low: number | null;
  high: number | null;
  words: string;
}

/** What no measurement was made with: a state that names it not must have none of it. */
const ABSENT = ["opioid", "endotoxin", "titration", "missed"];

/** Whether the controls stand at the state of a measurement, for as long as it was held or longer. */
export function applies(row: Evidence, choices: Choices): boolean {
  if (ABSENT.some((name) => row.state[name] === undefined && choices[name])) return false;
  const once = row.state.interval === ONCE || row.state.endotoxin !== undefined;
  return Object.entries(row.state).every(([name, value]) => {
    if (name === "days") return Number(choices.days) >= Number(value) || (once && row.kind !== "relative");
    if (name === "dose") return Math.abs(Number(choices.dose) - Number(value)) < 1e-6;
    return choices[name] === value;
  });
}

/** Marks of the rows that apply, placed after the last dose (h), from where curves are drawn by the hour up to the end of the run. */
export function marksOf(spec: Spec, choices: Choices, lines: Line[], last: number, from: number, end: number): Mark[] {
  const found: Mark[] = [];
  for (const row of spec.evidence) {
    if (!applies(row, choices)) continue;
    const line = lines.find((one) => one.side === "B" && one.variable === row.variable);
    if (!line) continue;
    const mark = placed(row, line, last);
    if (mark && mark.from >= from - 1e-9 && mark.from <= end) found.push({ ...mark, words: words(spec, row) });
  }
  return found;
}

function placed(row: Evidence, line: Line, last: number): Omit<Mark, "words"> | null {
  const common = { id: row.id, variable: row.variable, value: row.value, low: row.low, high: row.high };
  if (row.kind === "mean") return { ...common, from: Math.max(line.t[0], last + (row.hour ?? 0)), to: last + row.until };
  if (row.kind === "relative") {
    const first = at(line, last + (row.hour ?? 0));
    const from = last + row.until;
    return Number.isFinite(first) ? { ...common, value: first * (row.value ?? 1), from, to: from } : null;
  }
  const from = row.hour === null ? peak(line, last) : last + row.hour;
  return { ...common, from, to: from };
}

/** When a curve is highest after the last dose. */
function peak(line: Line, last: number): number {
  let best = -1;
  for (let k = 0; k < line.t.length; k++) {
    if (line.t[k] >= last && (best < 0 || line.middle[k] > line.middle[best])) best = k;
  }
  return best < 0 ? last : line.t[best];
}

/** What was measured, when, in whom, by whom. */
export function words(spec: Spec, row: Evidence): string {
  const { name, unit } = spec.variables[row.variable];
  const share = unit === "fraction";
  const value = row.value === null ? "" : share ? `${number(row.value * 100)} %` : `${number(row.value)} ${unit === "1" ? "" : unit}`.trim();
  const spread = row.low !== null && row.high !== null ? ` (${number(row.low)} to ${number(row.high)})` : "";
  const when = row.hour === null ? "at its peak" : `${number(row.kind === "relative" ? row.until : row.hour)} h after the dose`;
  const what = row.kind === "hour" ? `peak of ${name} ${when}` : `${name}: ${value}${spread}, ${row.kind === "mean" ? "mean of the day" : when}`;
  const first = row.kind === "relative" ? " (of the scan at 1 h)" : "";
  return [`${what}${first}`, row.people, row.source, row.note].filter(Boolean).join("; ");
}

/** The state of a measurement in a few words, for the button that goes there. */
export function stateWords(spec: Spec, state: Choices): string {
  const of = (name: string): string => {
    const field = fieldsOf(spec).find((f) => f.name === name);
    return field ? said(field, state[name]) : String(state[name]);
  };
  if (state.endotoxin !== undefined) return `${of("endotoxin")} endotoxin`;
  const long = Number(state.days) > 1 ? `, followed for ${state.days} d` : "";
  const often = state.interval === ONCE ? `once${long}` : `${of("interval")}, ${state.days} d`;
  return `${of("dose")} ${of("formulation")}, ${often}`;
}
