// The way around what is in the way.
import { expect, test } from "vitest";

import { canStep, findPath, TILES_LOOKED_AT_MAX } from "./path.ts";
import { stepsBetween } from "./tile.ts";

/** A map in letters: a dot can be stood on. */
function standOn(rows: readonly string[]): (tile: { x: number; y: number }) => boolean {
  return ({ x, y }) => rows[y]?.charAt(x) === ".";
}

const ROOM = standOn(["......", ".####.", ".#..#.", ".#.##.", "......"]);

test("a way leads around walls, one step at a time", () => {
  const way = findPath({ x: 0, y: 0 }, { x: 3, y: 2 }, 0, ROOM) ?? [];
  expect(way.at(-1)).toEqual({ x: 3, y: 2 });
  expect(way).toHaveLength(6);
  [{ x: 0, y: 0 }, ...way].slice(1).forEach((tile, place) => {
    expect(stepsBetween(tile, way[place - 1] ?? { x: 0, y: 0 })).toBe(1);
    expect(ROOM(tile)).toBe(true);
  });
});

test("nobody squeezes between two corners, though one corner can be cut", () => {
  const corners = standOn([".#", "#."]);
  expect(canStep({ x: 0, y: 0 }, { x: 1, y: 1 }, corners)).toBe(false);
  expect(findPath({ x: 0, y: 0 }, { x: 1, y: 1 }, 0, corners)).toBeNull();
  expect(canStep({ x: 0, y: 0 }, { x: 1, y: 1 }, standOn(["..", "#."]))).toBe(true);
});

test("near is near enough, also to a tile that nobody can stand on", () => {
  const way = findPath({ x: 0, y: 0 }, { x: 4, y: 0 }, 1, standOn(["....#"]));
  expect(way).toEqual([{ x: 1, y: 0 }, { x: 2, y: 0 }, { x: 3, y: 0 }]);
  expect(findPath({ x: 3, y: 0 }, { x: 4, y: 0 }, 1, standOn(["....#"]))).toEqual([]);
});

test("a straight way is not left without need", () => {
  const way = findPath({ x: 0, y: 1 }, { x: 5, y: 1 }, 0, standOn(["......", "......", "......"])) ?? [];
  expect(way.every(({ y }) => y === 1)).toBe(true);
});

test("where there is no way it is not looked for without end", () => {
  let asked = 0;
  const endless = ({ x, y }: { x: number; y: number }): boolean => {
    asked += 1;
    return x !== 500 || y !== 500;
  };
  expect(findPath({ x: 0, y: 0 }, { x: 500, y: 500 }, 0, endless)).toBeNull();
  expect(asked).toBeLessThan(TILES_LOOKED_AT_MAX * 32);
});
