import assert from "node:assert/strict";
import { test } from "node:test";
import { overrides, request, shiftOf, steps, taken, times, windowOf } from "../src/ui/course";
import type { Described } from "../src/engine/types";
import { drawnOf, type Panel, shownKeys } from "../src/ui/spec";
import { SPEC } from "./spec";

const NOW = SPEC.start;

test("a daily dose begins at its clock time and ends with its last interval", () => {
  assert.deepEqual(taken(SPEC, NOW), [{ drug: "naltrexone", form: "capsule", dose: 4.5, ii: 24, start: 22, n: 28 }]);
  assert.deepEqual(windowOf(NOW), { end: 694, late: 646, until: 694, meet: 694 });
});

test("a titration goes up in steps and stays at its dose", () => {
  const up = { ...NOW, titration: "up", days: 42 };
  assert.deepEqual(steps(up, 42), [{ dose: 1.5, n: 14 }, { dose: 3, n: 14 }, { dose: 4.5, n: 14 }]);
  assert.deepEqual(steps({ ...up, dose: 4 }, 30), [{ dose: 1.5, n: 14 }, { dose: 3, n: 14 }, { dose: 4, n: 2 }]);
  assert.deepEqual(steps({ ...up, dose: 1 }, 7), [{ dose: 1, n: 7 }]);
});

test("an opioid is taken until the last interval of naltrexone ends", () => {
  const [, opioid] = taken(SPEC, { ...NOW, opioid: "oxycodone", opioid_use: "usual" });
  assert.deepEqual(opioid, { drug: "oxycodone", form: "", dose: 20, ii: 6, start: 0, n: 116, ss: true });
});

test("nothing taken is no course", () => {
  assert.deepEqual(taken(SPEC, { ...NOW, interval: -1 }), []);
});

test("a missed day counts only where doses are repeated", () => {
  assert.deepEqual(taken(SPEC, { ...NOW, missed: "2, 5-6" })[0].missed, [2, 5, 6]);
  assert.equal(taken(SPEC, { ...NOW, interval: 0, missed: "2" })[0].missed, undefined);
});

test("where doses end long before the run does, what follows the last one is shown by the hour", () => {
  const once = { ...NOW, interval: 0 };
  for (const days of [7, 14, 28, 84]) {
    assert.deepEqual(windowOf({ ...once, days }), { end: 22 + 24 * days, late: 22, until: 166, meet: 70 });
  }
  assert.deepEqual(windowOf({ ...once, at: "00:00" }).late, 0);
  assert.deepEqual(windowOf({ ...once, days: 3 }), { end: 94, late: 0, until: 94, meet: 70 }, "all of a short run");
  assert.deepEqual(windowOf({ ...NOW, missed: "21-28" }), { end: 694, late: 478, until: 622, meet: 526 });
  assert.deepEqual(windowOf({ ...NOW, missed: "26-28" }), { end: 694, late: 598, until: 694, meet: 646 }, "until the run ends");
  assert.deepEqual(windowOf({ ...NOW, missed: "28" }), windowOf(NOW), "within the last two days");
  assert.deepEqual(windowOf({ ...NOW, missed: "1-28" }), windowOf(NOW), "nothing is left");
  assert.deepEqual(windowOf({ ...NOW, interval: 168, days: 84 }).late, 22 + 11 * 168);
  assert.deepEqual(windowOf({ ...once, endotoxin: 2 }).until, 694, "a challenge comes at the end");
});

test("sides that are compared lie with their last intervals one under the other", () => {
  const of = (one: object, other: object) => shiftOf(windowOf({ ...NOW, ...one }), windowOf({ ...NOW, ...other }));
  assert.equal(of({}, { days: 14 }), 336);
  assert.equal(of({ days: 3 }, { days: 5 }), -48, "short runs end together");
  assert.equal(of({}, { interval: 0 }), 624, "a single dose lies two days before the end");
  assert.equal(of({ interval: 0 }, {}), -624);
  assert.equal(of({ interval: 0 }, { interval: 0, days: 3 }), 0, "single doses lie together");
  assert.equal(of({ interval: 0, days: 5 }, { interval: 0, days: 3 }), 0);
  assert.equal(of({ interval: 0, days: 5 }, { days: 5 }), 0, "all of both is shown");
});

