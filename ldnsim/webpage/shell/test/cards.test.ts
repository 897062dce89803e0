// What cards say of a number.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Headline, Reply } from "../src/engine/types";
import { interval, quick, type Side, valueOf, windowsOf } from "../src/ui/cards";
import { drawn, people } from "../src/ui/labels";
import { SPEC } from "./spec";

const one = (value: number, low: number, high: number): Headline =>
  ({ id: "change_il6", label: "change of IL-6", words: "", group: "", unit: "%", value, low, high }) as Headline;

test("what the solver leaves of nothing is 0", () => {
  assert.equal(valueOf(SPEC, one(-5.9e-12, -9e-11, 4e-10)), "0 %");
  assert.equal(interval(SPEC, one(-5.9e-12, -9e-11, 4e-10)), "");
  assert.equal(interval(SPEC, one(-2.8e-11, -2e-9, 1.6e-9)), "", "a share of 1e-9 is 1e-7 %");
  assert.equal(valueOf(SPEC, one(5, 4, 6)), "+5 %");
  assert.equal(interval(SPEC, one(5, 4, 6)), "4 to 6");
  assert.equal(interval(SPEC, one(1e-11, 0, 2.5)), "0 to 2.5");
});

test("what single precision leaves of nothing is 0 until the full digits are there", () => {
  const [percent, share] = quick([one(-7.2e-7, -1.2e-5, 1.2e-5), { ...one(1.9e-8, 0, 2.1e-7), unit: "1" }]);
  assert.deepEqual([valueOf(SPEC, percent), interval(SPEC, percent)], ["0 %", ""]);
  assert.deepEqual([valueOf(SPEC, share), interval(SPEC, share)], ["0", ""]);
  const index = { ...one(2.45e-3, 1.21e-5, 3.3e-2), unit: "1" };
  assert.deepEqual(quick([index]), [index]);
});

test("an answer says whom it is of", () => {
  const of = (stage: Reply["stage"], done: number, asked = 200, failed = 0) => {
    const reply = { stage, done, asked, failed } as Reply;
    return [people(reply), drawn(reply)];
  };
  const bands = ": median and 90 % of the draws";
  assert.deepEqual(of("nominal", 0), ["nominal values, 200 draws to follow", ""]);
  assert.deepEqual(of("part", 52), ["52 of 200 draws so far", bands]);
  assert.deepEqual(of("part", 52, 200, 2), ["50 of 200 draws so far; 2 did not reach the end", bands]);
  assert.deepEqual(of("final", 200), ["200 draws", bands]);
  assert.deepEqual(of("nominal", 0, 0), ["nominal values", ""]);
});

test("hours a day are of days that repeat, those after a single dose are hours", () => {
  const spec = { ...SPEC, perDay: ["hours_blocked"] };
  const blocked = (window: string) => valueOf(spec, { ...one(23.5, 16, 23.7), id: "hours_blocked_brain", unit: "h", window });
  assert.equal(blocked("from 0 to 24 h after the dose"), "23.5 h");
  assert.equal(blocked("from 0 to 24 h after the last dose"), "23.5 h/day");
  assert.equal(blocked("from 0 to 672 h after the dose"), "23.5 h/day");
});

test("the part of the course that a number is of is said once, or of each side", () => {
  const sides = [{ name: "A" }, { name: "B" }] as Side[];
  assert.equal(windowsOf(sides, () => "over the last 24 h"), "over the last 24 h");
  assert.equal(windowsOf(sides, ({ name }) => (name === "A" ? "over the last 24 h" : "over day 3")), "A over the last 24 h, B over day 3");
  assert.equal(windowsOf(sides, ({ name }) => (name === "A" ? undefined : "over day 3")), "over day 3");
});
