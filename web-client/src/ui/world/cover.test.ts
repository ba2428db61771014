// How much of the village the panels cover.
import { expect, test } from "vitest";

import { UNCOVERED } from "../../playing.ts";
import { type Box, coverOf } from "./cover.ts";

const box = (left: number, top: number, right: number, bottom: number): Box => ({ left, top, right, bottom });

test("on a desktop the panels take the right side, the talk a corner, and below the bar there is room for a notice", () => {
  const side = box(960, 70, 1_270, 790);
  const boxes = [box(0, 0, 1_280, 66), box(12, 500, 428, 788), side, box(964, 560, 1_266, 786)];
  expect(coverOf(1_280, 800, boxes)).toEqual({ ...UNCOVERED, top: 134, right: 320, bottomLeft: { width: 428, height: 300 } });
});

test("on a phone an open panel and the help take all of their side, the arrows a corner", () => {
  const bar = box(0, 788, 390, 844);
  const top = box(0, 0, 390, 60);
  expect(coverOf(390, 844, [top, bar, box(215, 600, 378, 776)])).toEqual({ ...UNCOVERED, top: 128, bottom: 56, bottomRight: { width: 175, height: 244 } });
  expect(coverOf(390, 844, [top, bar, box(4, 400, 386, 784)])).toEqual({ ...UNCOVERED, top: 128, bottom: 444 });
  expect(coverOf(390, 844, [top, bar, box(8, 68, 382, 330)])).toEqual({ ...UNCOVERED, top: 330, bottom: 56 });
});

test("what is not shown covers nothing", () => {
  expect(coverOf(390, 844, [box(0, 0, 0, 0), box(0, 60, 390, 60)])).toEqual(UNCOVERED);
});
