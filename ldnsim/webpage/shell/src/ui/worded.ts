/** The regimen of the controls as one sentence that can be read and changed; what it says, the controls follow. */

import type { Control } from "./controls";
import { doses, missed, steps } from "./course";
import { h, write as put } from "./dom";
import { read, Refused } from "./fields";
import { clock, DAY, plain } from "./format";
import { type Choices, type Field, fieldsOf, NEVER, ONCE, type Spec, type Value } from "./spec";
import { DRUG, type Part, partsOf } from "./words";

const CHALLENGE = "lps";
const USUAL = "usual";
const OFTEN: Record<number, string> = { 12: "twice daily", 24: "daily", 48: "every other day", 168: "weekly", 672: "every 4 weeks" };
const EXAMPLE = "4.5 mg at bedtime + tramadol 50 mg every 6 h from 08:00";

/** The box with the sentence; `choose` takes all that a new sentence says. */
export function worded(spec: Spec, choose: (choices: Choices) => void): Control {
  const id = "control-words";
  let now: Choices = spec.start;
  const refusal = h("p", { class: "refused", id: `${id}-refused`, "aria-live": "polite" });
  const says = h("p", { class: "says", id: `${id}-says` });
  const settle = (why: string): void => {
    put(refusal, why);
    box.setAttribute("aria-invalid", String(why !== ""));
  };
  const take = (): void => {
    try {
      const found = choicesOf(spec, box.value, now);
      settle("");
      choose({ ...now, ...found });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      settle(`Not read: ${error.message}${error.message.endsWith("?") ? "" : "."}`);
    }
  };
  const box = h("textarea", {
    id,
    rows: 2,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: EXAMPLE,
    "aria-describedby": `${id}-refused ${id}-says`,
    onchange: take,
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      take();
    },
  });
  return {
    element: h("div", { class: "control", "data-control": "words" }, h("label", { for: id }, "In words"), box, refusal, says),
    follow(choices) {
      now = choices;
      box.value = wordsOf(spec, choices);
      settle("");
      put(says, besides(choices));
    },
  };
}

/** What a sentence chooses; `now` tells for how many days, where it does not. */
export function choicesOf(spec: Spec, text: string, now: Choices): Choices {
  const parts = partsOf(text, spec.drugs, spec.hints);
  const mine = parts.filter((part) => part.drug === DRUG);
  const given = parts.filter((part) => part.drug === CHALLENGE);
  const others = parts.filter((part) => part.drug !== DRUG && part.drug !== CHALLENGE);
  for (const [some, what] of [[others, "one drug beside naltrexone"], [given, "one dose of endotoxin"]] as const) {
    if (some.length > 1) throw new Refused(`this page takes ${what}`);
  }
  const days = read(fieldOf(spec, "days"), mine.length ? lasting(mine, now) : (others[0]?.days ?? now.days));
  const found: Choices = { days, ...(mine.length ? taking(spec, mine, Number(days)) : { interval: NEVER, missed: "" }) };
  if (others.length) Object.assign(found, beside(spec, others[0], Number(days), now));
  else if (now.opioid) found.opioid = "";
  if (given.length) Object.assign(found, challenged(spec, given[0], Number(days)));
  else if (now.endotoxin) found.endotoxin = 0;
  return found;
}

function lasting(parts: Part[], now: Choices): Value {
  if (parts.length === 1) return parts[0].days ?? now.days;
  const lengths = parts.map((part) => part.days);
  if (lengths.includes(null)) throw new Refused("each step must say for how long: “for 14 days”");
  return lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
}

/** One dose of naltrexone, or one that goes up in even steps. */
function taking(spec: Spec, parts: Part[], days: number): Choices {
  const [first] = parts;
  const [next, top] = [parts[1] ?? first, parts[parts.length - 1]];
  const found: Choices = {
    dose: read(fieldOf(spec, "dose"), plain(top.dose)),
    at: at(spec, "at", first),
    interval: interval(spec, "interval", first),
    formulation: read(fieldOf(spec, "formulation"), first.formulation),
    titration: "",
    missed: "",
  };
  if (parts.length > 1) {
    found.titration = "up";
    found.first_dose = read(fieldOf(spec, "first_dose"), plain(first.dose));
    found.step = read(fieldOf(spec, "step"), plain(next.dose - first.dose));
    found.step_days = read(fieldOf(spec, "step_days"), first.days ?? days);
  }
  const wanted = parts.length > 1 ? stepsOf({ ...found, days }) : [{ dose: first.dose, first: 1 }];
  const same = (part: Part, k: number): boolean =>
    part.dose === wanted[k]?.dose && part.first === wanted[k].first && part.at === first.at && part.ii === first.ii && part.formulation === first.formulation;
  if (parts.length !== wanted.length || !parts.every(same)) {
    throw new Refused("this page takes one dose of naltrexone from day 1 on, or one that goes up in even steps");
  }
  return found;
}

