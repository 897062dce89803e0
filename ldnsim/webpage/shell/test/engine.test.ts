import assert from "node:assert/strict";
import { test } from "node:test";
import { curveOf, extreme, valueAt } from "../src/engine/curve";
import { gamma } from "../src/engine/gamma";
import { inverse } from "../src/engine/matrix";
import { nodesOf, refined } from "../src/engine/nodes";
import { bandOf } from "../src/engine/quantiles";
import { scheduleOf } from "../src/engine/schedule";
import { marksOf, spansOf } from "../src/engine/windows";

const daily = { drug: "naltrexone", form: "", dose: 4.5, ii: 24, start: 22 };

test("quantiles are those of the sorted numbers, whatever is missing", () => {
  for (const n of [1, 2, 3, 7, 40, 200, 201]) {
    const numbers = Array.from({ length: n }, (_, k) => Math.sin(k * k * 12.9898) * 43758.5453 - Math.floor(k / 3));
    const sorted = [...numbers].sort((a, b) => a - b);
    const wanted = [0.05, 0.5, 0.95].map((q) => {
      const place = q * (n - 1);
      const k = Math.floor(place);
      return sorted[k] + (place - k) * ((sorted[k + 1] ?? sorted[k]) - sorted[k]);
    });
    const found = bandOf(Float64Array.from([NaN, ...numbers, NaN]), n + 2);
    found.forEach((x, k) => assert.ok(Math.abs(x - wanted[k]) <= 1e-9 * Math.abs(wanted[k]), `${n} ${k}: ${x} ${wanted[k]}`));
  }
  assert.deepEqual(bandOf(Float64Array.of(NaN), 1), [NaN, NaN, NaN]);
});

test("a spline follows a curve between nodes and keeps a jump", () => {
  const t = refined(nodesOf([10], [[0, 24]], 24, 24), 2);
  const v = t.map((x) => (x < 10 ? Math.exp(-x / 5) : 1 + Math.exp(-(x - 10) / 3)));
  const curve = curveOf(t, v);
  assert.ok(Math.abs(valueAt(curve, 7.123) - Math.exp(-7.123 / 5)) < 1e-6);
  assert.ok(Math.abs(extreme(curve, [[0, 24]], 1)[1] - 10) < 1e-9);
  assert.ok(valueAt(curve, 10, true) < 0.2 && valueAt(curve, 10) > 1.9);
});

test("missed days, titrations and the drug that counts lay the windows", () => {
  const plain = scheduleOf([daily, { ...daily, drug: "oxycodone", ii: 6, start: 0 }], 5, "naltrexone");
  const marks = marksOf(plain, plain.end, "naltrexone");
  assert.deepEqual([marks.start, marks.end, plain.end], [118, 142, 144]);
  const missed = scheduleOf([{ ...daily, missed: [2, 5] }], 5, "naltrexone");
  assert.deepEqual(missed.doses.map((d) => d.time), [22, 70, 94]);
  assert.deepEqual(missed.due.map((d) => d.time), [118]);
  const steps = scheduleOf([{ ...daily, steps: [{ dose: 1, n: 2 }, { dose: 3, n: 1 }] }], 3, "naltrexone");
  assert.deepEqual(steps.doses.map((d) => [d.time, d.amount]), [[22, 1], [46, 1], [70, 3]]);
  assert.deepEqual(spansOf("night", marks, null).spans.filter(([a, b]) => b > a), [[119, 127]]);
});

test("what cannot be taken is refused in a sentence", () => {
  const refused = (course: object, why: RegExp) =>
    assert.throws(() => scheduleOf([{ ...daily, ...course }], 5, "naltrexone"), why);
  refused({ dose: NaN }, /dose=NaN/);
  refused({ dose: -1 }, /dose=-1/);
  refused({ ss: true, start: 30 }, /first interval/);
  refused({ ss: true, missed: [1] }, /sets the steady state/);
});

test("gamma and inverse are right", () => {
  assert.ok(Math.abs(gamma(4.5) - 11.631728396567448) < 1e-12);
  assert.equal(gamma(6), 120);
  assert.deepEqual([...inverse(Float64Array.of(0, 2, 4, 0), 2)!], [0, 0.25, 0.5, 0]);
  assert.equal(inverse(Float64Array.of(1, 1, 1, 1), 2), null);
});
