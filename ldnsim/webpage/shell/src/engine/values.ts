/** Parameters of subjects: what is chosen, what was drawn, and what taking a drug changes. */

import type { Data } from "./data";
import type { Schedule } from "./schedule";
import type { Request } from "./types";

/** Parameters by id, and which of them are chosen, so that draws leave them alone. */
export interface Chosen {
  nominal: Record<string, number>;
  chosen: Set<string>;
  /** Which of the page's draws count: under the scenario of a structure those of that structure. */
  draws: number[];
}

/** The table, then the condition, the scenario and what is set by hand: the later one wins. */
export function chosenBy(data: Data, request: Request): Chosen {
  const { base } = data;
  const condition = named("condition", data.conditions, request.condition || base.condition);
  const reading = request.scenario || base.scenario || "";
  const scenario = named("scenario", data.scenarios, reading);
  const replaced = { ...(request.condition ? condition : {}), ...(request.scenario ? scenario : {}) };
  const kept = Object.fromEntries(Object.entries(base.overrides).filter(([name]) => !(name in replaced)));
  const overrides = { ...kept, ...request.overrides };
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in data.table)) throw new Error(`overrides: no parameter is called ${name}`);
    if (!Number.isFinite(value)) throw new Error(`${name}=${value}: must be a finite number`);
  }
  const sets = [condition, scenario, overrides];
  return {
    nominal: Object.assign({}, data.table, ...sets),
    chosen: new Set(sets.flatMap((values) => Object.keys(values))),
    draws: drawsOf(data, reading),
  };
}

function drawsOf({ draws, structured }: Data, reading: string): number[] {
  const all = Array.from(draws.rows.keys());
  return structured.includes(reading) && draws.structures.length ? all.filter((i) => draws.structures[i] === reading) : all;
}

function named(kind: string, sets: Record<string, Record<string, number>>, name?: string | null) {
  if (!name) return {};
  if (!(name in sets)) throw new Error(`${kind}: there is no ${name}`);
  return sets[name];
}

/** Parameters of the nominal subject, then of each draw, in the order of the kernels. */
export function subjectsOf(data: Data, { nominal, chosen, draws }: Chosen, schedule: Schedule, n: number): Float64Array[] {
  const ids = data.facts.parameters;
  const settings = Object.entries(settingsOf(data, schedule)).filter(([name]) => !chosen.has(name));
  const columns = data.draws.columns.flatMap((name, k) => (chosen.has(name) ? [] : [[ids.indexOf(name), k]]));
  const middle = Float64Array.from(ids, (id) => nominal[id]);
  const found = [middle];
  for (const i of draws.slice(0, n)) {
    const values = middle.slice();
    const row = data.draws.rows[i];
    for (const [place, k] of columns) values[place] = row[k];
    found.push(values);
  }
  for (const [name, value] of settings) {
    const k = ids.indexOf(name);
    for (const values of found) values[k] = nominal[name] ? (value * values[k]) / nominal[name] : value;
  }
  return found;
}

/** What the drug of a schedule sets that has a row with numbers in the table of drugs. */
function settingsOf(data: Data, schedule: Schedule): Record<string, number> {
  const taken = new Set(schedule.trains.map((train) => train.drug));
  const found = [...taken].filter((drug) => Object.keys(data.drugs[drug] ?? {}).length);
  if (found.length > 1)
    throw new Error(`${found.join(" and ")}: the model has one slot for an agonist, so only one of them can be taken`);
  return found.length ? data.drugs[found[0]] : {};
}
