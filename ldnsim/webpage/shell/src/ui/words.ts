/** A regimen in words, read as `Regimen.parse` of the library reads it; a test holds both against the same sentences. */

import { Refused } from "./fields";
import { DAY, plain } from "./format";
import { MOMENTS, ONCE } from "./spec";

/** A drug: the unit of its dose, its formulations, and which of these is meant where none is named. */
export interface Drug {
  unit: string;
  usual: string;
  formulations: string[];
}
export type Drugs = Record<string, Drug>;

/** What is taken together: dose, interval (h), clock time (h), length (days), and the day on which it begins. */
export interface Part {
  drug: string;
  formulation: string;
  dose: number;
  ii: number;
  at: number | null;
  days: number | null;
  first: number;
}

/** What people write and is no part of the language, and what is meant; `ldnsim.regimen.hints` of the library. */
export interface Hints {
  counted: string[];
  long: Record<string, number>;
  joining: Record<string, string>;
  meant: Record<string, string>;
  off: string[];
  daysOff: string;
  said: Record<string, string>;
  broken: string[];
  mostDays: number;
  masses: Record<string, number>;
}

export const DRUG = "naltrexone";
const FORM = "it must read like “4.5 mg at 22:00”";
const WEEK = 7 * DAY;
const OFTEN: Record<string, number> = { once: 24, twice: 12, "three times": 8, "four times": 6, bid: 12, tid: 8, qid: 6 };
const SWALLOWED = ["capsule", "tablet", "solution", "slow_release", "oral"];
const BY_MOUTH = /(?<!\S)(?:oral(?:ly)?|p\.?o\.?|by\s+mouth)(?!\S)/gi;
const SPAN: Record<string, number> = { h: 1, d: DAY, w: WEEK };
const ONE = "(?:once\\s+)?"; // "once nightly"
const FILL = ["of", "as", "a", "taken"];
const LENGTH = "(?<n>\\S+?)\\s*(?<unit>h|hours?|d|days?|weeks?)\\b";
const TIME = "(?<time>\\S+(?:\\s+[ap]m\\b)?)";
const DOSE = /(?<!\S)(?<dose>[-+]?[\d.]\S*?)\s*(?<unit>[a-zµμ]+(?:\/[a-z]+)?)(?!\S)/i;

type Said = Partial<Record<"ii" | "at" | "days" | "first", number>>;
type Groups = Record<string, string>;

const PHRASES: [RegExp, (m: Groups, hints: Hints) => Said][] = (
  [
    [
      "(?<often>once|twice|three\\s+times|four\\s+times)\\s+(?:a\\s+day|daily|every\\s+day)|(?<short>[btq]id)",
      (m) => ({ ii: OFTEN[(m.often ?? m.short).toLowerCase().split(/\s+/).join(" ")] }),
    ],
    [`${ONE}every\\s+(?<other>(?:other|second)\\s+)?(?:evening|night|morning)\\s+at\\s+${TIME}`, (m) => ({ ii: m.other ? 48 : 24, at: clockOf(m.time) })],
    [`${ONE}(?:every\\s+(?:other|second)\\s+day|(?:on\\s+)?alternate\\s+days)`, () => ({ ii: 48 })],
    [`${ONE}every\\s+(?:other|second)\\s+night`, () => ({ ii: 48, at: clockOf("night") })],
    ["q(?<n>\\d+)(?<unit>[hdw])", (m, hints) => ({ ii: hours(m, hints) })],
    ["qod", () => ({ ii: 48 })],
    ["qam", () => ({ ii: 24, at: clockOf("morning") })],
    [`${ONE}(?:every\\s+night|nightly|qhs)`, () => ({ ii: 24, at: clockOf("night") })],
    [`${ONE}every\\s+morning`, () => ({ ii: 24, at: clockOf("morning") })],
    ["(?:every\\s+day|daily|qd)", () => ({ ii: 24 })],
    [`(?:${ONE}(?:every\\s+week|weekly)|once\\s+a\\s+week)`, () => ({ ii: WEEK })],
    [`${ONE}every\\s+${LENGTH}`, (m, hints) => ({ ii: hours(m, hints) })],
    [`for\\s+${LENGTH}`, (m, hints) => ({ days: whole("days", hours(m, hints) / DAY) })],
    ["for\\s+(?:(?<n>\\S+)\\s+)?(?<unit>months?|years?)", refuseLong],
    ["from\\s+day\\s+(?<n>\\S+)", (m, hints) => ({ first: whole("day", number(m.n, hints)) })],
    ["once", () => ({ ii: Infinity })],
    [`(?:at|from|in\\s+the)\\s+${TIME}`, (m) => ({ at: clockOf(m.time) })],
    [`(?<time>${Object.keys(MOMENTS).join("|")})`, (m) => ({ at: clockOf(m.time) })],
    ["hs", () => ({ at: clockOf("bedtime") })],
  ] as [string, (m: Groups, hints: Hints) => Said][]
).map(([pattern, says]) => [new RegExp(`(?<!\\S)(?:${pattern})(?!\\S)`, "i"), says]);

