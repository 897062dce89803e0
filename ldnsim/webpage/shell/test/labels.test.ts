// What a side is called.
import assert from "node:assert/strict";
import { test } from "node:test";
import { labels } from "../src/ui/labels";
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
  assert.match(besides(SPEC, OPIOID), /until the last interval of naltrexone ends/);
  assert.equal(besides(SPEC, ALONE), "");
});
