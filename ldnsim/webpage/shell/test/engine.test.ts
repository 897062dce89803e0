import assert from "node:assert/strict";
import { test } from "node:test";
import { extreme, Lattice, valueAt } from "../src/engine/curve";
import { Follower } from "../src/engine/following";
import { gamma } from "../src/engine/gamma";
import { inverse } from "../src/engine/matrix";
import { nodesOf } from "../src/engine/nodes";
import { Columns } from "../src/engine/columns";
import { bandIn, bandOf, curveOf, middleIn } from "../src/engine/quantiles";
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
    const some = Float64Array.from([NaN, ...numbers, NaN]);
    const among = Float64Array.from([7, ...some, -7]);
    assert.deepEqual([middleIn(some, 0, some.length), middleIn(among, 1, n + 3)], [bandOf(some)[1], bandOf(some)[1]]);
    for (const found of [bandOf(some), bandIn(among, 1, n + 3)])
      found.forEach((x, k) => assert.ok(Math.abs(x - wanted[k]) <= 1e-9 * Math.abs(wanted[k]), `${n} ${k}: ${x} ${wanted[k]}`));
  }
  assert.deepEqual(bandOf(Float64Array.of(NaN)), [NaN, NaN, NaN]);
  assert.ok(Number.isNaN(middleIn(new Float64Array(3), 1, 1)));
  assert.deepEqual(bandOf(Float64Array.of(3, 3, 3, 3)), [3, 3, 3]);
});

test("quantiles of numbers far apart, or too near to be told apart, are those of the sorted numbers", () => {
  for (const numbers of [[1e300, -1e300, 1, 2, 3], [5e-324, 0, 0, 5e-324, 0], [1e-9, 1, 1e9, 1e-300, 7], [-Infinity, 1, 2, 3, Infinity]]) {
    const sorted = [...numbers].sort((a, b) => a - b);
    assert.equal(middleIn(Float64Array.from(numbers), 0, 5), sorted[2]);
  }
});

test("a curve goes through the quantiles of rows, of the first ones through the median alone", () => {
  const numbers = Float64Array.from([3, 1, 2, 9, 5, 7, 6, 9]);
  const { low, middle, high } = curveOf({ numbers, width: 4, count: 3, drawn: 1 });
  assert.deepEqual(Array.from(middle), [2, 6]);
  assert.deepEqual([low![0], high![0]], [NaN, NaN]);
  assert.deepEqual([low![1], high![1]].map((x) => x.toFixed(3)), ["5.100", "6.900"]);
});

test("blocks stand beside each other, in whatever order they come", () => {
  const columns = new Columns(2, 3);
  const block = (n: number, ...courses: number[]) => ({ n, courses: Float32Array.from(courses), numbers: [], lost: 0 });
  const [one, two] = [block(2, 1, 2, 3, 4), block(1, 5, 6)];
  for (const own of [two, one, two]) columns.put(own);
  assert.deepEqual(Array.from(columns.some(0, 2)), [5, 1, 2, 6, 3, 4]);
  assert.deepEqual(Array.from(columns.some(1, 1)), [6, 3, 4]);
  const other = new Columns(2, 3);
  other.put(block(2, 9, 9, 9, 9));
  assert.notEqual(other.numbers, columns.numbers); // two sides are answered in turns
});

test("many blocks lie as each of them would alone", () => {
  for (const sizes of [[4, 4, 4, 4, 4, 2], [4, 4, 3, 4, 4]]) {
    const [rows, width] = [3, sizes.reduce((sum, n) => sum + n)];
    const columns = new Columns(rows, width);
    let first = 0;
    for (const n of sizes) {
      const courses = Float32Array.from({ length: rows * n }, (_, k) => 100 * Math.floor(k / n) + first + (k % n));
      columns.put({ n, courses, numbers: [], lost: 0 });
      first += n;
    }
    for (let row = 0; row < rows; row++)
      assert.deepEqual(Array.from(columns.some(row, 1)), Array.from({ length: width }, (_, k) => 100 * row + k));
  }
});

test("a spline follows a curve between nodes and keeps a jump", () => {
  const t = nodesOf([10], [[0, 24]], 24, 24);
  const v = t.map((x) => (x < 10 ? Math.exp(-x / 5) : 1 + Math.exp(-(x - 10) / 3)));
  const curve = new Lattice(t).through(v);
  assert.ok(Math.abs(valueAt(curve, 7.123) - Math.exp(-7.123 / 5)) < 1e-5);
  assert.ok(Math.abs(extreme(curve, [[0, 24]], 1)[1] - 10) < 1e-9);
  assert.ok(valueAt(curve, 10, true) < 0.2 && valueAt(curve, 10) > 1.9);
});

test("nodes follow a course that swings or jumps, and leave a smooth one as it is", () => {
  const swing = (x: number) => Math.sin(40 * x);
  const jump = (x: number) => (x < 10.123456 ? Math.exp(-x / 5) : 3);
  for (const course of [swing, jump, (x: number) => Math.exp(-x / 5)]) {
    const usual = nodesOf([], [[0, 24]], 24, 24);
    const follower = new Follower(usual);
    while (follower.asksForMore([follower.nodes.map(course)], 0));
    const curve = new Lattice(follower.nodes).through(follower.nodes.map(course));
    const off = Array.from({ length: 2000 }, (_, k) => k * 0.012).map((x) => Math.abs(valueAt(curve, x) - course(x)));
    assert.ok(Math.max(...off) < 0.02 && !follower.isLost);
    assert.equal(follower.nodes.length > usual.length, course === swing || course === jump);
  }
});

test("what nobody reads between two doses is not looked into", () => {
  const nodes = nodesOf([10, 2000], [[0, 5], [2000, 2010]], 2010, 2010);
  const follower = new Follower(nodes);
  assert.equal(follower.asksForMore([nodes.map((x) => (x < 1000 ? 0 : 1))], 2), false);
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
