// What cards say of a number.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Headline, Reply } from "../src/engine/types";
import { interval, valueOf } from "../src/ui/cards";
import { drawn, people } from "../src/ui/labels";
import { SPEC } from "./spec";

const one = (value: number, low: number, high: number): Headline =>
  ({ id: "change_il6", label: "change of IL-6", words: "", group: "", unit: "%", value, low, high }) as Headline;

test("what the solver leaves of nothing is 0", () => {
  assert.equal(valueOf(SPEC, one(-5.9e-12, -9e-11, 4e-10)), "0 %");
  assert.equal(interval(one(-5.9e-12, -9e-11, 4e-10)), "");
  assert.equal(valueOf(SPEC, one(5, 4, 6)), "+5 %");
  assert.equal(interval(one(5, 4, 6)), "4 to 6");
  assert.equal(interval(one(1e-11, 0, 2.5)), "0 to 2.5");
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
