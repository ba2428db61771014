// Others move smoothly however their steps come in.
import { expect, test } from "vitest";

import { OtherMotion } from "./interpolation.ts";
import { STEP_MS } from "./prediction.ts";

const FRAME_MS = 1_000 / 60;

/** Shows somebody who walks east, a step every 125 ms, each told as late as `lateness` says; the place in each frame. */
function watch(stepCount: number, lateness: (step: number) => number): number[] {
  const motion = new OtherMotion({ x: 0, y: 0 });
  // On one connection nothing overtakes.
  let last = 0;
  const arrivals = Array.from({ length: stepCount }, (_, step) => {
    last = Math.max(last, step * STEP_MS + lateness(step));
    return last;
  });
  const places: number[] = [];
  let told = 0;
  for (let now = 0; now < stepCount * STEP_MS + 1_500; now += FRAME_MS) {
    for (let arrival = arrivals[told]; arrival !== undefined && arrival <= now; arrival = arrivals[told]) {
      told += 1;
      motion.arrive(arrival, { x: told, y: 0 });
    }
    motion.advance(FRAME_MS);
    places.push(motion.glide.x);
  }
  return places;
}

/** Chance that is the same each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const moves = (places: readonly number[]): number[] => places.slice(1).map((place, index) => place - (places[index] ?? 0));

test.each([
  ["a steady line", () => 0],
  ["a round trip of 150 ms", () => 75],
])("on %s somebody walks evenly and arrives", (_, lateness) => {
  const places = watch(40, lateness);
  expect(places.at(-1)).toBe(40);
  const walking = moves(places).slice(40, 250);
  expect(Math.max(...walking)).toBeLessThan((FRAME_MS / STEP_MS) * 1.4);
  expect(Math.min(...walking)).toBeGreaterThan((FRAME_MS / STEP_MS) * 0.5);
});

test.each([1, 2, 3, 4, 5])("at 150 ms round trip with jitter nobody jumps, and hardly ever stops in mid-walk (%i)", (seed) => {
  const random = dice(seed);
  const places = watch(80, () => 75 + random() * 80);
  expect(places.at(-1)).toBe(80);
  const walking = moves(places).slice(90, 550);
  // A jump would be a tile, or a good part of one.
  expect(Math.max(...walking)).toBeLessThan(0.35);
  expect(Math.min(...walking)).toBeGreaterThanOrEqual(0);
  expect(walking.filter((move) => move === 0).length).toBeLessThan(walking.length / 25);
});

test("what was held up comes in at once and is made up for without a jump", () => {
  const places = watch(40, (step) => (step >= 10 && step < 14 ? (14 - step) * STEP_MS : 0));
  expect(Math.max(...moves(places))).toBeLessThan(0.4);
  expect(places.at(-1)).toBe(40);
});

test("who joined elsewhere is set there, not slid", () => {
  const motion = new OtherMotion({ x: 0, y: 0 });
  motion.arrive(0, { x: 4, y: 0 });
  expect(motion.glide).toMatchObject({ x: 4, isMoving: false });
  motion.arrive(10, { x: 7, y: 1 });
  motion.advance(16);
  expect(motion.glide.x).toBeLessThan(5);
});

test("it is told once when somebody sets out for a tile", () => {
  const motion = new OtherMotion({ x: 0, y: 0 });
  motion.arrive(0, { x: 1, y: 0 });
  motion.arrive(50, { x: 1, y: 1 });
  const begun = Array.from({ length: 60 }, () => motion.advance(FRAME_MS)).flat();
  expect(begun).toEqual([{ x: 1, y: 0 }, { x: 1, y: 1 }]);
});
