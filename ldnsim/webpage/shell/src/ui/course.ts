/** From choices to what the engine is asked: doses, people, times. */

import type { Course, Described, Request } from "../engine/types";
import { readDays } from "./fields";
import { DAY, hoursOf } from "./format";
import { absentOf, type Choices, type DaysField, drawnOf, fieldsOf, NEVER, ONCE, PARAMETER, shownKeys, type Spec, variablesOf } from "./spec";

const SHORT = 6 * DAY; // h; a run up to here is shown whole
const LATE = 2 * DAY; // h; of a longer one the end by the hour, the rest by the day
const COARSE = 3; // h between outputs from which the range of each day is read,
const WITH_OPIOID = 2; // and where effects of an opioid rise and fall between its doses
const FINE = 240; // outputs at the end
const PEAKS = [0.7, 1, 1.5]; // h after a dose, looked at besides for that
const SAME = 1e-6; // h

export interface Window {
  /** End of the run, and where the part begins that is shown by the hour (0: all of it). */
  end: number;
  late: number;
}

/** Doses of each step of a titration, the last for as long as is left. */
export function steps(choices: Choices, n: number): { dose: number; n: number }[] {
  const [top, rise, ii] = [Number(choices.dose), Number(choices.step), Number(choices.interval)];
  const each = Math.max(1, Math.round((Number(choices.step_days) * DAY) / ii));
  const found: { dose: number; n: number }[] = [];
  let left = n;
  let dose = Number(choices.first_dose);
  while (left > 0 && dose < top - 1e-9) {
    found.push({ dose, n: Math.min(each, left) });
    left -= each;
    dose = Number((dose + rise).toPrecision(8));
  }
  if (left > 0) found.push({ dose: top, n: left });
  return found;
}

/** Number of doses of the drug; 0 where it is not taken. */
export function doses(choices: Choices): number {
  const ii = Number(choices.interval);
  if (ii === NEVER) return 0;
  return ii === ONCE ? 1 : Math.ceil((Number(choices.days) * DAY) / ii - 1e-9);
}

export function missed(spec: Spec, choices: Choices): number[] {
  const field = fieldsOf(spec).find((f): f is DaysField => f.name === "missed");
  return field && doses(choices) > 1 ? readDays(field, String(choices.missed ?? "")) : [];
}

export function windowOf(choices: Choices): Window {
  const [ii, days, n] = [Number(choices.interval), Number(choices.days), doses(choices)];
  const last = n ? hoursOf(String(choices.at)) + (ii === ONCE ? days * DAY : n * ii) : 0;
  const end = Math.max(last, days * DAY);
  return { end, late: end <= SHORT ? 0 : Math.max(0, end - Math.max(LATE, ii)) };
}

/** When the opioid begins (h), and its number of doses until the run ends; of long-term use midnight is one. */
export function opioidTrain(choices: Choices): { start: number; n: number } {
  const start = choices.opioid_use === "usual" ? 0 : hoursOf(String(choices.opioid_at ?? "00:00"));
  return { start, n: Math.max(1, Math.ceil((windowOf(choices).end - start) / Number(choices.opioid_interval) - 1e-9)) };
}

/** The regimen that the controls stand at. */
export function taken(spec: Spec, choices: Choices): Course[] {
  const found: Course[] = [];
  const n = doses(choices);
  if (n) {
    const ii = Number(choices.interval);
    const course: Course = {
      drug: "naltrexone",
      form: String(choices.formulation ?? ""),
      dose: Number(choices.dose),
      ii,
      start: hoursOf(String(choices.at)),
      n,
    };
    if (choices.cmt) course.cmt = String(choices.cmt);
    if (n > 1 && choices.titration) course.steps = steps(choices, n);
    const left = missed(spec, choices);
    if (left.length) course.missed = left;
    found.push(course);
  }
  if (choices.opioid) {
    const ii = Number(choices.opioid_interval);
    const ss = choices.opioid_use === "usual" ? { ss: true } : {};
    const { start, n: count } = opioidTrain(choices);
    const dose = Number(choices.opioid_dose);
    found.push({ drug: String(choices.opioid), form: "", dose, ii, start, n: count, ...ss });
  }
  if (choices.endotoxin) {
    const start = (Number(choices.days) - 1) * DAY + hoursOf(String(choices.endotoxin_at));
    found.push({ drug: "lps", form: "", dose: Number(choices.endotoxin), ii: ONCE, start, n: 1 });
  }
  return found;
}

