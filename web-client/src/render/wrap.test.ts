// Lines that fit.
import { expect, test } from "vitest";

import { wrap } from "./wrap.ts";

const widthOf = (text: string): number => [...text].length;

test.each([
  ["Hi", ["Hi"]],
  ["Good morning to you", ["Good", "morning to", "you"]],
  ["Donaudampfschifffahrt", ["Donaudampf", "schifffahr", "t"]],
  ["☃☃☃☃☃☃☃☃☃☃☃☃", ["☃☃☃☃☃☃☃☃☃☃", "☃☃"]],
  ["", [""]],
])("%j is broken where it can be", (text, lines) => {
  expect(wrap(text, 10, 5, widthOf)).toEqual(lines);
});

test("what is too long ends in an ellipsis, within its room", () => {
  const lines = wrap("one two three four five six seven eight nine ten", 10, 2, widthOf);
  expect(lines).toEqual(["one two", "three fou…"]);
});
