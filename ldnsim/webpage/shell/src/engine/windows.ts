/** What readouts describe: the last cycle of the doses and other windows; see `ldnsim.regimen.window`. */

import type { Span } from "./curve";
import { DAY } from "./schedule";
import type { Dose, Schedule } from "./schedule";

const SAME = 1e-6; // h
const LONGEST = 28 * DAY; // whole days are not sought in a longer stretch
const ASLEEP = ["23:00", "07:00"];

/** Times (h) that windows are laid from. */
export interface Marks {
  start: number;
  end: number;
  last: number;
  day: number;
  run: number;
  /** When another dose follows the last; the end of the run if none does. */
  until: number;
  /** Doses whose intervals count, and when these end. */
  dose: number[];
  due: number[];
  /** Whether the last dosing interval ended before the run did. */
  complete: boolean;
}

export function marksOf(schedule: Schedule, end: number, counts: string): Marks {
  const counted = deciding(schedule.doses, counts);
  const cycle = lastCycle(counted, schedule.due, end);
  const later = counted.map((d) => d.time).filter((time) => cycle.complete && time > cycle.last + SAME && time < end - SAME);
  return { ...cycle, run: end, until: Math.min(end, ...later), ...intervals(counted, schedule.due, end) };
}

/** Doses whose intervals count: those of the drug that counts where there are any, else all. */
function deciding(doses: Dose[], counts: string): Dose[] {
  const taken = doses.filter((d) => d.amount > 0);
  const own = taken.filter((d) => d.drug === counts);
  return own.length ? own : taken.length ? taken : doses;
}

type Cycle = Pick<Marks, "start" | "end" | "last" | "day" | "complete">;

function lastCycle(counted: Dose[], missed: Dose[], runEnd: number): Cycle {
  let [taken, due] = [counted, missed].map((doses) => doses.filter((d) => d.time < runEnd - SAME));
  if (!taken.length) {
    const start = Math.max(0, runEnd - DAY);
    return { start, end: runEnd, last: start, day: start, complete: true };
  }
  const times = taken.map((d) => d.time);
  const [last, stop, complete] = lastInterval([...taken, ...due], endsOf([...counted, ...missed]), runEnd);
  if (!complete)
    return { start: last, end: stop, last, day: Math.max(0, Math.min(last, stop - DAY)), complete: false };
  const first = taken[0].time;
  [taken, due] = [taken, due].map((doses) => doses.filter((d) => d.time <= last + SAME));
  let [cycle, since] = repeating(taken, stop);
  if (cycle === null) [cycle, since] = [declared([...taken, ...due], stop) ?? stop - last, stop];
  if (stop - cycle < first - SAME) cycle = stop - last;
  const back = wholeCycles(cycle, stop - since);
  const [start, day] = [cycle, back].map((hours) => atADose(stop - hours, times));
  const inside = taken.filter((d) => d.time >= start - SAME).map((d) => d.time);
  return { start, end: stop, last: inside.length ? Math.max(...inside) : last, day: Math.max(0, day), complete };
}

/** The time of the dose that is meant: a rounding earlier, a window would begin with the value before it. */
const atADose = (time: number, times: number[]): number => times.find((t) => Math.abs(t - time) <= SAME) ?? time;

/**
 * When intervals end, whichever dose began them: at doses, taken or due, where a train of doses ends, and beyond the
 * last dose where others fall due again; see `_ends` there.
 */
function endsOf(doses: Dose[]): number[] {
  const times = doses.map((d) => d.time);
  const final = Math.max(...times);
  const daily = times.some((time) => Math.abs(final - DAY - time) <= SAME);
  const trains = doses.filter((d) => d.train.n > 1).map(({ train }) => train.first + train.n * train.ii);
  const again = doses.filter((d) => d.train.ii || daily || d.time === final).map((d) => d.time + d.ii);
  return [...times, ...trains, ...again.filter((time) => time > final + SAME), Infinity].sort((a, b) => a - b);
}

/** When the interval ends that a dose begins: at the next of the ends, or when it says itself. */
const untilOf = ({ time, train }: Dose, ends: number[]): number =>
  Math.min(ends.find((t) => t > time + SAME) ?? Infinity, time + (train.ii || Infinity));

/** The last dosing interval that is complete by the end, else the one begun. */
function lastInterval(doses: Dose[], ends: number[], end: number): [number, number, boolean] {
  const pairs = doses.map((d) => [d.time, untilOf(d, ends)] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [last, due] of pairs) if (due <= end + SAME) return [last, Math.min(due, end), true];
  return [pairs[0][0], end, false];
}

/** Period of the pattern before `stop`, seen at least twice, and since when it holds; null for none. */
function repeating(doses: Dose[], stop: number): [number | null, number] {
  const steps = doses.map((d) => [Math.round(d.time / SAME), d.what] as const);
  const there = new Set(steps.map(([time, what]) => `${time} ${what}`));
  if (there.size < steps.length) return [null, stop];
  const [first, end] = [steps[0][0], Math.round(stop / SAME)];
  const [lastTime, lastWhat] = steps[steps.length - 1];
  const periods = new Set(steps.filter(([, what]) => what === lastWhat).map(([time]) => lastTime - time));
  let [best, since]: [number | null, number] = [null, end];
  for (const period of [...periods].filter((p) => p !== 0).sort((a, b) => a - b)) {
    if (2 * period > end - first + 1 || since === first) break;
    const began = beganAt(steps, there, period, end);
    if (began < since && began <= lastTime && end - began >= 2 * period - 1) [best, since] = [period, began];
  }
  return [best === null ? null : best * SAME, since * SAME];
}

