// The map as the server serves it.
import { expect, test } from "vitest";

import { Ground, Terrain, TerrainError } from "./terrain.ts";

function bytes(...values: number[]): ArrayBuffer {
  return Uint8Array.from(values).buffer;
}

test("a map says what each tile is of and where one can walk", () => {
  const terrain = Terrain.decode(bytes(3, 0, 2, 0, 0x81, 0x82, 3, 5, 6, 0x84));
  expect([terrain.width, terrain.height]).toEqual([3, 2]);
  expect(terrain.groundAt(0, 0)).toBe(Ground.grass);
  expect(terrain.groundAt(2, 1)).toBe(Ground.sand);
  expect(terrain.isWalkable({ x: 1, y: 0 })).toBe(true);
  expect(terrain.isWalkable({ x: 2, y: 0 })).toBe(false);
});

test("beyond the border nobody walks, and the ground goes on", () => {
  const terrain = Terrain.decode(bytes(1, 0, 1, 0, 0x81));
  for (const tile of [{ x: -1, y: 0 }, { x: 0, y: 1 }, { x: 65_536, y: 0 }]) expect(terrain.isWalkable(tile)).toBe(false);
  expect(terrain.groundAt(-5, 9)).toBe(Ground.grass);
});

test.each([[[]], [[1, 0, 1]], [[0, 0, 1, 0]], [[2, 0, 2, 0, 1, 1, 1]], [[1, 0, 1, 0, 1, 1]]])("what is no map is refused: %j", (values) => {
  expect(() => Terrain.decode(bytes(...values))).toThrow(TerrainError);
});
