// What is shown of what is durable.
import { expect, test } from "vitest";

import type { Person, Sight, Words } from "./sight.ts";
import { NOTHING_SEEN } from "./sight.ts";
import { Stage } from "./stage.ts";

const ME = 1n;

function person(id: bigint, x: number, y = 0, facing = 4): [bigint, Person] {
  return [id, { id, name: `P${id}`, archetype: "villager", position: { tile: { x, y }, facing }, isAsleep: false }];
}

function words(id: bigint, speaker: bigint, text: string): [bigint, Words] {
  const position = { tile: { x: 9, y: 9 }, facing: 4 };
  return [id, { id, utterance: { speaker, name: "Ada", text, saidAt: id }, position }];
}

function sight(part: Partial<Sight>): Sight {
  return { ...NOTHING_SEEN, ...part };
}

const nothing: ReadonlySet<bigint> = new Set();

test("others set out for the tile where they are, and it is told when they do", () => {
  const stage = new Stage(ME);
  stage.see(0, sight({ people: new Map([person(ME, 0), person(2n, 5)]) }), nothing);
  expect(stage.advance(16, 16)).toEqual([]);
  stage.see(20, sight({ people: new Map([person(ME, 0), person(2n, 6)]) }), nothing);
  expect(stage.advance(32, 16)).toEqual([{ id: 2n, tile: { x: 6, y: 0 } }]);
  const other = [...stage.figures].find(({ id }) => id === 2n);
  expect(other?.x).toBeGreaterThan(5);
  expect(other?.x).toBeLessThan(6);
  expect(other).toMatchObject({ facing: "e" });
  expect(other?.stride).toBeGreaterThan(0);
});

test("one's own character goes where it is predicted, not where the copy still has it", () => {
  const stage = new Stage(ME);
  const seen = sight({ people: new Map([person(ME, 0)]) });
  stage.see(0, seen, nothing);
  stage.own?.motion.step({ x: 1, y: 0 });
  stage.advance(200, 200);
  stage.see(210, seen, nothing);
  stage.advance(400, 100);
  expect(stage.own?.figure).toMatchObject({ x: 1, y: 0, facing: "e" });
});

test("who stands looks where the world says; who is gone is not shown", () => {
  const stage = new Stage(ME);
  stage.see(0, sight({ people: new Map([person(2n, 5, 0, 0)]) }), nothing);
  expect([...stage.figures]).toMatchObject([{ facing: "n", isMe: false }]);
  stage.see(10, sight({}), nothing);
  expect([...stage.figures]).toEqual([]);
});

test("what is being picked up is shown as such, and what is gone is not", () => {
  const stage = new Stage(ME);
  const item = { id: 7n, item: { kind: 1, count: 1 }, position: { tile: { x: 3, y: 3 }, facing: 4 } };
  const seen = sight({ items: new Map([[7n, item]]) });
  stage.see(0, seen, nothing);
  stage.see(10, seen, new Set([7n]));
  expect([...stage.things]).toMatchObject([{ id: 7n, x: 3, y: 3, isWanted: true }]);
  stage.see(20, sight({}), nothing);
  expect([...stage.things]).toEqual([]);
});

test("of each who speaks the latest words hang over them, and fade when the world lets go of them", () => {
  const stage = new Stage(ME);
  const people = new Map([person(2n, 5)]);
  stage.see(0, sight({ people, words: new Map([words(10n, 2n, "first"), words(11n, 2n, "second")]) }), nothing);
  stage.advance(16, 16);
  expect(stage.bubbles).toMatchObject([{ text: "second", x: 5, y: 0, opacity: 1 }]);
  stage.see(1_000, sight({ people }), nothing);
  stage.advance(1_200, 16);
  expect(stage.bubbles[0]?.opacity).toBeCloseTo(0.5);
  stage.advance(1_500, 16);
  expect(stage.bubbles).toEqual([]);
  expect(stage.isMoving).toBe(false);
});

test("what was said while nobody looked does not pile up", () => {
  const stage = new Stage(ME);
  for (let id = 10n; id < 1_000n; id += 1n) {
    stage.see(Number(id) * 1_000, sight({ words: new Map([words(id, id, "Hello")]) }), nothing);
  }
  expect(stage.bubbles.length).toBeLessThan(3);
});

test("whoever spoke and left leaves the words where they were said", () => {
  const stage = new Stage(ME);
  stage.see(0, sight({ words: new Map([words(10n, 2n, "Bye")]) }), nothing);
  expect(stage.bubbles).toMatchObject([{ x: 9, y: 9 }]);
});
