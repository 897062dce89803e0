/** Any parameter of the model by hand: found by name, slid between its bounds. */

import type { Described } from "../engine/types";
import { plain } from "./format";
import { PARAMETER, type NumberField } from "./spec";

const STOPS = 60;

/** The control of a parameter: its stops lie evenly, or evenly in the logarithm where its bounds are far apart. */
export function fieldOf(parameter: Described["parameters"][number]): NumberField {
  const { id, value } = parameter;
  const [low, high] = bounds(parameter);
  const decades = low > 0 && high / low > 20;
  const stop = (k: number): number => (decades ? low * (high / low) ** (k / STOPS) : low + ((high - low) * k) / STOPS);
  const stops = Array.from({ length: STOPS + 1 }, (_, k) => Number(stop(k).toPrecision(3)));
  const all = [...new Set([low, ...stops.filter((s) => s > low && s < high), value, high])].sort((a, b) => a - b);
  return {
    kind: "number",
    name: PARAMETER + id,
    label: labelOf(parameter),
    unit: unitOf(parameter),
    stops: all,
    entire: false,
    start: value,
    when: {},
  };
}

function labelOf({ id, label }: Described["parameters"][number]): string {
  return label && label.length <= 60 ? label : id;
}

function unitOf({ unit }: Described["parameters"][number]): string {
  return unit === "1" ? "" : unit;
}

/** What stands below the control: the id where the label is another, the grade, and the value of the model. */
export function told(parameter: Described["parameters"][number]): string {
  const { id, grade, value } = parameter;
  const words = [labelOf(parameter) === id ? "" : id, grade, `in the model ${plain(value)} ${unitOf(parameter)}`.trim()];
  return words.filter(Boolean).join(", ");
}

function bounds({ value, lower, upper }: Described["parameters"][number]): [number, number] {
  const low = lower ?? (value > 0 ? value / 10 : value < 0 ? value * 10 : 0);
  const high = upper ?? (value > 0 ? value * 10 : value < 0 ? value / 10 : 1);
  return [Math.min(low, value), Math.max(high, value)].map((x) => Number(plain(x))) as [number, number];
}

/** Parameters whose id or words hold all that was typed. */
export function matching(parameters: Described["parameters"], typed: string): Described["parameters"] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return parameters.filter(({ id, label }) => wanted.every((w) => `${id} ${label}`.toLowerCase().includes(w)));
}
