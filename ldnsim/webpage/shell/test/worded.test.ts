// The regimen in words on the page: what a sentence chooses, and that the controls' own sentence chooses them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { taken } from "../src/ui/course";
import type { Choices } from "../src/ui/spec";
import { choicesOf, wordsOf } from "../src/ui/worded";
import { SPEC } from "./spec";

const NOW = SPEC.start;
const read = (text: string, now = NOW) => ({ ...now, ...choicesOf(SPEC, text, now) });

test("a sentence chooses dose, time, interval, days and form", () => {
  assert.equal(wordsOf(SPEC, NOW), "4.5 mg daily at 22:00 for 28 days");
  const found = read("3 mg slow release twice daily at 8 for 2 weeks");
  assert.deepEqual([found.dose, found.at, found.interval, found.days, found.formulation], [3, "08:00", 12, 14, "slow_release"]);
  assert.equal(read("3 mg").at, "00:00", "as in the library");
  assert.equal(read("3 mg", { ...NOW, days: 7 }).days, 7);
});

test("a sentence names the opioid, and what it does not name is not taken", () => {
  const found = read("4.5 mg at bedtime + oxycodone 10 mg every 6 h from 08:00");
  assert.deepEqual([found.opioid, found.opioid_dose, found.opioid_interval, found.opioid_at], ["oxycodone", 10, 6, "08:00"]);
  const [, opioid] = taken(SPEC, found);
  assert.deepEqual([opioid.start, opioid.n], [8, Math.ceil((694 - 8) / 6)]);
  assert.equal(read("4.5 mg at bedtime", found).opioid, "");
  assert.equal(read("oxycodone 10 mg every 6 h").interval, -1);
});

test("what the controls stand at is said, and read back", () => {
  for (const other of [
    {}, { dose: 50, interval: 0 }, { interval: 12, days: 1 }, { formulation: "slow_release", at: "07:30" },
    { opioid: "oxycodone" }, { opioid: "oxycodone", opioid_at: "08:00", interval: -1 },
    { titration: "up", days: 42 }, { titration: "up", days: 30, dose: 4, interval: 12 },
  ] as Choices[]) {
    const choices = { ...NOW, ...other };
    assert.deepEqual(read(wordsOf(SPEC, choices), choices), choices, wordsOf(SPEC, choices));
  }
  assert.equal(
    wordsOf(SPEC, { ...NOW, titration: "up", days: 30, dose: 3 }),
    "1.5 mg daily at 22:00 for 14 days + 3 mg daily at 22:00 from day 15 for 16 days",
  );
});

test("a placebo and an injection for four weeks are read and said", () => {
  const placebo = read("0 mg nightly");
  assert.deepEqual([placebo.dose, placebo.interval, wordsOf(SPEC, placebo)], [0, 24, "0 mg daily at 22:00 for 28 days"]);
  const depot = read("380 mg every 4 weeks at 09:00 for 84 days");
  assert.deepEqual([depot.dose, depot.interval, wordsOf(SPEC, depot)], [380, 672, "380 mg every 4 weeks at 09:00 for 84 days"]);
  assert.equal(read("380 mg every 28 days").interval, 672);
});

test("what this page cannot take is refused in a sentence", () => {
  for (const [text, why] of [
    ["4.5 mg purple", /“purple” has no meaning/], ["", /must read like/], ["4.5 mg every 5 h", /none of the intervals/],
    ["4.5 mg at bedtime + oxycodone 5 mg every 6 h", /does not say when “oxycodone 5 mg every 6 h”/],
    ["4.5 mg at 22:00 + 1 mg at 08:00", /for how long|one dose of naltrexone/], ["4000 mg nightly", /from 0 to 400 mg/],
    ["4.5 mg nightly + tramadol 50 mg every 6 h from 08:00", /“tramadol” is none of its choices/], ["4.5 mg nightly for 200 days", /from 1 to 84/],
    ["4.5 mg nightly from day 3", /from day 1/], ["4.5 mg at 30", /before 24:00/], ["4,5 mg", /“4,5” is not a number: write 4\.5$/], ["2 ng/kg lps once at 10:00", /on the last day/],
  ] as const) {
    assert.throws(() => choicesOf(SPEC, text, NOW), why, text);
  }
});
