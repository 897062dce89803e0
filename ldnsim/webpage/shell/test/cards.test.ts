// What cards say of a number.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Headline } from "../src/engine/types";
import { interval, valueOf } from "../src/ui/cards";
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
