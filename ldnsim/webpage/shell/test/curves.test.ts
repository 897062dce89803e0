// Days as they are drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../src/engine/types";
import { gridOf, times as timesOf, windowOf } from "../src/ui/course";
import { daysOf, extent, linesOf } from "../src/ui/curves";
import { SPEC } from "./spec";

/** A level that peaks 4 h after each daily dose, from the first one on. */
const answer = (start: number, end: number, doses: Record<string, number[]>): Reply => {
  const times = Float64Array.from({ length: end + 1 }, (_, t) => t);
  const middle = times.map((t) => (t < start ? 0 : 10 - Math.abs(((t - start) % 24) - 4) / 4));
  return { times, curves: { plasma: { middle } }, doses } as unknown as Reply;
};
const hours = Array.from({ length: 500 }, (_, t) => t);
const every = (start: number, n: number, ii = 24): number[] => Array.from({ length: n }, (_, k) => start + ii * k);

test("each day that is drawn is whole and holds a dose; what was there before the first is left out", () => {
  for (const start of [0, 8, 22]) {
    const [days] = daysOf(answer(start, start + 240, { naltrexone: every(start, 10) }), start + 240, "B", hours);
    assert.deepEqual(days.from, every(start + 24, 9));
    assert.deepEqual([new Set(days.high), new Set(days.low)], [new Set([10]), new Set([10 - 19 / 4])]);
  }
});

test("without naltrexone days begin at midnight, the opioid may begin later", () => {
  const of = (doses: Record<string, number[]>) => daysOf(answer(0, 168, doses), 168, "B", hours)[0].from;
  assert.deepEqual(of({ tramadol: every(0, 28, 6) }), every(24, 6));
  assert.deepEqual(of({ tramadol: every(8, 27, 6) }), every(48, 5));
  assert.deepEqual(of({}), every(24, 6));
});

test("a day that holds all that is taken of a drug is drawn", () => {
  const of = (start: number, end: number, doses: Record<string, number[]>) => daysOf(answer(start, end, doses), end, "B", hours)[0];
  for (const start of [0, 8, 22]) {
    const once = of(start, start + 240, { naltrexone: [start] });
    assert.deepEqual([once.from, once.high[0]], [every(start, 10), 10]);
    assert.deepEqual(of(start, start + 240, { naltrexone: [start], tramadol: every(start, 40, 6) }).from, every(start, 10));
    assert.deepEqual(of(start, start + 240, { naltrexone: every(start, 2, 12) }).from, every(start, 10));
    assert.deepEqual(of(start, start + 240, { naltrexone: every(start, 3) }).from, every(start + 24, 9));
    assert.deepEqual(of(start, start + 240, { naltrexone: every(start, 10), lps: [start + 230] }).from, every(start + 24, 9));
  }
  assert.deepEqual(of(22, 46, { naltrexone: [22] }).from, [22]);
});

test("lines end with the part that is shown by the hour", () => {
  const [line] = linesOf(answer(22, 694, { naltrexone: [22] }), { late: 22, until: 166 }, "B", 24);
  assert.deepEqual([line.t[0], line.t[line.t.length - 1], line.middle.length], [46, 190, 145]);
  assert.deepEqual(linesOf(answer(22, 46, {}), { late: 60, until: 90 }, "A", 0)[0].t, []);
});

test("what is drawn by the day has room", () => {
  const reply = answer(0, 240, { naltrexone: [0] });
  const late = linesOf({ ...reply, curves: { plasma: { middle: reply.times.map(() => 1e-7) } } } as unknown as Reply, { late: 192, until: 240 }, "B", 0);
  assert.deepEqual(extent(late, daysOf(reply, 240, "B", hours)), [1e-7, 10]);
});

test("a day that is seen more closely looks no wider than the others", () => {
  const { daily } = gridOf(SPEC.start);
  const times = Float64Array.from(timesOf(SPEC.start));
  const middle = times.map((t) => Math.sin((2 * Math.PI * (t - 0.77)) / 24));
  const reply = { times, curves: { plasma: { middle } }, doses: { naltrexone: every(22, 28) } } as unknown as Reply;
  const [days] = daysOf(reply, windowOf(SPEC.start).end, "B", daily);
  assert.equal(days.from.length, 27);
  for (const edge of [days.low, days.high]) assert.ok(Math.max(...edge) - Math.min(...edge) < 1e-9);
});