/** The parts of a regimen, each with its drug and form filled in; refuses what has no meaning, or more than one. */
export function partsOf(text: string, drugs: Drugs, hints: Hints): Part[] {
  if (!text.trim()) throw new Refused(FORM);
  const words = ` ${text} `.split(/\s\+\s/);
  const parts = words.map((some) => partOf(some.trim(), drugs, hints));
  const untimed = parts.findIndex((part) => part.at === null);
  if (untimed >= 0 && parts.some((part) => part.at !== null)) {
    throw new Refused(`it does not say when “${words[untimed].trim()}” is taken: add “from 08:00”, say`);
  }
  const open = parts.findIndex((part) => part.days === null && part.ii !== ONCE);
  if (open >= 0 && parts[parts.length - 1].days !== null) {
    throw new Refused(`it does not say for how long “${words[open].trim()}” is taken: add “for 14 days”, say`);
  }
  return parts;
}

function partOf(words: string, drugs: Drugs, hints: Hints): Part {
  const found: Said = {};
  const joining = words.split(/\s+/).find((word) => Object.hasOwn(hints.joining, word.toLowerCase()));
  if (joining) throw new Refused(`“${joining}” joins nothing: ${quoted(hints.joining[joining.toLowerCase()])}`);
  let rest = ` ${words} `;
  for (const [looks, says] of PHRASES) {
    for (let match = looks.exec(rest); match; match = looks.exec(rest)) {
      for (const [name, value] of Object.entries(says(match.groups ?? {}, hints)) as [keyof Said, number][]) {
        if (found[name] !== undefined) throw second({ ii: "interval", at: "time", days: "length", first: "first day" }[name], match[0]);
        found[name] = value;
      }
      rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
    }
  }
  checkReach(found, hints);
  const dose = DOSE.exec(rest);
  if (!dose?.groups) throw new Refused(FORM);
  const left = `${rest.slice(0, dose.index)} ${rest.slice(dose.index + dose[0].length)}`;
  const named = namedIn(left.replace(BY_MOUTH, " "), drugs, hints);
  const drug = named.drug ?? DRUG;
  const known = drugs[drug] ?? { unit: "", usual: "", formulations: [] };
  const amount = amountIn(known.unit, number(dose.groups.dose, hints), dose.groups.unit, drug, hints);
  if (left.match(BY_MOUTH)) named.formulation = swallowed(known, named.formulation, drug);
  if (found.ii === Infinity && found.days !== undefined) throw new Refused("“once” and for how long contradict each other");
  if (found.ii !== undefined && !(found.ii > 0)) throw new Refused("an interval must be longer than 0 h");
  return {
    drug,
    formulation: named.formulation ?? known.usual,
    dose: atLeast0("a dose", amount),
    ii: found.ii === Infinity ? ONCE : (found.ii ?? DAY),
    at: found.at ?? null,
    days: found.days ?? null,
    first: found.first ?? 1,
  };
}

/** Refuses what would make a run of more than ten years. */
function checkReach(found: Said, { mostDays }: Hints): void {
  const interval = found.ii === Infinity ? 0 : (found.ii ?? 0);
  const reach = { length: DAY * (found.days ?? 1), "first day": DAY * (found.first ?? 1), interval, time: found.at ?? 0 };
  const beyond = Object.entries(reach).find(([, hours]) => hours > mostDays * DAY);
  if (beyond) throw new Refused(`it goes beyond ${mostDays} days, ten years, by its ${beyond[0]}`);
}

/** Tells drugs from formulations; the words of a formulation may stand apart. */
function namedIn(text: string, drugs: Drugs, hints: Hints): { drug?: string; formulation?: string } {
  const kinds = new Map<string, ["drug" | "formulation", string]>();
  for (const { formulations } of Object.values(drugs)) for (const name of formulations) kinds.set(name.toLowerCase(), ["formulation", name]);
  for (const name of Object.keys(drugs)) kinds.set(name.toLowerCase(), ["drug", name]);
  const found: { drug?: string; formulation?: string } = {};
  let words = text.split(/\s+/).filter((word) => word && !FILL.includes(word.toLowerCase()));
  while (words.length) {
    const taken = [2, 1].find((k) => words.length >= k && kinds.has(words.slice(0, k).join("_").toLowerCase()));
    if (!taken) throw new Refused(strange(words, (name) => kinds.has(name), hints));
    const [kind, name] = kinds.get(words.slice(0, taken).join("_").toLowerCase())!;
    if (found[kind] !== undefined) throw second(kind, name);
    found[kind] = name;
    words = words.slice(taken);
  }
  return found;
}