test("a missed day has a dose", () => {
  const why = (other: object) => () => taken(SPEC, { ...NOW, ...other });
  assert.throws(why({ missed: "40" }), /^Error: Days missed “40”: no dose falls on it; day 1 is the day of the first dose$/);
  assert.throws(why({ missed: "3, 28-30" }), /“29, 30”/);
  assert.throws(why({ missed: "2", interval: 48 }), /“2”/);
  assert.deepEqual(taken(SPEC, { ...NOW, missed: "3", interval: 48 })[0].missed, [3]);
  assert.deepEqual(taken(SPEC, { ...NOW, missed: "28" })[0].missed, [28]);
  assert.deepEqual(taken(SPEC, { ...NOW, missed: "29", interval: 12 })[0].missed, [29], "22:00 and 10:00 of the day after");
});

test("what is left alone keeps its draws", () => {
  assert.deepEqual(overrides(SPEC, NOW), {});
  assert.deepEqual(overrides(SPEC, { ...NOW, weight: 60, "p:ka": 2 }), { weight: 60, ka: 2 });
});

test("output times ascend, are fine at the end and hit it", () => {
  for (const choices of [NOW, { ...NOW, days: 1, interval: 0 }, { ...NOW, days: 3 }, { ...NOW, days: 84, at: "07:15" }, { ...NOW, interval: 0 }, { ...NOW, missed: "15-28" }]) {
    const grid = times(choices);
    assert.ok(grid.every((t, k) => k === 0 || t > grid[k - 1]));
    assert.equal(grid[grid.length - 1], windowOf(choices).end);
    const { late, until } = windowOf(choices);
    assert.ok(grid.filter((t) => t >= late - 1e-9 && t <= until + 1e-9).length >= 241);
  }
});

test("what is asked for at once is what is seen, of one subject alone all there is, as nothing follows", () => {
  const [spec, key] = [{ ...SPEC, keys: { cmax: "Peak" } }, "cmax"];
  const readouts = [key, "auc"].map((id) => ({ id, output: "plasma" }));
  const asked = (draws: number, precision: "single" | "double", side: "A" | "B" = "B") =>
    request(spec, { readouts, draws } as unknown as Described, NOW, precision, side);
  assert.deepEqual(asked(200, "single").readouts, [key]);
  assert.deepEqual(asked(200, "double").readouts, [key, "auc"]);
  assert.deepEqual(asked(0, "single").readouts, [key, "auc"]);
  assert.deepEqual([asked(200, "single"), asked(0, "single")].map((one) => "bandsFrom" in one), [true, false]);
  const { late } = windowOf(NOW);
  const day = (side: "A" | "B", precision: "single" | "double" = "single") =>
    (asked(200, precision, side).dt as number[]).filter((t) => t > late - 23.9 && t < late).length;
  assert.ok(late > 48 && day("B") <= 11 && day("A") > 100 && day("B", "double") === day("A"));
  const boxes = [{ id: "a", variables: ["plasma"], when: {} }, { id: "b", variables: ["effect"], when: { opioid: "*" } }];
  const wide = { ...spec, panels: [{ boxes } as unknown as Panel] };
  assert.deepEqual([drawnOf(wide, NOW), drawnOf(wide, { ...NOW, opioid: "tramadol" })], [["plasma"], ["plasma", "effect"]]);
  const two = { ...spec, keys: { cmax: "Peak", auc: "Area", withdrawal_peak: "Withdrawal" }, mostKeys: 2 };
  assert.deepEqual(shownKeys(two, ["withdrawal_peak", "auc", "cmax"], false), ["cmax", "auc"]);
  assert.deepEqual(shownKeys({ ...two, mostKeys: 3 }, ["withdrawal_peak", "auc"], true), ["auc", "withdrawal_peak"]);
  assert.deepEqual([asked(200, "single", "B").bandsFrom, asked(200, "single", "A").bandsFrom! < late - 23], [late, true]);
});