function stepsOf(choices: Choices): { dose: number; first: number; days: number }[] {
  let first = 1;
  return steps(choices, doses(choices)).map(({ dose, n }) => {
    const step = { dose, first, days: (n * Number(choices.interval)) / DAY };
    first += step.days;
    return step;
  });
}

function beside(spec: Spec, part: Part, days: number, now: Choices): Choices {
  if (part.first !== 1 || (part.days ?? days) !== days) throw new Refused(`on this page ${part.drug} is taken from day 1 to the end`);
  const found: Choices = {
    opioid: read(fieldOf(spec, "opioid"), part.drug),
    opioid_dose: read(fieldOf(spec, "opioid_dose"), plain(part.dose)),
    opioid_interval: interval(spec, "opioid_interval", part),
    opioid_at: at(spec, "opioid_at", part),
  };
  const formulation = spec.drugs[part.drug].usual;
  if (part.formulation !== formulation) throw new Refused(`on this page ${part.drug} is taken as ${formulation}`);
  return now.opioid_use === USUAL && part.at ? { ...found, opioid_use: "new" } : found;
}

function challenged(spec: Spec, part: Part, days: number): Choices {
  if (part.ii !== ONCE || part.first !== days) throw new Refused(`endotoxin is given once, on the last day: “once at 10:00 from day ${days}”`);
  return { endotoxin: read(fieldOf(spec, "endotoxin"), part.dose), endotoxin_at: at(spec, "endotoxin_at", part) };
}

function at(spec: Spec, name: string, part: Part): Value {
  const hours = part.at ?? 0; // as in the library: no time said is midnight
  if (hours >= DAY) throw new Refused("a clock time must be before 24:00");
  return read(fieldOf(spec, name), clock(hours));
}

function interval(spec: Spec, name: string, part: Part): Value {
  const field = fieldOf(spec, name);
  if (field.kind === "pick" && !field.options.some(([, value]) => value === part.ii)) {
    const said = part.ii === ONCE ? "once" : `every ${plain(part.ii)} h`;
    throw new Refused(`${part.drug} “${said}” is none of the intervals of this page`);
  }
  return part.ii;
}

function fieldOf(spec: Spec, name: string): Field {
  const found = fieldsOf(spec).find((field) => field.name === name);
  if (!found) throw new Refused(`this page has no control for “${name.replace(/_/g, " ")}”`);
  return found;
}

/** The regimen that the controls stand at, in words that `choicesOf` and the library read. */
export function wordsOf(spec: Spec, choices: Choices): string {
  const parts = naltrexone(spec, choices);
  const long = lengthOf(Number(choices.days));
  if (choices.opioid) {
    const from = choices.opioid_use === USUAL ? "00:00" : choices.opioid_at;
    const often = oftenOf(Number(choices.opioid_interval));
    parts.push(`${choices.opioid} ${choices.opioid_dose} mg ${often} from ${from} ${long}`);
  }
  if (choices.endotoxin) parts.push(`${CHALLENGE} ${choices.endotoxin} ng/kg once at ${choices.endotoxin_at} from day ${choices.days}`);
  return parts.join(" + ");
}

function naltrexone(spec: Spec, choices: Choices): string[] {
  const n = doses(choices);
  const ii = Number(choices.interval);
  const form = choices.formulation === spec.drugs[DRUG]?.usual ? "" : ` ${String(choices.formulation).replace(/_/g, " ")}`;
  const taken = (dose: Value): string => `${dose} mg${form}`;
  if (!n) return [];
  if (ii === ONCE) return [`${taken(choices.dose)} once at ${choices.at}`];
  if (!choices.titration || n < 2) return [`${taken(choices.dose)} ${oftenOf(ii)} at ${choices.at} ${lengthOf(Number(choices.days))}`];
  return stepsOf(choices).map(({ dose, first, days }) => {
    const from = first > 1 ? ` from day ${first}` : "";
    return `${taken(dose)} ${oftenOf(ii)} at ${choices.at}${from} ${lengthOf(days)}`;
  });
}

function oftenOf(ii: number): string {
  return OFTEN[ii] ?? `every ${ii} h`;
}

function lengthOf(days: number): string {
  return `for ${days} ${days === 1 ? "day" : "days"}`;
}

/** What is taken, or left out, and stands in no words. */
export function besides(choices: Choices): string {
  const told: string[] = [];
  if (missed(choices).length) told.push(`Not in these words: missed days, ${choices.missed}.`);
  if (choices.opioid && doses(choices)) told.push("The opioid goes on until the last interval of naltrexone ends.");
  if (choices.opioid && choices.opioid_use === USUAL) told.push("Not in these words: it was taken long before day 1.");
  return told.join(" ");
}
