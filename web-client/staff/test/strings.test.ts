// How numbers are written.
import { expect, test } from "vitest";

import { countText, durationText, msText, percentileText, roundText } from "../src/strings.ts";

test("three digits are shown of a time, and all before its point", () => {
  expect([0, 0.001, 0.0123, 0.5, 1.234, 12.34, 123.4, 1_234.5].map(msText)).toEqual(["0", "0.001", "0.012", "0.500", "1.23", "12.3", "123", "1\u202f235"]);
});

test("what takes long is told in seconds", () => {
  expect([9_999, 10_000, 60_030.975].map(durationText)).toEqual(["9\u202f999 ms", "10.0 s", "60.0 s"]);
});

test("what was chosen has no zeros that say nothing", () => {
  expect([0, 0.1, 1, 60, 200, 1_000].map(roundText)).toEqual(["0", "0.1", "1", "60", "200", "1\u202f000"]);
});

test("a percentile is called as everybody calls it", () => {
  expect([0.5, 0.95, 0.99, 0.999, 0.9999].map(percentileText)).toEqual(["p50", "p95", "p99", "p99.9", "p99.99"]);
});

test("a count can be read where it is large", () => {
  expect([7, 999, 1_000, 1_234_567].map(countText)).toEqual(["7", "999", "1\u202f000", "1\u202f234\u202f567"]);
});
