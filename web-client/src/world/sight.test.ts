// Reading the copy.
import { WorldCopy } from "@holdfast/client";
import { encodeVillagePart, type Frame, type VillagePart } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { look } from "./sight.ts";

const at = (x: number, y: number): VillagePart => ({ type: "position", value: { tile: { x, y }, facing: 2 } });
const looks = (name: string): VillagePart => ({ type: "looks", value: { name, archetype: "villager" } });

function copyOf(chunk: Record<number, readonly VillagePart[]>, own: Record<number, readonly VillagePart[]>, strange: boolean): WorldCopy {
  const entities = (of: Record<number, readonly VillagePart[]>): Frame["own"]["entities"] =>
    Object.entries(of).map(([id, parts]) => ({
      id: BigInt(id),
      whole: true,
      parts: [...parts.map(encodeVillagePart), ...(strange ? [{ tag: 9_999, body: Uint8Array.of(1) }] : [])],
    }));
  const copy = new WorldCopy();
  copy.welcome({ world: 1n, epoch: 1n, tag: 1n, character: 1n, lastSeq: 0n, conflict: false, resume: new Uint8Array(), resync: "snapshot" as never, tickMs: 50, addresses: [] });
  copy.receive({
    from: null,
    token: { tick: 1n, center: 0n },
    lost: [],
    rosters: [],
    chunks: [{ chunk: 0n, entities: entities(chunk) }],
    own: { roster: null, entities: entities(own) },
    hashes: [],
    replies: [],
    verdicts: [],
  } as unknown as Frame);
  return copy;
}

test.each([false, true])("people, things, words and one's own are told apart (with parts that nobody knows: %s)", (strange) => {
  const copy = copyOf(
    {
      1: [at(1, 1), looks("Ada")],
      2: [at(2, 2), looks("Bob"), { type: "asleep", value: {} }],
      3: [at(3, 3), { type: "item", value: { kind: 1, count: 2 } }],
      4: [at(1, 1), { type: "utterance", value: { speaker: 1n, name: "Ada", text: "Hi", saidAt: 5n } }],
      5: [looks("Nowhere")],
    },
    {
      1: [{ type: "vitals", value: { health: 90, energy: 80 } }],
      6: [{ type: "item", value: { kind: 1, count: 1 } }, { type: "carried", value: { slot: 3 } }],
    },
    strange,
  );
  const { people, items, words, bag, vitals } = look(copy, 1n);
  expect([...people.values()].map(({ name, isAsleep }) => [name, isAsleep])).toEqual([["Ada", false], ["Bob", true]]);
  expect(items.get(3n)).toMatchObject({ item: { count: 2 }, position: { tile: { x: 3, y: 3 } } });
  expect(words.get(4n)?.utterance.text).toBe("Hi");
  expect(bag).toEqual([{ id: 6n, item: { kind: 1, count: 1 }, carried: { slot: 3 } }]);
  expect(vitals).toEqual({ health: 90, energy: 80 });
});
