/** What `ldnsim.webpage.description` wrote into the page: controls, presets, panels, evidence and words. */

import type { Drugs, Hints } from "./words";

export type Value = string | number;
export type Choices = Record<string, Value>;

interface Common {
  name: string;
  label: string;
  start: Value;
  /** Other controls, and what they must stand at for this one to matter. */
  when: When;
}
export type When = Record<string, Value | Value[]>;
export interface NumberField extends Common {
  kind: "number";
  unit: string;
  stops: number[];
  entire: boolean;
}
export interface ClockField extends Common {
  kind: "clock";
  stops: number[];
}
export interface PickField extends Common {
  kind: "pick";
  options: [string, Value][];
  says: [Value, string][];
}
export interface DaysField extends Common {
  kind: "days";
  hint: string;
}
export type Field = NumberField | ClockField | PickField | DaysField;

export interface Box {
  id: string;
  title: string;
  variables: string[];
  when: When;
}
export interface Panel {
  id: string;
  title: string;
  log: boolean;
  level: number | null;
  levelWords: string;
  limits: [number, number] | null;
  unit: string;
  boxes: Box[];
}
export interface Evidence {
  id: string;
  variable: string;
  kind: "level" | "peak" | "mean" | "relative" | "hour";
  hour: number | null;
  until: number;
  value: number | null;
  low: number | null;
  high: number | null;
  state: Choices;
  what: string;
  source: string;
  people: string;
  use: string;
  note: string;
}
export interface Preset {
  name: string;
  says: string;
  choices: Choices;
}
export interface Spec {
  title: string;
  model: string;
  source: string;
  hash: string;
  version: string;
  notice: string;
  groups: { name: string; help: string; fields: Field[] }[];
  start: Choices;
  person: Record<string, string>;
  /** Variables that are not known under a condition, by its name. */
  absent: Record<string, string[]>;
  made: { scenario: string; condition: string; values: Record<string, number> };
  usual: Record<string, Choices>;
  /** Drugs that a regimen in words may name; none where the page takes no words. */
  drugs: Drugs;
  /** What the library proposes for words that are none of its language. */
  hints: Hints;
  presets: Preset[];
  panels: Panel[];
  variables: Record<string, { name: string; unit: string; colour: number }>;
  chain: { now: [string, string][]; readings: Record<string, [string, string][]> };
  keys: Record<string, string>;
  mostKeys: number;
  perDay: string[];
  /** What the solver leaves of nothing: a readout below is 0. */
  nothing: number;
  /** Readouts that are "at least" so long where they last until the run ends. */
  lasting: string[];
  evidence: Evidence[];
}

export const GIVEN = "*";
export const ONCE = 0;
export const NEVER = -1;
/** Words of the day, as in a regimen in words. */
export const MOMENTS: Record<string, string> = {
  bedtime: "22:00",
  night: "22:00",
  morning: "08:00",
  noon: "12:00",
  midnight: "00:00",
};
/** A parameter set by hand is a choice of this name and its id. */
export const PARAMETER = "p:";

export function fieldsOf(spec: Spec): Field[] {
  return spec.groups.flatMap((group) => group.fields);
}

/** What a control is called. */
export function labelOf(spec: Spec, name: string): string {
  return fieldsOf(spec).find((field) => field.name === name)?.label ?? name;
}

/** Variables that are drawn and known under the condition that is chosen. */
export function variablesOf(spec: Spec, choices: Choices): string[] {
  const gone = absentOf(spec, choices);
  return spec.panels.flatMap((panel) => panel.boxes.flatMap((box) => box.variables)).filter((v) => !gone.has(v));
}

/** Those in panels that are there under these choices. */
export function drawnOf(spec: Spec, choices: Choices): string[] {
  const drawn = new Set(spec.panels.flatMap((panel) => panel.boxes.filter((box) => holds(box.when, choices)).flatMap((box) => box.variables)));
  return variablesOf(spec, choices).filter((v) => drawn.has(v));
}

/** The key readouts that have a card, of those that are known, in their order; opioid withdrawal only where an opioid is taken. */
export function shownKeys(spec: Spec, known: string[], opioid: boolean): string[] {
  const ids = Object.keys(spec.keys).filter((id) => known.includes(id) && (opioid || id !== "withdrawal_peak"));
  return ids.slice(0, spec.mostKeys);
}

export function absentOf(spec: Spec, choices: Choices): Set<string> {
  return new Set(spec.absent[String(choices.condition || spec.made.condition)] ?? []);
}

/** Whether what a field or a box asks of other controls is so. */
export function holds(when: When, choices: Choices): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = choices[name];
    if (wanted === GIVEN) return Boolean(value);
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}
