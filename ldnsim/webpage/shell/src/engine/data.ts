/** What `ldnsim.webpage.engine_data` writes. */

import type { Described } from "./types";

/** A number, then parameters it is multiplied by; "-f" stands for 1 - f. */
export type Product = [number, ...string[]];

export interface Share {
  state: number;
  fraction: Product;
  lag: Product;
  duration: Product;
}

/** Places in the work block of a group of lanes, in doubles from its beginning. */
export interface LaneFacts {
  place: Record<"ORIGIN" | "WIDTH" | "Y0" | "Y1" | "RATES" | "CONSTANTS" | "ERROR" | "PEAK" | "RTOL" | "ATOL", number>;
  /** Bytes. */
  size: number;
}

export interface Facts {
  lanes: Record<"double" | "single", LaneFacts>;
  states: string[];
  parameters: string[];
  outputs: string[];
  /** Those that runs can be looked at. */
  looked: string[];
  /** The state an output is, -1 where it is computed. */
  output_states: number[];
  n_constants: number;
  /** States into which doses may be infused. */
  fed: number[];
  n_breaks: number;
}

export interface ReadoutData {
  id: string;
  output: string;
  reduce: string;
  window: string;
  /** A window that comes before the own one, for reducers of two; "" for none. */
  against: string;
  level: number | "threshold" | null;
  /** The instant it is read at (h since the window's start), null for all of the window. */
  hour: number | null;
  unit: string;
  label: string;
  words: string;
  group: string;
}

export interface Data {
  form: number;
  described: Omit<Described, "readouts"> & { readouts: ReadoutData[] };
  facts: Facts;
  /** Hours in the unit of time of the parameters. */
  hours: number;
  table: Record<string, number>;
  base: { scenario: string | null; condition: string | null; overrides: Record<string, number> };
  scenarios: Record<string, Record<string, number>>;
  conditions: Record<string, Record<string, number>>;
  /** Scenarios that are rival structures. */
  structured: string[];
  /** Drug -> parameters that its row of the drug table sets. */
  drugs: Record<string, Record<string, number>>;
  opioids: string[];
  /** The drug whose dosing intervals count, where it is given. */
  counts: string;
  formulations: { drug: string; form: string; usual: boolean; shares: Share[] }[];
  /** `structures` names the structure each draw is of, where the model has rival ones. */
  draws: { columns: string[]; rows: number[][]; structures: string[] };
  /** Whether readouts lie where the nodes of shipped models do. */
  shipped: boolean;
}

export const FORM = 1;
export const BLOCKED = 0.8; // the level of readouts that leave it open
