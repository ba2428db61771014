// Where one's own character is going to stand, and how it is shown on the way.
import { expect, test } from "vitest";

import type { TilePlace } from "../playing.ts";
import { OwnMotion, predict, STEP_MS } from "./prediction.ts";

const at = (x: number, y = 0): TilePlace => ({ x, y });
const free = (): boolean => true;
const taken = ({ x }: TilePlace): boolean => x !== 4;

test("unanswered moves are followed one after the other", () => {
  expect(predict(at(3), [at(4), at(5, 1)], free)).toEqual([at(3), at(4), at(5, 1)]);
  expect(predict(at(3), [], free)).toEqual([at(3)]);
});

test("a move whose effect is here already does not count twice", () => {
  expect(predict(at(4), [at(4), at(5)], free)).toEqual([at(4), at(5)]);
});

test("a move that the world will refuse leads nowhere, and the next goes on from where one stands", () => {
  expect(predict(at(3), [at(4), at(5)], taken)).toEqual([at(3)]);
  expect(predict(at(3), [at(4), at(2)], taken)).toEqual([at(3), at(2)]);
});

test("a step is shown at once and takes as long as the world's", () => {
  const motion = new OwnMotion(at(3));
  motion.step(at(4));
  motion.advance(STEP_MS / 5);
  expect(motion.glide.x).toBeCloseTo(3.2);
  motion.advance(STEP_MS);
  expect(motion.glide).toMatchObject({ x: 4, y: 0, isMoving: false });
});

test("a refused step glides back instead of jumping", () => {
  const motion = new OwnMotion(at(3));
  motion.step(at(4));
  motion.advance(STEP_MS);
  motion.settle(at(3));
  let last = motion.glide.x;
  for (let frame = 0; frame < 20; frame += 1) {
    motion.advance(16);
    expect(last - motion.glide.x).toBeLessThanOrEqual(16 / STEP_MS + 1e-9);
    last = motion.glide.x;
  }
  expect(last).toBe(3);
});

test("whoever is suddenly far away is set there", () => {
  const motion = new OwnMotion(at(3));
  motion.settle(at(30, 20));
  expect(motion.glide).toMatchObject({ x: 30, y: 20, isMoving: false });
});
