// Where one looks, and how panels that open move it.
import { expect, test } from "vitest";

import { UNCOVERED } from "../playing.ts";
import { coverAfter, isSameCover } from "./camera.ts";

const OPEN = { ...UNCOVERED, bottom: 300, bottomLeft: { width: 100, height: 40 } };

test("a panel that opens moves the world aside little by little, and comes to an end", () => {
  let cover = coverAfter(UNCOVERED, OPEN, 16, false);
  expect(cover.bottom).toBeGreaterThan(0);
  expect(cover.bottom).toBeLessThan(100);
  for (let ms = 0; ms < 1_500; ms += 16) cover = coverAfter(cover, OPEN, 16, false);
  expect(isSameCover(cover, OPEN)).toBe(true);
  expect(cover).toEqual(OPEN);
});

test("who asked for little movement sees none", () => {
  expect(coverAfter(UNCOVERED, OPEN, 16, true)).toEqual(OPEN);
  expect(isSameCover(UNCOVERED, OPEN)).toBe(false);
});
