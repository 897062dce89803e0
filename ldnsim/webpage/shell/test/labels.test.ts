// What a side is called.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../src/engine/types";
import type { Days } from "../src/ui/curves";
import { headings, labels } from "../src/ui/labels";
import { besides } from "../src/ui/worded";
import { SPEC } from "./spec";

const OPIOID = { ...SPEC.start, days: 14, opioid: "oxycodone" };
const ALONE = { ...OPIOID, interval: -1 };

test("an opioid without naltrexone is no side with nothing taken", () => {
  assert.deepEqual(labels(SPEC, [ALONE]), ["no naltrexone, oxycodone 20 mg every 6 hours for 14 days"]);
  assert.deepEqual(labels(SPEC, [{ ...ALONE, opioid_use: "usual" }]), ["no naltrexone, oxycodone 20 mg every 6 hours, long-term, 14 days"]);
  assert.deepEqual(labels(SPEC, [{ ...ALONE, opioid: "" }]), ["nothing taken, 14 days"]);
  assert.match(labels(SPEC, [OPIOID])[0], /, 14 days, with oxycodone 20 mg every 6 hours$/);
});

test("the opioid waits for the end of naltrexone only where it is taken", () => {
  assert.match(besides(OPIOID), /until the last interval of naltrexone ends/);
  assert.equal(besides(ALONE), "");
});

test("headings say which part of the run is shown", () => {
  const of = (given: number[], from: number, span: [number, number], end = 694, long = true) => {
    const days = [{ side: "B", from: [from] }] as unknown as Days[];
    return headings({ days, doses: given, long, span }, { doses: { naltrexone: given }, end, stage: "nominal", asked: 0 } as unknown as Reply);
  };
  assert.deepEqual(of([22, 46], 46, [646, 694]), ["By day: range of the median in each 24 h but the first", "The last 48 h"]);
  assert.deepEqual(of([22], 22, [22, 166]), ["By day: range of the median in each 24 h", "From 0 to 144 h after the dose"]);
  assert.deepEqual(of([22, 46], 46, [46, 190]), ["By day: range of the median in each 24 h but the first", "From 0 to 144 h after the last dose"]);
  assert.deepEqual(of([22, 646, 670], 46, [646, 694], 698)[1], "The last 48 h");
  assert.deepEqual(of([], 24, [624, 672], 672), ["By day: range of the median in each 24 h but the first", "The last 48 h"]);
  assert.deepEqual(of([22], 22, [22, 694])[1], "The last 28 days");
  assert.deepEqual(of([22], 22, [0, 94], 94, false), ["The whole run, 4 days"]);
});
