/** Courses of drugs as trains of doses: when each dose is taken, and which are missed. */

import type { Course } from "./types";

export const DAY = 24; // h
const SAME = 1e-6; // h; so much may the doses of a pattern be off its beat

/** Doses of one amount at one interval. */
export interface Train {
  drug: string;
  form: string;
  cmt: string;
  amount: number;
  /** h; 0 for a single dose. */
  ii: number;
  /** When the first dose is taken (h). */
  first: number;
  n: number;
  infusion: number;
  /** Whether the state is the steady state of this train where it begins. */
  ss: boolean;
}

export interface Dose {
  time: number;
  amount: number;
  /** h to the next dose, a day where no interval is named. */
  ii: number;
  drug: string;
  /** All that tells this dose from another at the same time. */
  what: string;
  train: Train;
}

export interface Schedule {
  trains: Train[];
  /** Doses taken, in the order of their times. */
  doses: Dose[];
  /** Doses that are due and not taken after the last one that is. */
  due: Dose[];
  /** End of the run (h). */
  end: number;
}

/**
 * Lays out what is taken.
 *
 * A course that says neither how many doses nor its steps lasts for `days`; one of another drug than `counts` until
 * the last interval of those that do.
 */
export function scheduleOf(taken: Course[], days: number, counts: string): Schedule {
  const main = taken.some((c) => c.drug === counts && !c.cmt) ? taken.filter((c) => c.drug === counts && !c.cmt) : taken;
  const known = main.map((course) => laidOut(course, days, null));
  const until = Math.max(days * DAY, ...known.flatMap(({ taken: own, due }) => [...own, ...due]).map(endOf));
  const rest = taken.filter((course) => !main.includes(course)).map((course) => laidOut(course, days, until));
  const parts = [...known, ...rest];
  const trains = parts.flatMap((part) => part.taken).sort((a, b) => Number(b.ss) - Number(a.ss) || a.first - b.first);
  if (trains.filter((train) => train.ss).length > 1)
    throw new Error("two courses at steady state: the second would wipe the first");
  const due = parts.flatMap((part) => part.due);
  return {
    trains,
    doses: trains.flatMap(dosesOf).sort((a, b) => a.time - b.time),
    due: due.flatMap(dosesOf),
    end: Math.max(days * DAY, ...[...trains, ...due].map(endOf)),
  };
}

const timeOf = (train: Train, k: number) => train.first + k * train.ii;
const endOf = (train: Train) => timeOf(train, train.n - 1) + (train.ii || DAY);

export function dosesOf(train: Train): Dose[] {
  const what = [train.amount, train.cmt, train.infusion, train.drug, train.form].join("|");
  return Array.from({ length: train.n }, (_, k) => ({
    time: timeOf(train, k),
    amount: train.amount,
    ii: train.ii || DAY,
    drug: train.drug,
    what,
    train,
  }));
}

function laidOut(course: Course, days: number, until: number | null): { taken: Train[]; due: Train[] } {
  check(course);
  const { drug, form, cmt = "", ii, start, infusion = 0, ss = false } = course;
  const route = cmt ? { drug: "", form: "", cmt } : { drug, form, cmt: "" };
  const span = until === null ? days * DAY : until - start;
  const usual = ii > 0 ? Math.max(1, Math.ceil(span / ii - 1e-9)) : 1;
  const steps = course.steps ?? [{ dose: course.dose, n: course.n ?? usual }];
  const trains: Train[] = [];
  let first = start;
  for (const { dose, n } of steps) {
    trains.push({ ...route, amount: dose, ii, first, n, infusion: dose ? infusion : 0, ss: ss && !trains.length });
    first += n * ii;
  }
  return course.missed?.length ? without(trains, new Set(course.missed)) : { taken: trains, due: [] };
}

function check({ dose, ii, start, steps, n, ss, infusion }: Course): void {
  const numbers = { dose, ii, start, n: n ?? 1, infusion: infusion ?? 0 };
  for (const [name, number] of Object.entries(numbers))
    if (!(Number.isFinite(number) && number >= 0)) throw new Error(`${name}=${number}: must be a finite number >= 0`);
  for (const step of steps ?? [])
    if (!(step.dose >= 0 && step.n >= 1 && Number.isInteger(step.n) && ii > 0))
      throw new Error("steps: must be amounts >= 0, each for so many doses an interval apart");
  if (ss && !(ii > 0 && start < ii)) throw new Error(`start=${start}: must lie in the first interval with a steady state`);
}

/** Misses the doses of some days, counted from the day of the first dose. */
function without(trains: Train[], days: Set<number>): { taken: Train[]; due: Train[] } {
  const first = dayOf(trains[0].first);
  const isMissed = (train: Train, k: number) => days.has(dayOf(timeOf(train, k)) - first + 1);
  const taken: Train[] = [];
  for (const train of trains) {
    if (train.ss && isMissed(train, 0)) throw new Error("missed: holds the dose that sets the steady state");
    for (let k = 0; k < train.n; k++) {
      if (isMissed(train, k)) continue;
      if (k && !isMissed(train, k - 1)) taken[taken.length - 1].n++;
      else taken.push({ ...train, first: timeOf(train, k), n: 1, ss: train.ss && k === 0 });
    }
  }
  const last = Math.max(-1, ...taken.map((train) => timeOf(train, train.n - 1)));
  const due = trains.flatMap((train) => {
    const k = Array.from({ length: train.n }, (_, j) => j).find((j) => timeOf(train, j) > last);
    if (k === undefined) return [];
    return [{ ...train, amount: 0, infusion: 0, ss: false, first: timeOf(train, k), n: train.n - k, ii: train.ii || DAY }];
  });
  return { taken, due };
}

const dayOf = (time: number) => Math.floor(time / DAY + SAME);
