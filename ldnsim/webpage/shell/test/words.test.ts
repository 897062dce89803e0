import assert from "node:assert/strict";
import { test } from "node:test";
import { hourTicks, logarithmic, rounded } from "../src/ui/axis";
import { number } from "../src/ui/format";
import { labels } from "../src/ui/labels";
import { applies } from "../src/ui/marks";
import { regimenOf, script } from "../src/ui/script";
import { fragment, History, parsed } from "../src/ui/state";
import { SPEC } from "./spec";

const NOW = SPEC.start;

test("sides are called by what tells them apart", () => {
  assert.deepEqual(labels(SPEC, [NOW]), ["4.5 mg at 22:00 daily, 28 days"]);
  const [a, b] = labels(SPEC, [NOW, { ...NOW, scenario: "ogf" }]);
  assert.ok(a.startsWith("default reading") && b.startsWith("OGF"));
  const pairs: Record<string, string | number>[] = [{ weight: 60 }, { opioid: "oxycodone" }, { missed: "3" }, { "p:ka": 2 }, { interval: -1 }, { titration: "up" }];
  assert.deepEqual(labels(SPEC, [{ ...NOW, dose: 0 }]), ["0 mg (placebo) at 22:00 daily, 28 days"]);
  for (const other of pairs) {
    const [one, two] = labels(SPEC, [NOW, { ...NOW, ...other }]);
    assert.notEqual(one, two, JSON.stringify(other));
  }
});

test("a link says what differs, and gives it back", () => {
  assert.equal(fragment(SPEC, { now: NOW, kept: null, hidden: [] }), "");
  const state = { now: { ...NOW, dose: 3, at: "21:00", "p:ka": 2.5, missed: "5, 10-12" }, kept: { ...NOW, dose: 50 }, hidden: ["plasma"] };
  const found = parsed(SPEC, `#${fragment(SPEC, state)}`);
  assert.deepEqual(found, { state, troubles: [] });
});

test("a link that is no good is told of, and the rest of it is used", () => {
  const { state, troubles } = parsed(SPEC, "#dose=4000&at=21:00&colour=red&p:ka=x");
  assert.equal(state.now.dose, 4.5);
  assert.equal(state.now.at, "21:00");
  assert.equal(troubles.length, 3);
  assert.match(troubles[0], /Dose “4000” must be a number from 0 to 400 mg/);
});

test("a link with a missed day without a dose is used without it", () => {
  const { state, troubles } = parsed(SPEC, "#missed=40&dose=3&A.=1&A.missed=5");
  assert.deepEqual([state.now.missed, state.now.dose, state.kept?.missed], ["", 3, "5"]);
  assert.deepEqual(troubles, ["The link is not used in one place: Days missed “40”: no dose falls on it; day 1 is the day of the first dose."]);
});

test("a slider that moves is one step back", () => {
  const history = new History({ now: NOW, kept: null, hidden: [] });
  for (const dose of [5, 6, 7]) history.go({ now: { ...NOW, dose }, kept: null, hidden: [] }, true);
  history.go({ now: { ...NOW, dose: 7 }, kept: null, hidden: [] });
  history.undo();
  assert.equal(history.state.now.dose, 4.5);
  history.redo();
  assert.equal(history.state.now.dose, 7);
  assert.equal(history.canRedo, false);
});

test("regimens are calls of the library", () => {
  assert.equal(regimenOf(NOW), 'ldn.Regimen.every(4.5, ii=24, n=28, at="22:00", formulation="capsule")');
  assert.equal(regimenOf({ ...NOW, interval: -1 }), "None");
  const up = regimenOf({ ...NOW, titration: "up", missed: "3" });
  assert.equal(up, 'ldn.Regimen.titration([(1.5, 14), (3, 14)], at="22:00", formulation="capsule").skip([3])');
  assert.match(script(SPEC, [{ name: "ldn", label: "x", choices: { ...NOW, weight: 60 } }]), /with_parameters\(weight=60\)/);
});

test("a measurement stands where it was taken", () => {
  const row = SPEC.evidence[0];
  assert.equal(applies(row, NOW), false);
  const there = { ...NOW, dose: 50, interval: 0, days: 3 };
  assert.equal(applies(row, there), true);
  assert.equal(applies(row, { ...there, opioid: "oxycodone" }), false);
  assert.equal(applies(row, { ...there, at: "08:00" }), true);
});

test("ticks are round and inside", () => {
  assert.deepEqual(rounded(0, 1).map((t) => t.text), ["0.0", "0.5", "1.0"]);
  assert.deepEqual(logarithmic(0.001, 20, 0, 100).ticks.map((t) => t.at), [10, 0.1, 0.001]);
  assert.deepEqual(hourTicks(22, 46, 300).map((t) => t.text), ["day 2", "06:00", "12:00", "18:00"]);
});

test("numbers bear three digits", () => {
  const pairs = [[2.4671, "2.47"], [0.0123, "0.0123"], [148.2, "148"], [1200, "1\u202f200"], [-5.65, "−5.65"], [0, "0"], [NaN, "–"], [24, "24"], [-8.4e-7, "−8.4e−7"], [1.2e6, "1.2e6"]] as const;
  for (const [value, text] of pairs) assert.equal(number(value), text);
});
