/** Key numbers as cards, and all of them as a table. */

import type { Headline } from "../engine/types";
import { h } from "./dom";
import { capital, number } from "./format";
import { shownKeys, type Spec } from "./spec";

export interface Side {
  name: "A" | "B";
  label: string;
  headlines: Headline[];
  /** Hours from the last dose to the end of the run: what lasts so long may last longer. */
  watched: number;
}

/** "≥ " before a number that only bounds the true one from below. */
export function least(spec: Spec, one: Headline, value: number, watched: number): string {
  return spec.lasting.includes(one.id) && value >= watched - 1e-6 ? "≥ " : "";
}

const GRADES: Record<string, string> = {
  measured: "rests on measured parameters",
  fitted: "rests on parameters fitted to measurements",
  assumed: "rests on assumed parameters: nobody has measured them",
};

/** The key readouts that a side has, in their order; opioid withdrawal only where an opioid is taken. */
export function keysOf(spec: Spec, side: Side, opioid: boolean): Headline[] {
  const known = new Map(side.headlines.map((one) => [one.id, one]));
  const ids = shownKeys(spec, [...known.keys()], opioid);
  return (ids.length ? ids : [...known.keys()].slice(0, spec.mostKeys)).map((id) => known.get(id)!);
}

export function card(spec: Spec, one: Headline, kept: Headline | undefined, drawn: boolean): HTMLElement {
  return h(
    "div",
    { class: "card", "data-readout": one.id, title: one.words },
    h("dt", {}, spec.keys[one.id] ?? capital(one.label)),
    h(
      "dd",
      {},
      h("b", {}, valueOf(spec, one)),
      h("span", { class: "interval" }, interval(spec, one) || (drawn && !Number.isNaN(one.low) ? "in all draws" : "\u00a0")),
      h("span", { class: "window" }, one.window),
      kept ? h("span", { class: "kept" }, `A ${valueOf(spec, kept)}`, kept.window === one.window ? null : `, ${kept.window}`) : null,
      one.grade ? grade(one) : null,
    ),
  );
}

/** How well known it is what decides a number, and which parameters these are. */
function grade({ grade: name, deciding }: Headline): HTMLElement {
  const by = deciding?.length ? `; decided most by ${deciding.join(", ")}` : "";
  return h("span", { class: `grade ${name}`, title: `${GRADES[name] ?? ""}${by}` }, name);
}

/** How many of a readout's unit make one. */
const perOne = ({ unit }: Headline): number => (unit === "%" ? 100 : 1);

/** A value of a readout with three digits; what the solver leaves of nothing is 0. */
function readout(spec: Spec, one: Headline, value: number): string {
  return Math.abs(value) < spec.nothing * perOne(one) ? "0" : number(value);
}

const ROUGH = 1e-5; // the rounding of single precision about 0

/** The readouts of a quick answer: what single precision leaves of nothing is 0, until the answer in full digits is there. */
export function quick(headlines: Headline[]): Headline[] {
  return headlines.map((one) => {
    const clear = (value: number): number => (Math.abs(value) < ROUGH * perOne(one) ? 0 : value);
    return { ...one, value: clear(one.value), low: clear(one.low), high: clear(one.high) };
  });
}

export function valueOf(spec: Spec, one: Headline): string {
  const text = readout(spec, one, one.value);
  const sign = one.unit === "%" && one.value > 0 && text !== "0" ? "+" : "";
  return `${sign}${text} ${unitOf(spec, one)}`.trim();
}

const ONE_DAY = "from 0 to 24 h after the dose"; // of a single dose: "h/day" would promise as much on other days

function unitOf(spec: Spec, one: Headline): string {
  if (spec.perDay.some((start) => one.id.startsWith(start))) return one.window === ONE_DAY ? "h" : "h/day";
  return one.unit === "1" ? "" : one.unit;
}

export function interval(spec: Spec, one: Headline): string {
  const [low, high] = [readout(spec, one, one.low), readout(spec, one, one.high)];
  return one.low === one.high || Number.isNaN(one.low) || (low === "0" && high === "0") ? "" : `${low} to ${high}`;
}

/** All readouts, in their groups; a column a side. */
export function table(spec: Spec, sides: Side[]): HTMLTableElement {
  const all = sides.flatMap((side) => side.headlines);
  const groups = [...new Set(all.map((one) => one.group))];
  const ids = groups.flatMap((name) => [...new Set(all.filter((one) => one.group === name).map((one) => one.id))]);
  const of = (side: Side, id: string): Headline | undefined => side.headlines.find((one) => one.id === id);
  const first = (id: string): Headline => sides.map((side) => of(side, id)).find(Boolean)!;
  const heads = sides.map((side) => h("th", { scope: "col", class: "number" }, sides.length > 1 ? `${side.name}` : "Median"));
  const windows = (id: string): string => windowsOf(sides, (side) => of(side, id)?.window);
  const usual = mostOften(ids.map(windows));
  const body: HTMLElement[] = [];
  let group = "";
  for (const id of ids) {
    const one = first(id);
    if (one.group !== group) {
      group = one.group;
      body.push(h("tr", { class: "group" }, h("th", { colspan: sides.length + 3, scope: "colgroup" }, group || "Readouts")));
    }
    const cells = sides.map((side) => cell(spec, of(side, id), side.watched));
    const analyte = id.includes(" ") && !one.label.includes(id.split(" ")[1]) ? ` (${id.split(" ").slice(1).join(" ")})` : "";
    body.push(
      h(
        "tr",
        {},
        h("th", { scope: "row", title: one.words }, capital(one.label) + analyte, windows(id) === usual ? null : h("small", {}, windows(id))),
        ...cells,
        h("td", { class: "unit" }, unitOf(spec, one)),
        h("td", {}, one.grade ? grade(one) : "", one.deciding?.length ? h("small", { class: "deciding" }, ` ${one.deciding.join(", ")}`) : null),
      ),
    );
  }
  return h(
    "table",
    {},
    h("caption", {}, `All numbers ${usual}`, h("span", {}, ", unless a row says otherwise; median and 90 % interval of the draws")),
    h(
      "thead",
      {},
      h("tr", {}, h("th", { scope: "col" }, "Readout"), ...heads, h("th", { scope: "col" }, "Unit"), h("th", { scope: "col" }, "Rests on")),
    ),
    h("tbody", {}, ...body),
  );
}

/** The part of the course that a number is of, said of each side where they differ. */
export function windowsOf(sides: Side[], of: (side: Side) => string | undefined): string {
  const found = sides.map((side) => ({ name: side.name, words: of(side) ?? "" })).filter(({ words }) => words);
  if (new Set(found.map(({ words }) => words)).size < 2) return found[0]?.words ?? "";
  return found.map(({ name, words }) => `${name} ${words}`).join(", ");
}

function mostOften(items: string[]): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

function cell(spec: Spec, one: Headline | undefined, watched: number): HTMLElement {
  if (!one || Number.isNaN(one.value)) return h("td", { class: "number" }, "–");
  const say = (value: number): string => least(spec, one, value, watched) + readout(spec, one, value);
  const span = interval(spec, one) ? ` (${say(one.low)} to ${say(one.high)})` : "";
  return h("td", { class: "number" }, h("b", {}, say(one.value)), span ? h("small", {}, span) : null);
}
