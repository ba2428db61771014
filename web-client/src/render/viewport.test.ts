// How much of the world is in view.
import { expect, test } from "vitest";

import { originOf, viewportOf } from "./viewport.ts";

test.each([
  ["a desktop", 1_280, 800, 1, 20, 12.5],
  ["a large screen", 1_920, 1_080, 1, 20, 11.25],
  ["a tablet", 834, 1_112, 1, 13, 17],
  ["a phone", 390, 844, 3, 11, 23],
])("on %s the tiles are of a good size and made of whole pixels", (_, width, height, ratio, across, down) => {
  const { scale, tile, ...size } = viewportOf(width, height, ratio);
  expect(Number.isInteger(scale)).toBe(true);
  expect(Math.abs(size.width / tile - across)).toBeLessThan(1);
  expect(Math.abs(size.height / tile - down)).toBeLessThan(1);
});

test("a surface without a size is no reason to fail", () => {
  expect(viewportOf(0, 0, 1)).toEqual({ width: 1, height: 1, scale: 1, tile: 16 });
});

test("one's own character is in the middle, but nothing beyond the map is seen", () => {
  const view = viewportOf(1_280, 800, 1);
  expect(originOf(view, { x: 30, y: 30 }, 64, 64)).toEqual({ left: 30.5 * 64 - 640, top: 30.5 * 64 - 400 });
  expect(originOf(view, { x: 0, y: 63 }, 64, 64)).toEqual({ left: 0, top: 64 * 64 - 800 });
  expect(originOf(view, { x: 2, y: 2 }, 5, 5)).toEqual({ left: -480, top: -240 });
});
