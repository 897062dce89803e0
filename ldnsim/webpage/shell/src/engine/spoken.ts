/** Which part of a course a number is of, in words and hours; see `words_in_hours` in `ldnsim.readouts.windows`. */

import { spansOf } from "./windows";
import type { Marks } from "./windows";

const PLAIN: Record<string, string> = {
  "last interval": "over the last dosing interval",
  "last dose": "from the last dose on",
  "last days": "over the last whole days",
  "after last dose": "from the last dose to the next, or to the end of the run",
  "first dose": "over the first dosing interval",
  "whole course": "over the whole course",
};

const SAME = 1e-6; // h

export function wordsInHours(window: string, marks: Marks): string {
  const { spans } = spansOf(window, marks, null);
  if (!(window in PLAIN) || spans.length !== 1) return wordsOf(window);
  const [from, to] = spans[0];
  if (!marks.dose.length) return marks.complete ? `over the last ${hours(to - from)} h` : wordsOf(window); // complete: nothing is taken
  const taken = marks.dose.some((time) => Math.abs(time - marks.last) < SAME);
  if (!taken) return `${wordsOf(window)} (${hours(to - from)} h; its dose is missed)`;
  if (Math.abs(from - marks.last) < SAME) return `from 0 to ${hours(to - marks.last)} h after the ${marks.dose.length > 1 ? "last " : ""}dose`;
  return `${wordsOf(window)} (${hours(to - from)} h)`;
}

function wordsOf(window: string): string {
  const span = /^([\d.e+-]+?)-([\d.e+-]+) h( after last dose)?$/.exec(window);
  if (span) return `${span[1]} to ${span[2]} h after the ${span[3] ? "last dose" : "first midnight"}`;
  const clock = window === "night" ? "23:00-07:00" : /^\d\d:\d\d-\d\d:\d\d$/.test(window) ? window : "";
  if (clock) return `from ${clock.replace("-", " to ")} in the last days`;
  return PLAIN[window] ?? `over ${window}`;
}

const hours = (x: number): string => String(Number(x.toPrecision(6)));
