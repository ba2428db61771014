// Every action from the key to its answer.
import { village } from "@holdfast/client";
import { EngineCode, VillageCode, type VillageVerb } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { ANSWERED_DEEDS_MAX, Deeds, sentenceOfCode, wordsOf } from "./deeds.ts";

const nothing = { from: null, nameOf: () => null };
const name = (seq: number): { seq: bigint; nonce: number } => ({ seq: BigInt(seq), nonce: seq * 7 });

test("deeds are told in words", () => {
  const from = { x: 3, y: 3 };
  const words = (verb: VillageVerb): string => wordsOf(verb, { from, nameOf: (item) => (item === 5n ? "a berry" : null) });
  expect(words({ type: "move", value: { to: { x: 4, y: 2 } } })).toBe("Step north-east");
  expect(words({ type: "say", value: { text: "Hello" } })).toBe("Say “Hello”");
  expect(words({ type: "pick_up", value: { item: 5n } })).toBe("Pick up a berry");
  expect(words({ type: "drop", value: { item: 6n } })).toBe("Drop something");
  expect(wordsOf({ type: "move", value: { to: from } }, nothing)).toBe("A step");
});

test("a deed waits, and then is saved or refused with a sentence", () => {
  const deeds = new Deeds();
  deeds.add(name(1), "move", "Step north");
  deeds.add(name(2), "pick_up", "Pick up a berry");
  expect(deeds.waitingCount).toBe(2);
  expect(deeds.answer(name(1), 0)?.fate).toEqual({ type: "saved" });
  expect(deeds.answer(name(2), VillageCode.not_there)?.fate).toEqual({ type: "refused", sentence: "It is not there any more." });
  expect(deeds.answer(name(2), 0), "a second answer is none").toBeNull();
  expect(deeds.answer(name(3), 0), "nor is one to what nobody did").toBeNull();
  expect(deeds.waitingCount).toBe(0);
});

test("what the server failed over was not done, and nobody is asked to try it again", () => {
  const deeds = new Deeds();
  deeds.add(name(1), "pick_up", "Pick up a berry");
  const fate = deeds.answer(name(1), EngineCode.internal)?.fate;
  expect(fate).toMatchObject({ type: "refused", sentence: expect.stringContaining("was not done") });
  expect(fate).not.toMatchObject({ sentence: expect.stringContaining("try again") });
  expect(deeds.waitingCount).toBe(0);
});

test("what an earlier page did appears as waiting, each once", () => {
  const deeds = new Deeds();
  const kept = ([1, 2] as const).map((seq) => ({
    name: name(seq),
    verb: "move",
    action: village.encode({ type: "move", value: { to: { x: 5, y: seq } } }),
  }));
  deeds.addKept(kept, () => null);
  deeds.addKept(kept, () => null);
  expect(deeds.list.map(({ what, fate }) => [what, fate.type])).toEqual([["A step", "waiting"], ["Step south", "waiting"]]);
});

test("what is given up is told also where this page knows nothing of it, and not as waiting again", () => {
  const deeds = new Deeds();
  const givenUp = { action: name(1), verb: "fly", code: EngineCode.update_required };
  expect(deeds.giveUp(givenUp)).toMatchObject({ verb: "fly", what: "Something from before the update", fate: { type: "given_up", givenUp } });
  deeds.addKept([{ name: name(1), verb: "look", action: village.encode({ type: "look", value: {} }) }], () => null);
  expect(deeds.list).toHaveLength(1);
});

test("what is given up is never said to be sent again, nor asked to wait for an update that is here", () => {
  for (const code of [EngineCode.seq_gap, EngineCode.update_required, EngineCode.seq_conflict, EngineCode.seq_expired]) {
    const { fate } = new Deeds().giveUp({ action: name(1), verb: "say", code });
    expect(fate.type === "given_up" && fate.sentence).toMatch(/^[A-Z].*\. Nothing more will be said/);
    expect(fate.type === "given_up" && fate.sentence).not.toMatch(/sent again|Update to go on/);
  }
});

test("old answers go, what waits stays", () => {
  const deeds = new Deeds();
  deeds.add(name(0), "say", "Say “first”");
  for (let seq = 1; seq <= ANSWERED_DEEDS_MAX + 5; seq += 1) {
    deeds.add(name(seq), "say", `Say ${seq}`);
    deeds.answer(name(seq), 0);
  }
  expect(deeds.list).toHaveLength(ANSWERED_DEEDS_MAX + 1);
  expect(deeds.list[0]?.what).toBe("Say “first”");
  expect(deeds.list[1]?.what).toBe("Say 6");
});

test("a walk is one deed, however long: it takes the place of nothing that was done before it", () => {
  const deeds = new Deeds();
  deeds.add(name(1), "pick_up", "Pick up a berry");
  deeds.answer(name(1), 0);
  for (let seq = 2; seq <= 101; seq += 1) deeds.add(name(seq), "move", "Step east");
  for (let seq = 2; seq <= 101; seq += 1) deeds.answer(name(seq), 0);
  expect(deeds.list.map(({ what, stepCount }) => [what, stepCount])).toEqual([
    ["Pick up a berry", 0],
    ["Walk 100 steps", 100],
  ]);
});

test("a refused step stands for itself between two walks", () => {
  const deeds = new Deeds();
  for (let seq = 1; seq <= 5; seq += 1) deeds.add(name(seq), "move", "Step east");
  for (let seq = 1; seq <= 5; seq += 1) deeds.answer(name(seq), seq === 3 ? VillageCode.not_there : 0);
  expect(deeds.list.map(({ what, fate }) => `${what}: ${fate.type}`)).toEqual(["Walk 2 steps: saved", "Step east: refused", "Walk 2 steps: saved"]);
});

test("every code has a sentence, also one that nobody knows", () => {
  expect(sentenceOfCode(VillageCode.bag_full)).toBe("Your bag is full.");
  expect(sentenceOfCode(60_000)).toBe("The world said no.");
});