/** Since when doses repeat after a period, up to the end. */
function beganAt(steps: (readonly [number, string])[], there: Set<string>, period: number, end: number): number {
  const first = steps[0][0];
  const lacks = (time: number, what: string) => ![-1, 0, 1].some((k) => there.has(`${time + k} ${what}`));
  let began = first;
  for (const [time, what] of steps) {
    if (time + period < end - 1 && lacks(time + period, what)) began = Math.max(began, time + 2);
    if (time - period >= first - 1 && lacks(time - period, what)) began = Math.max(began, time - period + 2);
  }
  return began;
}

/** The common multiple of the intervals of the trains of doses that go on until `stop`. */
function declared(doses: Dose[], stop: number): number | null {
  const trains = new Set(doses.map((d) => d.train));
  const going = [...trains].filter((t) => t.first + (t.n - 1) * t.ii + (t.ii || DAY) >= stop - SAME);
  if (going.some((t) => !t.ii)) return null;
  const cycle = commonMultiple(going.map((t) => t.ii));
  return doses.every((d) => d.time < stop - cycle - SAME || going.includes(d.train)) ? cycle : null;
}

/** Hours to look back: whole cycles and days if there is room, else a day of cycles, else a day. */
function wholeCycles(cycle: number, room: number): number {
  const days = commonMultiple([cycle, DAY]);
  if (days <= Math.min(room, LONGEST) + SAME) return days;
  const cycles = Math.ceil((DAY - SAME) / cycle) * cycle;
  return cycles <= room + SAME ? cycles : Math.max(cycle, DAY);
}

/** Least common multiple of intervals (h), each a fraction with a small denominator. */
function commonMultiple(intervals: number[]): number {
  let [top, bottom] = [0, 1];
  for (const interval of intervals) {
    const [p, q] = fraction(interval);
    if (!top) [top, bottom] = [p, q];
    else {
      const [a, b] = [top * q, p * bottom];
      [top, bottom] = [(a / gcd(a, b)) * b, bottom * q];
      const common = gcd(top, bottom);
      [top, bottom] = [top / common, bottom / common];
    }
  }
  return (top || 1) / bottom;
}

const gcd = (a: number, b: number): number => (b ? gcd(b, a % b) : a);

/** The fraction with a denominator up to 100 000 that is nearest to a number (continued fractions). */
function fraction(x: number): [number, number] {
  let [p0, q0, p1, q1, rest] = [0, 1, 1, 0, x];
  for (;;) {
    const a = Math.floor(rest);
    const [p, q] = [a * p1 + p0, a * q1 + q0];
    if (q > 100_000) return [p1, q1];
    [p0, q0, p1, q1] = [p1, q1, p, q];
    if (Math.abs(rest - a) < 1e-9 || p / q === x) return [p, q];
    rest = 1 / (rest - a);
  }
}

/** Doses whose intervals count, and when these end: at the next dose, taken or due. */
function intervals(counted: Dose[], due: Dose[], end: number): Pick<Marks, "dose" | "due"> {
  const ends = endsOf([...counted, ...due]);
  const found: Pick<Marks, "dose" | "due"> = { dose: [], due: [] };
  let before = -Infinity;
  for (const dose of counted) {
    const [time, next] = [dose.time, untilOf(dose, ends)];
    if (next <= end + SAME && time - before > SAME) {
      found.dose.push(time);
      found.due.push(Math.min(next, end));
    }
    before = time;
  }
  return found;
}

// ---- windows in words -------------------------------------------------------------------------------------

/** Lays a window: its spans (h), and what rates per day are of (h); no spans where there is no such window. */
export function spansOf(window: string, m: Marks, hour: number | null): { spans: Span[]; length: number } {
  const clock = window === "night" ? ASLEEP : window.match(/^(\d\d:\d\d)-(\d\d:\d\d)$/)?.slice(1);
  let spans: Span[];
  if (clock) spans = nightly(m, hoursOf(clock[0]), hoursOf(clock[1]));
  else {
    const span = plain(window, m);
    spans = span ? [span] : [];
  }
  if (!spans.length) return { spans, length: NaN };
  const length = clock ? m.end - m.day : spans[0][1] - spans[0][0];
  return { spans: hour === null ? spans : [[spans[0][0] + hour, spans[0][0] + hour]], length };
}

function plain(window: string, m: Marks): Span | null {
  if (window === "last interval") return [m.start, m.end];
  if (window === "last dose") return [m.last, m.end];
  if (window === "last days") return [m.day, m.end];
  if (window === "after last dose") return [m.last, m.until];
  if (window === "whole course") return [0, m.run];
  const hours = window.match(/^([\d.e+-]+?)-([\d.e+-]+) h( after last dose)?$/);
  if (hours) {
    const since = hours[3] ? m.last : 0;
    return [since + Number(hours[1]), since + Number(hours[2])];
  }
  const days = window.match(/^days? (\d+)(?:-(\d+))?$/);
  if (days) return [DAY * (Number(days[1]) - 1), DAY * Number(days[2] ?? days[1])];
  const k = window === "first dose" ? 0 : Number(window.match(/^dose (\d+)$/)?.[1]) - 1;
  return k < m.dose.length ? [m.dose[k], m.due[k]] : null;
}

const hoursOf = (clock: string) => Number(clock.slice(0, 2)) + Number(clock.slice(3)) / 60;

/** The same hours of each day between `day` and `end`. */
function nightly(m: Marks, start: number, end: number): Span[] {
  const from = start > end ? start - DAY : start;
  const first = Math.floor(m.day / DAY);
  const n = Math.floor(m.end / DAY) - first + 2;
  return Array.from({ length: n }, (_, k) => {
    const [low, high] = [from, end].map((x) => Math.min(Math.max(DAY * (first + k) + x, m.day), m.end));
    return [low, Math.max(low, high)] as Span;
  });
}
