/** What the sides are called: first by what tells them apart. */

import type { Reply } from "../engine/types";
import { missed } from "./course";
import { said } from "./fields";
import { DAY } from "./format";
import type { Shown } from "./panels";
import { type Choices, fieldsOf, NEVER, ONCE, PARAMETER, type Spec } from "./spec";

interface Aspect {
  name: string;
  words: string;
  /** What goes without saying, for a side whose neighbour has something else. */
  usual: string;
}

/** One label a side; two sides that show different things have different labels. */
export function labels(spec: Spec, sides: Choices[]): string[] {
  const found = sides.map((choices) => aspects(spec, choices));
  const names = [...new Set(found.flat().map((aspect) => aspect.name))];
  const words = (side: Aspect[], name: string): string => side.find((a) => a.name === name)?.words ?? "";
  const differ = names.filter((name) => new Set(found.map((side) => words(side, name))).size > 1);
  const shared = names.filter((name) => !differ.includes(name) && name !== "draws");
  const usual = (name: string): string => found.flat().find((a) => a.name === name)?.usual ?? "";
  return found.map((side) => {
    const first = differ.map((name) => words(side, name) || usual(name));
    return [...first, ...shared.map((name) => words(side, name))].filter(Boolean).join(", ");
  });
}

function aspects(spec: Spec, choices: Choices): Aspect[] {
  const found: Aspect[] = [{ name: "taken", words: dosing(spec, choices), usual: "" }];
  const away = missed(choices);
  found.push({ name: "missed", words: away.length ? `without day ${choices.missed}` : "", usual: "no day missed" });
  found.push(option(spec, choices, "scenario", "default reading"), option(spec, choices, "condition", "no condition"));
  for (const name of Object.keys(spec.person)) found.push(person(spec, choices, name));
  found.push({ name: "opioid", words: opioid(spec, choices), usual: "no opioid" });
  const challenge = choices.endotoxin ? `then ${choices.endotoxin} ng/kg endotoxin` : "";
  found.push({ name: "endotoxin", words: challenge, usual: "no endotoxin" });
  for (const name of Object.keys(choices).filter((n) => n.startsWith(PARAMETER))) {
    const id = name.slice(PARAMETER.length);
    found.push({ name, words: `${id} = ${choices[name]}`, usual: `${id} as it is` });
  }
  found.push({ name: "draws", words: choices.draws ? `${choices.draws} draws` : "", usual: "" });
  return found;
}

function dosing(spec: Spec, choices: Choices): string {
  const days = daysIn(choices);
  const ii = Number(choices.interval);
  if (ii === NEVER) return choices.opioid ? "no naltrexone" : `nothing taken, ${days}`;
  const unit = spec.groups[0].fields.find((f) => f.kind === "number" && f.name === "dose");
  const amount = unit ? said(unit, choices.dose) : String(choices.dose);
  const dose = Number(choices.dose) === 0 ? `${amount} (placebo)` : amount;
  const form = choices.formulation && choices.formulation !== "capsule" ? ` ${word(spec, "formulation", choices)}` : "";
  const into = choices.cmt ? ` into ${choices.cmt}` : "";
  if (ii === ONCE) return `${dose}${form}${into} once at ${choices.at}, ${days}`;
  const rising = choices.titration ? ` up from ${choices.first_dose} by ${choices.step} every ${choices.step_days} d` : "";
  return `${dose}${form}${into} at ${choices.at} ${word(spec, "interval", choices)}${rising}, ${days}`;
}

function daysIn(choices: Choices): string {
  return Number(choices.days) === 1 ? "1 day" : `${choices.days} days`;
}

function option(spec: Spec, choices: Choices, name: string, usual: string): Aspect {
  return { name, words: choices[name] ? word(spec, name, choices) : "", usual };
}

function person(spec: Spec, choices: Choices, name: string): Aspect {
  const field = fieldsOf(spec).find((f) => f.name === name)!;
  const label = field.label.toLowerCase();
  const words = choices[name] === field.start ? "" : `${label} ${said(field, choices[name])}`;
  return { name, words, usual: `${label} ${said(field, field.start)}` };
}

function opioid(spec: Spec, choices: Choices): string {
  if (!choices.opioid) return "";
  const long = choices.opioid_use === "usual" ? ", long-term" : "";
  const often = word(spec, "opioid_interval", choices);
  const from = !long && choices.opioid_at && choices.opioid_at !== "00:00" ? ` from ${choices.opioid_at}` : "";
  const words = `${word(spec, "opioid", choices)} ${choices.opioid_dose} mg ${often}${from}`;
  if (Number(choices.interval) !== NEVER) return `with ${words}${long}`;
  return long ? `${words}${long}, ${daysIn(choices)}` : `${words} for ${daysIn(choices)}`;
}

function word(spec: Spec, name: string, choices: Choices): string {
  const field = fieldsOf(spec).find((f) => f.name === name);
  return field ? said(field, choices[name]) : String(choices[name] ?? "");
}

/** Whom the picture is of, said of each answer as it is: of the nominal subject, of some of the draws so far, of all. */
export function people({ stage, asked, done, failed }: Reply): string {
  const lost = failed ? `; ${failed} did not reach the end` : "";
  if (asked <= 1) return "nominal values";
  if (stage === "nominal") return `nominal values, ${asked} draws to follow`;
  return stage === "part" ? `${done - failed} of ${asked} draws so far${lost}` : `${done - failed} draws${lost}`;
}

/** What lines and bands are of an answer. */
export const drawn = ({ stage, asked }: Reply): string => (asked > 1 && stage !== "nominal" ? ": median and 90 % of the draws" : "");

/** What stands above the two parts of the panels: by day, and by the hour. */
export function headings({ days, doses, long, span: [from, to] }: Pick<Shown, "days" | "doses" | "long" | "span">, reply: Reply): string[] {
  const band = drawn(reply);
  if (!long) return [`The whole run, ${Math.round(to / DAY)} days${band}`];
  const given = Object.values(reply.doses).flat();
  const first = given.length ? Math.min(...given) : 0;
  const all = days.some(({ from: [begin], side }) => side === "B" && begin < first + DAY - 1e-6);
  const dose = doses.length > 1 ? "the last dose" : "the dose";
  const after = doses.length > 0 && from >= Math.max(...doses) - 1e-6; // an opioid's interval may end later than the part that is shown
  const part = after && to < reply.end - 1e-6 ? `From 0 to ${lengthOf(to - from)} after ${dose}` : `The last ${lengthOf(to - from)}`;
  return [`By day: range of the median in each 24 h${all ? "" : " but the first"}`, `${part}${band}`];
}

/** Hours; of weeks, days. */
function lengthOf(hours: number): string {
  return hours > 7 * DAY && hours % DAY < 1e-6 ? `${hours / DAY} days` : `${Math.round(hours)} h`;
}