/** Says of words without a meaning what may be meant: of the first of which it is known. */
function strange(words: string[], isKnown: (name: string) => boolean, hints: Hints): string {
  const hinted = (word: string) => Object.hasOwn(hints.said, word.toLowerCase()) || hints.off.includes(word.toLowerCase());
  const word = words.find(hinted) ?? words[0];
  const said = word.toLowerCase();
  if (hints.broken.includes(said)) return `it has nothing that can be read after “${word}”`;
  const meant = hints.meant[said];
  if (meant && isKnown(meant)) return `“${word}” has no meaning here: did you mean “${meant.replace("_", " ")}”?`;
  if (hints.off.includes(said)) return `“${word}” has no meaning here: days off are said as in “${hints.daysOff}”`;
  return `“${word}” has no meaning here${hinted(word) ? `: ${quoted(hints.said[said])}` : ""}`;
}

/** The quotation marks of the page in the place of those of the library. */
function quoted(text: string): string {
  return text.replace(/'([^']*)'/g, "“$1”");
}

function refuseLong(m: Groups, hints: Hints): never {
  const days = hints.long[m.unit.toLowerCase().replace(/s$/, "")];
  const said = m.n ?? "1";
  const n = numberOf(inDigits(said, hints) || said);
  const meant = n > 0 ? `write “for ${plain(n * days)} days”` : "give it in days";
  throw new Refused(`“for ${m.n ? `${m.n} ` : ""}${m.unit}” is no certain number of days: ${meant}`);
}

/** The number that a word says; empty for any other word. */
function inDigits(word: string, { counted }: Hints): string {
  const said = word.toLowerCase();
  if (said === "a" || said === "an") return "1";
  const n = counted.indexOf(said);
  return n > 0 ? String(n) : "";
}

/** A dose in the unit of its drug; masses are brought to it. */
function amountIn(wanted: string, value: number, given: string, drug: string, { masses }: Hints): number {
  const [to, from] = [wanted.toLowerCase(), given.toLowerCase()];
  if (!to || from === to) return value;
  if (!Object.hasOwn(masses, from) || !Object.hasOwn(masses, to)) {
    const daily = /\/d(ay)?$/.test(from) ? `: one dose a day is “${plain(value)} ${from.split("/")[0]} daily”` : "";
    throw new Refused(`${drug} is taken in ${wanted}, not in ${given}${daily}`);
  }
  const up = masses[from] / masses[to];
  return up >= 1 ? value * up : value / (1 / up);
}

/** “By mouth” is the form of that name where there is one; of what is not swallowed it is refused. */
function swallowed(known: Drug, formulation: string | undefined, drug: string): string {
  if (formulation === undefined && known.formulations.includes("oral")) return "oral";
  const form = formulation ?? known.usual;
  if (SWALLOWED.includes(form)) return form;
  throw new Refused(`it says by mouth of “${form || drug}”, which is not swallowed`);
}

function second(kind: string, words: string): Refused {
  return new Refused(`it names a second ${kind}, “${words.trim()}”`);
}

function clockOf(word: string): number {
  const text = MOMENTS[word.toLowerCase()] ?? word;
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock && Number(clock[1]) < 24 && Number(clock[2]) < 60) return Number(clock[1]) + Number(clock[2]) / 60;
  const value = numberOf(text);
  if (!(value >= 0 && value < Infinity)) throw new Refused(`“${word}” is no time: write it as 22:00, or bedtime`);
  return value;
}

function hours(m: Groups, hints: Hints): number {
  return number(m.n, hints) * SPAN[m.unit[0].toLowerCase()];
}

function whole(what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new Refused(`${what} must be a whole number from 1, not ${value}`);
  return value;
}

function atLeast0(what: string, value: number): number {
  if (!(value >= 0 && value < Infinity)) throw new Refused(`${what} must be a number from 0, not ${value}`);
  return value;
}

function number(word: string, hints: Hints): number {
  const value = numberOf(word);
  const meant = Number.isNaN(value) ? withPoint(word) || inDigits(word, hints) : "";
  if (Number.isNaN(value)) throw new Refused(`“${word}” is not a number${meant ? `: write ${meant}` : ""}`);
  return value;
}

/** What a decimal comma means; with three digits behind it, that is not certain. */
function withPoint(word: string): string {
  const found = /^([+-]?\d*),(\d+)$/.exec(word);
  return found && found[2].length !== 3 ? `${found[1] || 0}.${found[2]}` : "";
}

function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
}
