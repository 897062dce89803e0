/** The parameters that decide a number, and the weakest grade among them; see `ldnsim.inference.draws.deciding`. */

import type { Data } from "./data";
import type { Chosen } from "./values";

const CHANCE = 3.5; // standard errors of a rank correlation
const MOST = 3;
const GRADES = ["measured", "secondary", "derived", "fitted", "assumed"]; // from strong to weak

export interface Deciding {
  grade: string;
  deciding: string[];
}

/** Ranks of parameters, their means taken away. */
type Ranks = Float64Array[];

let last: { of: Data; key: string; ranks: Ranks } | null = null; // of all draws, which are the same from answer to answer

/** For each list of numbers, one a draw, whose rank goes with theirs. */
export function gradesOf(data: Data, { chosen, draws }: Chosen, lists: number[][]): Deciding[] {
  const names = data.draws.columns.filter((name) => !chosen.has(name));
  const columns = names.map((name) => data.draws.columns.indexOf(name));
  const grades = new Map(data.described.parameters.map((p) => [p.id, p.grade]));
  const ranked = (some: number[]): Ranks => columns.map((c) => centred(ranksOf(some.map((k) => data.draws.rows[k][c]))));
  const ranks = new Map<string, Ranks>();
  const ranksOfAll = (n: number): Ranks => {
    const key = `${n} ${names.join()} ${draws.join()}`;
    if (last?.of !== data || last.key !== key) last = { of: data, key, ranks: ranked(draws.slice(0, n)) };
    return last.ranks;
  };
  return lists.map((numbers) => {
    const finite = numbers.flatMap((x, i) => (Number.isFinite(x) ? [i] : []));
    const key = finite.length === numbers.length ? "" : finite.join();
    if (!ranks.has(key)) ranks.set(key, key ? ranked(finite.map((i) => draws[i])) : ranksOfAll(numbers.length));
    const decide = deciding(ranks.get(key)!, finite.map((i) => numbers[i])).map((k) => names[k]);
    const weakest = decide.map((name) => grades.get(name) ?? "").sort((a, b) => GRADES.indexOf(b) - GRADES.indexOf(a));
    return { grade: weakest[0] ?? "", deciding: decide };
  });
}

/**
 * Columns go down by what goes along with those already found: by their directions, which stand at right angles to
 * each other and to what is left of the numbers, so that no column need be changed.
 */
function deciding(columns: Float64Array[], numbers: number[]): number[] {
  const n = numbers.length;
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  if (n < 3 || high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) return [];
  const rest = centred(ranksOf(numbers));
  const squares = columns.map((column) => dot(column, column));
  const tiny = 1e-9 * n ** 1.5;
  const directions: Float64Array[] = [];
  const found: number[] = [];
  for (let size = norm(rest); found.length < MOST && size > tiny; size = norm(rest)) {
    const own = columns.map((column, k) =>
      found.includes(k) || squares[k] <= tiny * tiny ? 0 : dot(column, rest) / Math.sqrt(squares[k]) / size,
    );
    const k = own.reduce((best, x, i) => (Math.abs(x) > Math.abs(own[best]) ? i : best), 0);
    if (!(Math.abs(own[k]) > CHANCE / Math.sqrt(n))) break;
    found.push(k);
    const along = columns[k].slice();
    for (const one of directions) subtract(along, one, dot(along, one));
    const length = norm(along);
    for (let i = 0; i < n; i++) along[i] /= length;
    directions.push(along);
    subtract(rest, along, dot(rest, along));
    columns.forEach((column, j) => (squares[j] -= dot(column, along) ** 2));
  }
  return found;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const norm = (a: Float64Array) => Math.sqrt(dot(a, a));

function subtract(from: Float64Array, what: Float64Array, share: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= share * what[i];
}

function centred(ranks: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < ranks.length; i++) sum += ranks[i];
  for (let i = 0; i < ranks.length; i++) ranks[i] -= sum / ranks.length;
  return ranks;
}

/** Ranks from 1; equal numbers share theirs. */
function ranksOf(numbers: number[]): Float64Array {
  const order = Array.from(numbers.keys()).sort((a, b) => numbers[a] - numbers[b]);
  const ranks = new Float64Array(numbers.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j + 1 < order.length && numbers[order[j + 1]] === numbers[order[i]]) j++;
    for (let k = i; k <= j; k++) ranks[order[k]] = 1 + (i + j) / 2;
    i = j + 1;
  }
  return ranks;
}
