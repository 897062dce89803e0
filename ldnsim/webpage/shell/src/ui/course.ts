/** From choices to what the engine is asked: doses, people, times. */

import type { Course, Described, Request } from "../engine/types";
import { daysIn, Refused } from "./fields";
import { DAY, hoursOf } from "./format";
import { absentOf, type Choices, drawnOf, fieldsOf, labelOf, NEVER, ONCE, PARAMETER, shownKeys, type Spec, variablesOf } from "./spec";

const SHORT = 6 * DAY; // h; a run up to here is shown whole, and so is what follows doses that end long before it does
const LATE = 2 * DAY; // h; of a longer one the end by the hour, the rest by the day
const COARSE = 3; // h between outputs from which the range of each day is read,
const WITH_OPIOID = 2; // and where effects of an opioid rise and fall between its doses
const FINE = 240; // outputs at the end
const PEAKS = [0.7, 1, 1.5]; // h after a dose, looked at besides for that
const SAME = 1e-6; // h

export interface Window {
  /** End of the run (h). */
  end: number;
  /** The part that is shown by the hour: the end, or what follows the last dose where doses end long before the run does. */
  late: number;
  until: number;
  /** Where sides that are compared meet: the end of the last interval. */
  meet: number;
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

export function missed(choices: Choices): number[] {
  return doses(choices) && Number(choices.interval) > 0 ? (daysIn(String(choices.missed ?? "")) ?? []) : [];
}

/** Days with a dose, missed or not, by the number that each dose falls on; day 1 is that of the first. */
function daysOfDoses(choices: Choices): number[] {
  const [at, ii] = [hoursOf(String(choices.at)), Number(choices.interval)];
  const day = (t: number): number => Math.floor(t / DAY + 1e-9);
  return Array.from({ length: doses(choices) }, (_, k) => day(at + k * ii) - day(at) + 1);
}

/** Refuses missed days on which no dose falls, as `Regimen.skip` of the library does. */
export function checkMissed(choices: Choices, label: string): void {
  const there = new Set(daysOfDoses(choices));
  const idle = missed(choices).filter((day) => !there.has(day));
  if (idle.length) throw new Refused(`${label} “${idle.join(", ")}”: no dose falls on it; day 1 is the day of the first dose`);
}

/** Time of the last dose that is taken (h); null where none is. */
function lastTaken(choices: Choices): number | null {
  const away = new Set(missed(choices));
  const k = daysOfDoses(choices).map((day) => !away.has(day)).lastIndexOf(true);
  return k < 0 ? null : hoursOf(String(choices.at)) + k * Math.max(0, Number(choices.interval));
}

export function windowOf(choices: Choices): Window {
  const [ii, days, n] = [Number(choices.interval), Number(choices.days), doses(choices)];
  const stop = n ? hoursOf(String(choices.at)) + (ii === ONCE ? days * DAY : n * ii) : 0;
  const end = Math.max(stop, days * DAY);
  const last = lastTaken(choices);
  const room = Math.max(LATE, ii);
  const early = last !== null && end - last > room + SAME;
  const meet = early ? last + room : end;
  if (end <= SHORT) return { end, late: 0, until: end, meet };
  // A challenge is given on the last day, wherever doses end.
  if (early && !choices.endotoxin) return { end, late: last, until: Math.min(end, last + Math.max(SHORT, ii)), meet };
  return { end, late: Math.max(0, end - room), until: end, meet };
}

/** Whether all of a run is shown by the hour. */
export const isWhole = ({ end, late, until }: Window): boolean => end <= SHORT && late === 0 && until === end;

/** Hours by which a side is moved, in whole days: two short runs end together, else the last interval of one lies under that of the other. */
export function shiftOf(window: Window, other: Window): number {
  const ends = isWhole(window) && isWhole(other) && !(window.meet < window.end && other.meet < other.end);
  const gap = ends ? window.end - other.end : window.meet - other.meet;
  return Math.ceil(gap / DAY - 1e-9) * DAY || 0; // no -0
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
  checkMissed(choices, labelOf(spec, "missed"));
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
    const left = missed(choices);
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
  /** Coarse times with the hours of peaks, the same on all days: one seen more closely would look wider than the others; and the end. */
  daily: number[];
  /** The even stretch through the part shown by the hour: where it begins and ends, and its number of points. */
  first: number;
  last: number;
  count: number;
  /** End of the run. */
  end: number;
}

export function gridOf(choices: Choices): Grid {
  const { end, late, until } = windowOf(choices);
  const step = (until - late) / FINE;
  const first = late - Math.floor(Math.min(late, DAY) / step) * step;
  const at = hoursOf(String(choices.at));
  const ii = Number(choices.interval) > 0 ? Number(choices.interval) : DAY;
  const daily = new Set<number>();
  const coarse = choices.opioid ? WITH_OPIOID : COARSE;
  for (let t = at % coarse; t < end - SAME; t += coarse) daily.add(t);
  for (const peak of PEAKS) for (let t = at + peak; t < end - SAME; t += ii) daily.add(t);
  if (until < end) daily.add(end);
  return { daily: [...daily].sort((x, y) => x - y), first, last: until, count: Math.round((until - first) / step) + 1, end };
}

/** Output times, ascending; of the even stretch those from `from` on (h). */
export function times(choices: Choices, from = 0): number[] {
  const { daily, first, last, count } = gridOf(choices);
  const step = (last - first) / (count - 1);
  const fine = Array.from({ length: count }, (_, k) => (k === count - 1 ? last : first + k * step));
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