/** Parameters that keep one value in every draw. */
export function overrides(spec: Spec, choices: Choices): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, parameter] of Object.entries(spec.person)) {
    const start = fieldsOf(spec).find((field) => field.name === name)?.start;
    if (choices[name] !== start) found[parameter] = Number(choices[name]);
  }
  for (const [name, value] of Object.entries(choices)) {
    if (name.startsWith(PARAMETER)) found[name.slice(PARAMETER.length)] = Number(value);
  }
  return found;
}

export interface Grid {
  /** Coarse times with the hours of peaks, the same on all days: one seen more closely would look wider than the others. */
  daily: number[];
  /** The even stretch to the end: where it begins, and its number of points. */
  first: number;
  end: number;
  count: number;
}

export function gridOf(choices: Choices): Grid {
  const { end, late } = windowOf(choices);
  const step = (end - late) / FINE;
  const first = late - Math.floor(Math.min(late, DAY) / step) * step;
  const at = hoursOf(String(choices.at));
  const ii = Number(choices.interval) > 0 ? Number(choices.interval) : DAY;
  const daily = new Set<number>();
  const coarse = choices.opioid ? WITH_OPIOID : COARSE;
  for (let t = at % coarse; t < end - SAME; t += coarse) daily.add(t);
  for (const peak of PEAKS) for (let t = at + peak; t < end - SAME; t += ii) daily.add(t);
  return { daily: [...daily].sort((x, y) => x - y), first, end, count: Math.round((end - first) / step) + 1 };
}

/** Output times, ascending; of the even stretch those from `from` on (h). */
export function times(choices: Choices, from = 0): number[] {
  const { daily, first, end, count } = gridOf(choices);
  const step = (end - first) / (count - 1);
  const fine = Array.from({ length: count }, (_, k) => (k === count - 1 ? end : first + k * step));
  const there = new Set(daily.map((t) => Math.round(t / SAME)));
  return [...daily, ...fine.filter((t) => t >= from - SAME && !there.has(Math.round(t / SAME)))].sort((x, y) => x - y);
}

/** What the engine is asked for the choices of one side; "A" may be moved by up to a day, to end with the other. */
export function request(
  spec: Spec,
  described: Described,
  choices: Choices,
  precision: Request["precision"],
  side: "A" | "B",
): Request {
  const n = Math.min(Number(choices.draws ?? 0), described.draws);
  const gone = absentOf(spec, choices);
  const known = described.readouts.filter((one) => !gone.has(one.output)).map((one) => one.id);
  const quick = precision === "single" && n > 0; // what is seen at once; all the rest follows, but for one subject alone
  const seen = quick && side === "B"; // what of the other side is seen depends on this one
  const keys = seen ? shownKeys(spec, known, Boolean(choices.opioid)) : known.filter((id) => id in spec.keys);
  const from = seen ? windowOf(choices).late : gridOf(choices).first;
  return {
    taken: taken(spec, choices),
    days: windowOf(choices).end / DAY,
    scenario: String(choices.scenario ?? ""),
    condition: String(choices.condition ?? ""),
    overrides: overrides(spec, choices),
    outputs: seen ? drawnOf(spec, choices) : variablesOf(spec, choices),
    readouts: quick && keys.length ? keys : known,
    people: n > 0 ? { kind: "draws", n } : { kind: "nominal", n: 1 },
    precision,
    dt: times(choices, from),
    ...(quick ? { bandsFrom: from } : {}), // files are of the answer in full digits
  };
}
