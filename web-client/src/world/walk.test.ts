// What one's own feet do next.
import { expect, test } from "vitest";

import type { TilePlace } from "../playing.ts";
import { AHEAD_STEPS_MAX, KEPT_STEPS_MAX, OWED_STEPS_MAX, Walk } from "./walk.ts";

const free = (): boolean => true;
/** There is a wall to the north. */
const wall = ({ y }: TilePlace): boolean => y >= 10;
/** There is no other tile than one's own. */
const corner = ({ x, y }: TilePlace): boolean => x === 10 && y === 10;

/** Lets somebody walk for a while, asked each frame; where each step led. */
function run(walk: Walk, ms: number, canStand: (tile: TilePlace) => boolean = free, from: TilePlace = { x: 10, y: 10 }, waiting = 0): TilePlace[] {
  const tiles: TilePlace[] = [];
  let at = from;
  for (let now = 0; now < ms; now += 16) {
    const next = walk.next(now, at, waiting, canStand);
    if (next?.type !== "step") continue;
    at = next.to;
    tiles.push(at);
  }
  return tiles;
}

test("a held key walks eight steps a second and no more", () => {
  const walk = new Walk();
  walk.hold("e");
  const tiles = run(walk, 2_000);
  expect(tiles).toHaveLength(16);
  expect(tiles.at(-1)).toEqual({ x: 26, y: 10 });
});

test("a tap is one step, however short it is", () => {
  const walk = new Walk();
  walk.hold("n");
  walk.release("n");
  expect(run(walk, 1_000)).toEqual([{ x: 10, y: 9 }]);
});

test("two taps are two steps, also where the second is still down when the first is taken", () => {
  const walk = new Walk();
  walk.hold("e");
  walk.release("e");
  walk.hold("e");
  expect(run(walk, 10)).toEqual([{ x: 11, y: 10 }]);
  walk.release("e");
  expect(run(walk, 1_000)).toEqual([{ x: 11, y: 10 }]);
});

test("several held keys make a diagonal, opposite ones nothing", () => {
  const walk = new Walk();
  walk.hold("n");
  walk.hold("e");
  expect(run(walk, 10)).toEqual([{ x: 11, y: 9 }]);
  walk.hold("s");
  walk.hold("w");
  expect(run(walk, 1_000).length).toBeLessThanOrEqual(1);
});

test("a wall is walked along, and faced where it is straight ahead", () => {
  const walk = new Walk();
  walk.hold("ne");
  expect(run(walk, 200, wall)).toEqual([{ x: 11, y: 10 }, { x: 12, y: 10 }]);
  const facing = new Walk();
  facing.hold("n");
  expect(facing.next(0, { x: 10, y: 10 }, 0, wall)).toEqual({ type: "turn", direction: "n" });
});

test("while a key is held nobody runs ahead of the world's answers, but single steps are kept", () => {
  const walk = new Walk();
  walk.hold("e");
  expect(run(walk, 10)).toHaveLength(1);
  expect(run(walk, 2_000, free, { x: 0, y: 0 }, AHEAD_STEPS_MAX)).toEqual([]);
  walk.release("e");
  walk.step("s");
  expect(run(walk, 3_000, free, { x: 0, y: 0 }, AHEAD_STEPS_MAX)).toEqual([{ x: 0, y: 1 }]);
});

test("when as many steps wait as may be kept, that is said and the step is not owed any more", () => {
  const walk = new Walk();
  walk.step("s");
  expect(walk.next(0, { x: 0, y: 0 }, KEPT_STEPS_MAX, free)).toEqual({ type: "full" });
  expect(walk.next(1_000, { x: 0, y: 0 }, 0, free)).toBeNull();
});

test("steps that are asked for too fast follow at the pace of walking, up to a bound", () => {
  const walk = new Walk();
  for (let count = 0; count < 100; count += 1) walk.step("e");
  expect(run(walk, 60_000)).toHaveLength(OWED_STEPS_MAX);
});

test("a chosen way is walked to its end", () => {
  const walk = new Walk();
  walk.walkTo({ x: 13, y: 12 }, 0);
  expect(run(walk, 3_000).at(-1)).toEqual({ x: 13, y: 12 });
  expect(walk.goal).toBeNull();
});

test("a way is found anew where somebody steps into it", () => {
  const walk = new Walk();
  walk.walkTo({ x: 14, y: 10 }, 0);
  expect(run(walk, 10)).toEqual([{ x: 11, y: 10 }]);
  const tiles = run(walk, 3_000, ({ x, y }) => x !== 12 || y !== 10, { x: 11, y: 10 });
  expect(tiles.at(-1)).toEqual({ x: 14, y: 10 });
  expect(tiles).not.toContainEqual({ x: 12, y: 10 });
});

test("where there is no way, that is said once", () => {
  const walk = new Walk();
  walk.walkTo({ x: 14, y: 10 }, 0);
  const said = Array.from({ length: 100 }, (_, frame) => walk.next(frame * 50, { x: 10, y: 10 }, 0, corner));
  expect(said.filter((next) => next !== null)).toEqual([{ type: "no_way" }]);
});

test("a way on which the world refuses each step is given up after a few, and that is said", () => {
  const walk = new Walk();
  walk.walkTo({ x: 14, y: 10 }, 0);
  const types: string[] = [];
  for (let now = 0; now < 60_000; now += 50) {
    const next = walk.next(now, { x: 10, y: 10 }, 0, free);
    if (next !== null) types.push(next.type);
    if (next?.type === "step") walk.refused();
  }
  expect(types).toEqual([...Array.from({ length: 6 }, () => "step"), "no_way"]);
});

test("a key ends a chosen way", () => {
  const walk = new Walk();
  walk.walkTo({ x: 14, y: 10 }, 0);
  walk.step("w");
  expect(run(walk, 3_000)).toEqual([{ x: 9, y: 10 }]);
});
