// Why a panel is empty.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Days, Line } from "../src/ui/curves";
import { emptiness } from "../src/ui/emptiness";
import { SPEC } from "./spec";

const NOW = SPEC.start;
const lines = (y: number) => [{ variable: "plasma_naltrexone", side: "B", middle: [y, y] }] as unknown as Line[];
const days = (high: number) => [{ variable: "plasma_naltrexone", side: "B", high: [high] }] as unknown as Days[];
const why = (choices: object, line = 0, day = 0) => emptiness(SPEC, lines(line), days(day), { ...NOW, ...choices }).plasma;

test("a panel is empty where nothing is in it, by the hour and by the day", () => {
  assert.equal(why({ interval: 0 }, 0, 13), undefined, "long after a single dose");
  assert.equal(why({}, 2), undefined);
  assert.match(why({ interval: -1 }), /no naltrexone is taken/);
});

test("no sentence says that none is taken where some is", () => {
  for (const taken of [{ interval: 0 }, {}, { formulation: "cream" }, { dose: 0 }, { missed: "1-28" }, { formulation: "cream", interval: 0 }]) {
    assert.doesNotMatch(why(taken), /no naltrexone/, JSON.stringify(taken));
  }
  assert.match(why({ dose: 0 }), /placebo/);
  assert.match(why({ missed: "1-28" }), /every dose is missed/);
  assert.match(why({ formulation: "cream" }), /no cream was ever measured/);
});
