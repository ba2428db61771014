// What is asked of the world for what somebody wants.
import type { VillageVerb } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { WORLD_WORDS } from "../strings/world.ts";
import { Outlook } from "./outlook.ts";
import { NOTHING_SEEN, type Person } from "./sight.ts";
import { Stage } from "./stage.ts";
import { Terrain } from "./terrain.ts";
import { Wishes } from "./wishes.ts";

const ME = 1n;
const BERRY = 7n;
const SIDE = 20;
const { notices } = WORLD_WORDS;

/** A meadow on which one stands at (2, 2) and a berry lies at (6, 2); every step is taken at once. */
function meadow(takesIn = true): { wishes: Wishes; asked: string[]; told: string[]; run: (ms: number) => void } {
  const outlook = new Outlook(ME);
  outlook.terrain = Terrain.decode(Uint8Array.of(SIDE, 0, SIDE, 0, ...Array.from({ length: SIDE * SIDE }, () => 0x81)).buffer);
  const asked: string[] = [];
  const told: string[] = [];
  const standAt = (x: number, y: number): void => {
    const me: Person = { id: ME, name: "Ada", archetype: "villager", position: { tile: { x, y }, facing: 4 }, isAsleep: false };
    const berry = { id: BERRY, item: { kind: 1, count: 1 }, position: { tile: { x: 6, y: 2 }, facing: 4 } };
    outlook.sight = { ...NOTHING_SEEN, people: new Map([[ME, me]]), items: new Map([[BERRY, berry]]) };
    outlook.reckon(0, []);
  };
  standAt(2, 2);
  const act = (verb: VillageVerb): { seq: bigint; nonce: number } | null => {
    asked.push(verb.type === "move" ? `move ${verb.value.to.x},${verb.value.to.y}` : verb.type);
    if (verb.type === "move" && takesIn) standAt(verb.value.to.x, verb.value.to.y);
    return takesIn ? { seq: 1n, nonce: 1 } : null;
  };
  const screen = { stage: new Stage(ME), isStale: false, hasKeys: true, hover: null, bump() {}, expectOwnPixel() {}, tileAt: () => null };
  const wishes = new Wishes({ outlook, screen, act, tell: (sentence) => told.push(sentence) });
  let now = performance.now();
  const run = (ms: number): void => {
    for (const end = now + ms; now < end; now += 16) wishes.goOn(now);
  };
  return { wishes, asked, told, run };
}

test("something far away is walked to, and picked up once", () => {
  const { wishes, asked, run } = meadow();
  wishes.pickUp(BERRY);
  run(3_000);
  expect(asked).toEqual(["move 3,2", "move 4,2", "move 5,2", "pick_up"]);
});

test("a key on the way ends the wish", () => {
  const { wishes, asked, run } = meadow();
  wishes.pickUp(BERRY);
  run(20);
  wishes.step("w");
  run(3_000);
  expect(asked).toEqual(["move 3,2", "move 2,2"]);
});

test("where nothing is taken in, one stands still instead of asking again and again", () => {
  const { wishes, asked, run } = meadow(false);
  wishes.hold("e");
  run(3_000);
  expect(asked).toEqual(["move 3,2"]);
});

test("what cannot be said is told, and not asked", () => {
  const { wishes, asked, told } = meadow();
  expect(wishes.say("  ")).toBe(false);
  expect(wishes.say("x".repeat(281))).toBe(false);
  expect(wishes.say(" Hello ")).toBe(true);
  expect(told).toEqual([notices.sayEmpty, notices.sayTooLong(280)]);
  expect(asked).toEqual(["say"]);
});

test("what is gone is told", () => {
  const { wishes, asked, told } = meadow();
  wishes.pickUp(99n);
  wishes.pickUp();
  expect(told).toEqual([notices.itemGone, notices.nothingInReach]);
  expect(asked).toEqual([]);
});
