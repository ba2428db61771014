// How much of the world is in view.
import { expect, test } from "vitest";

import { type Cover, UNCOVERED } from "../playing.ts";
import { originOf, type Viewport, viewportOf } from "./viewport.ts";

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
  expect(viewportOf(0, 0, 1)).toEqual({ width: 1, height: 1, scale: 1, tile: 16, ratio: 1 });
});

const MAP = 64;
const view = viewportOf(1_280, 800, 1);

test("one's own character is in the middle, but nothing beyond the map is seen", () => {
  expect(originOf(view, { x: 30, y: 30 }, MAP, MAP, UNCOVERED)).toEqual({ left: 30.5 * 64 - 640, top: 30.5 * 64 - 400 });
  expect(originOf(view, { x: 0, y: 63 }, MAP, MAP, UNCOVERED)).toEqual({ left: 0, top: 64 * 64 - 800 });
  expect(originOf(view, { x: 2, y: 2 }, 5, 5, UNCOVERED)).toEqual({ left: -480, top: -240 });
});

const COVERS: readonly (readonly [string, Viewport, Cover])[] = [
  ["a desktop", view, { ...UNCOVERED, top: 130, right: 320, bottomLeft: { width: 430, height: 300 } }],
  ["a low window", viewportOf(1_024, 560, 1), { ...UNCOVERED, top: 130, right: 320, bottomLeft: { width: 360, height: 220 } }],
  ["a phone", viewportOf(390, 844, 3), { ...UNCOVERED, top: 120, bottom: 56, bottomRight: { width: 190, height: 250 } }],
  ["a phone with an open panel and a keyboard", viewportOf(390, 500, 3), { ...UNCOVERED, top: 120, bottom: 280 }],
];

test.each(COVERS)("nothing covers one's own character on %s, wherever on the map it is", (_, shown, cover) => {
  const { width, height, tile, ratio } = shown;
  for (let x = 0; x < MAP; x += 1) {
    for (let y = 0; y < MAP; y += 1) {
      const { left, top } = originOf(shown, { x, y }, MAP, MAP, cover);
      const box = { left: x * tile - left, top: y * tile - top };
      const [right, bottom] = [box.left + tile, box.top + tile];
      const { bottomLeft, bottomRight } = cover;
      const isClear =
        box.left >= cover.left * ratio &&
        right <= width - cover.right * ratio &&
        box.top >= cover.top * ratio - 1 &&
        bottom <= height - cover.bottom * ratio + 1 &&
        (box.left >= bottomLeft.width * ratio || bottom <= height - bottomLeft.height * ratio + 1) &&
        (right <= width - bottomRight.width * ratio || bottom <= height - bottomRight.height * ratio + 1);
      expect(isClear, `${x}, ${y}`).toBe(true);
    }
  }
});

test("past a covered corner nothing jumps", () => {
  const [, shown, cover] = COVERS[0] ?? ["", view, UNCOVERED];
  for (let x = 0; x < MAP; x += 1 / 16) {
    const [before, after] = [originOf(shown, { x, y: 62 }, MAP, MAP, cover), originOf(shown, { x: x + 1 / 16, y: 62 }, MAP, MAP, cover)];
    expect(Math.abs(after.top - before.top)).toBeLessThan(16);
  }
});
