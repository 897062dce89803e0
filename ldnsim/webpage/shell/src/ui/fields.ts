/** What one control accepts: reading what was typed, with a clear refusal, and writing it back. */

import { clock, hoursOf, plain } from "./format";
import { type ClockField, type DaysField, type Field, MOMENTS, type NumberField, type Value } from "./spec";

export class Refused extends Error {}

export function read(field: Field, text: Value): Value {
  if (field.kind === "number") return readNumber(field, text);
  if (field.kind === "clock") return readClock(field, text);
  if (field.kind === "days") return readDays(field, String(text)).length ? String(text).trim() : "";
  const found = field.options.find(([, value]) => String(value) === String(text));
  if (!found) throw new Refused(`${field.label}: ${quoted(text)} is none of its choices`);
  return found[1];
}

export function write(field: Field, value: Value): string {
  return field.kind === "number" && typeof value === "number" ? plain(value) : String(value);
}

function readNumber(field: NumberField, text: Value): number {
  const given = String(text).trim().replace(new RegExp(`\\s*${escaped(field.unit)}$`), "");
  const [low, high] = [field.stops[0], field.stops[field.stops.length - 1]];
  const fits = (t: string): boolean => {
    const x = t.trim() === "" ? NaN : Number(t);
    return x >= low && x <= high && (!field.entire || Number.isInteger(x));
  };
  if (fits(given)) return Number(given);
  const kind = field.entire ? "whole number" : "number";
  const point = given.split(",").length === 2 ? given.replace(",", ".") : "";
  const remedy = point && fits(point) ? `; did you mean ${point}, with a point?` : "";
  const bounds = `${plain(low)} to ${plain(high)} ${field.unit}`.trim();
  throw new Refused(`${field.label} ${quoted(text)} must be a ${kind} from ${bounds}${remedy}`);
}

function readClock(field: ClockField, text: Value): string {
  const word = String(text).trim();
  const given = MOMENTS[word.toLowerCase()] ?? word;
  const found = /^(\d{1,2})(?::(\d{2}))?$/.exec(given);
  const hours = found ? Number(found[1]) + Number(found[2] ?? 0) / 60 : NaN;
  if (!(hours < 24) || Number(found?.[2] ?? 0) > 59) {
    throw new Refused(`${field.label} ${quoted(text)} must be a time from 00:00 to 23:59, such as 22:00`);
  }
  return clock(hours);
}

export function readDays(field: DaysField, text: string): number[] {
  const found = daysIn(text);
  if (!found) throw new Refused(`${field.label} ${quoted(text)} must be days by number, ${field.hint}`);
  return found;
}

/** The days that a text such as "5, 10-12" names, ascending; null where it names none. */
export function daysIn(text: string): number[] | null {
  const found = new Set<number>();
  for (const part of text.trim() ? text.split(",") : []) {
    const span = /^\s*(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*$/.exec(part);
    const [first, last] = span ? [Number(span[1]), Number(span[2] ?? span[1])] : [0, 0];
    if (!span || first < 1 || last < first) return null;
    for (let day = first; day <= last; day++) found.add(day);
  }
  return [...found].sort((a, b) => a - b);
}

/** Number of the stop of a slider that is nearest to a value. */
export function place(field: NumberField | ClockField, value: Value): number {
  const x = field.kind === "clock" ? hoursOf(String(value)) : Number(value);
  let best = 0;
  field.stops.forEach((stop, k) => {
    if (Math.abs(stop - x) < Math.abs(field.stops[best] - x)) best = k;
  });
  return best;
}

export function atStop(field: NumberField | ClockField, k: number): Value {
  return field.kind === "clock" ? clock(field.stops[k]) : field.stops[k];
}

/** What a choice is called, with its unit. */
export function said(field: Field, value: Value): string {
  if (field.kind === "pick") return field.options.find(([, own]) => own === value)?.[0] ?? String(value);
  if (field.kind === "number") return `${plain(Number(value))} ${field.unit}`.trim();
  return String(value);
}

function quoted(text: Value): string {
  return `“${text}”`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
