// The copy: what a frame does to it, and what it refuses to follow.
import { expect, test } from "vitest";

import { entityHash } from "../src/copy/hash.ts";
import { PENDING_BYTES_MAX, WorldCopy } from "../src/copy.ts";
import { at, entity, frame, from, welcome } from "./made.ts";

const A = 1n;
const B = 2n;

/** A copy at tick 10 with 1 and 2 in chunk A, 4 in chunk B, and 1 and 6 its own. */
function snapshot(): WorldCopy {
  const copy = new WorldCopy();
  copy.welcome(welcome());
  const inA = [entity(1n, true, [[1, 1], [2, 2]]), entity(2n, true, [[1, 3]])];
  const inB = [entity(4n, true, [[1, 4]])];
  const chunks = [{ chunk: A, entities: inA }, { chunk: B, entities: inB }];
  const own = { roster: null, entities: [entity(1n, true, [[9, 9]]), entity(6n, true, [[3, 1]])] };
  expect(copy.receive(frame({ chunks, own, token: at(10n) })).type).toBe("adopted");
  return copy;
}

function ids(copy: WorldCopy, chunk: bigint): bigint[] {
  const place = new Map(copy.chunks()).get(chunk);
  return [...(place?.ids() ?? [])].toSorted();
}

function part(copy: WorldCopy, id: bigint, tag: number): number | undefined {
  return copy.entity(id)?.parts.get(tag)?.[0];
}

test("parts wait for the one with the token", () => {
  const copy = snapshot();
  const chunks = [{ chunk: A, entities: [entity(2n, false, [[1, 7]])] }];
  expect(copy.receive(frame({ from: from(10n), chunks }))).toEqual({ type: "waits" });
  expect(part(copy, 2n, 1), "nothing is applied before the token").toBe(3);
  expect(copy.receive(frame({ from: from(10n), token: at(11n) })).type).toBe("adopted");
  expect(copy.held?.tick).toBe(11n);
  expect(part(copy, 2n, 1)).toBe(7);
});

test("leaves of a later part come before enters of an earlier one", () => {
  const copy = snapshot();
  copy.receive(frame({ from: from(10n), chunks: [{ chunk: A, entities: [entity(8n, true, [[1, 1]])] }] }));
  const rosters = [{ chunk: A, ids: [1n, 8n] }];
  expect(copy.receive(frame({ from: from(10n), rosters, token: at(11n) })).type).toBe("adopted");
  expect(ids(copy, A)).toEqual([1n, 8n]);
  expect(copy.entity(2n)).toBeUndefined();
});

test("what arrives whole leaves where it was and loses its old parts", () => {
  const copy = snapshot();
  const chunks = [{ chunk: B, entities: [entity(1n, true, [[2, 5]])] }];
  copy.receive(frame({ from: from(10n), chunks, token: at(11n) }));
  expect([ids(copy, A), ids(copy, B)]).toEqual([[2n], [1n, 4n]]);
  expect(copy.entity(1n)).toEqual({ chunk: B, parts: new Map([[2, Uint8Array.of(5)]]) });
  expect(copy.own.part(1n, 9), "its own part is apart").toEqual(Uint8Array.of(9));
});

test("a lost chunk takes all in it along", () => {
  const copy = snapshot();
  copy.receive(frame({ from: from(10n), lost: [A], token: at(11n) }));
  expect(copy.entityCount).toBe(1);
  expect(copy.entity(1n)).toBeUndefined();
});

test("own things go by their own roster", () => {
  const copy = snapshot();
  const own = { roster: [1n], entities: [entity(1n, false, [[9, 8]])] };
  copy.receive(frame({ from: from(10n), own, token: at(11n) }));
  expect([...copy.own.ids()]).toEqual([1n]);
  expect(copy.own.part(1n, 9)).toEqual(Uint8Array.of(8));
});

test("a snapshot voids what was there", () => {
  const copy = snapshot();
  copy.receive(frame({ chunks: [{ chunk: B, entities: [entity(2n, true, [[1, 3]])] }], token: at(20n) }));
  expect([copy.entityCount, copy.own.size]).toEqual([1, 0]);
});

test("a frame that builds upon another point voids the copy", () => {
  const copy = snapshot();
  expect(copy.receive(frame({ from: from(9n), token: at(11n) }))).toEqual({
    type: "diverged",
    divergence: { type: "other_base", held: from(10n), from: from(9n) },
  });
  expect(copy.held).toBeNull();
  expect(copy.receive(frame({ from: from(10n), token: at(11n) })).type, "only a snapshot heals").toBe("diverged");
  expect(copy.receive(frame({ token: at(12n) })).type).toBe("adopted");
});

test("parts of different frames are not mixed", () => {
  const copy = snapshot();
  copy.receive(frame({ from: from(10n) }));
  expect(copy.receive(frame({ token: at(11n) }))).toEqual({ type: "diverged", divergence: { type: "mixed_parts" } });
});

test("a change of something unknown is a divergence", () => {
  const copy = snapshot();
  const chunks = [{ chunk: B, entities: [entity(2n, false, [[1, 1]])] }];
  expect(copy.receive(frame({ from: from(10n), chunks, token: at(11n) }))).toEqual({
    type: "diverged",
    divergence: { type: "unknown_entity", chunk: B, id: 2n },
  });
});

test("a roster that names somebody unknown is a divergence", () => {
  const copy = snapshot();
  const rosters = [{ chunk: A, ids: [1n, 2n, 12n] }];
  expect(copy.receive(frame({ from: from(10n), rosters, token: at(11n) }))).toEqual({
    type: "diverged",
    divergence: { type: "membership", chunk: A },
  });
});

test("a wrong hash is a divergence and a right one is not", () => {
  const copy = snapshot();
  const hash = copy.chunkHash(A);
  expect(hash).not.toBe(0);
  const withHash = (base: bigint, hashOfA: number) =>
    frame({ from: from(base), hashes: [{ chunk: A, hash: hashOfA }, { chunk: 99n, hash: 0 }], token: at(base + 1n) });
  expect(copy.receive(withHash(10n, hash)).type).toBe("adopted");
  const expected = (hash + 1) >>> 0;
  expect(copy.receive(withHash(11n, expected))).toEqual({
    type: "diverged",
    divergence: { type: "hash", chunk: A, expected, found: hash },
  });
});

test("an entity hashes as the protocol's example says, in whatever order its parts came", () => {
  const parts = [[300, new Uint8Array()], [1, Uint8Array.of(1, 2)]] as const;
  expect(entityHash(70_000n, new Map(parts))).toBe(0x547e_15b4);
  expect(entityHash(70_000n, new Map(parts.toReversed()))).toBe(0x547e_15b4);
});

test("the copy outlives a restart and adopts the new ownership", () => {
  const copy = snapshot();
  copy.welcome(welcome({ epoch: 2n, tag: 22n }));
  expect(copy.held?.epoch, "what is held is still of the old ownership").toBe(1n);
  copy.receive(frame({ from: from(10n), token: at(40n) }));
  expect(copy.held).toEqual({ world: 1n, epoch: 2n, tag: 22n, tick: 40n, center: 1n });
  expect(copy.entityCount).toBe(3);
});

test("parts of a lost connection are dropped", () => {
  const copy = snapshot();
  copy.receive(frame({ from: from(10n), lost: [A] }));
  copy.welcome(welcome());
  copy.receive(frame({ from: from(10n), token: at(11n) }));
  expect(copy.entityCount).toBe(3);
});

test("more parts than any view has are refused", () => {
  const copy = snapshot();
  const parts = [{ tag: 1, body: new Uint8Array(PENDING_BYTES_MAX / 4) }];
  const large = frame({ from: from(10n), chunks: [{ chunk: A, entities: [{ id: 20n, whole: true, parts }] }] });
  for (let count = 0; count < 3; count += 1) expect(copy.receive(large)).toEqual({ type: "waits" });
  expect(copy.receive(large)).toEqual({ type: "diverged", divergence: { type: "too_large" } });
});

test("a kept part does not hold on to the message that it came in", () => {
  const copy = snapshot();
  const message = new Uint8Array(1_000).fill(5);
  const parts = [{ tag: 1, body: message.subarray(10, 11) }];
  copy.receive(frame({ from: from(10n), chunks: [{ chunk: A, entities: [{ id: 2n, whole: true, parts }] }], token: at(11n) }));
  expect(copy.entity(2n)?.parts.get(1)?.buffer.byteLength).toBe(1);
});

test("an entity that changed has another map of parts, and one that did not has the same", () => {
  const copy = snapshot();
  const [one, two] = [copy.entity(1n)?.parts, copy.entity(2n)?.parts];
  const chunks = [{ chunk: A, entities: [entity(2n, false, [[1, 8]])] }];
  copy.receive(frame({ from: from(10n), chunks, token: at(11n) }));
  expect(copy.entity(1n)?.parts).toBe(one);
  expect(copy.entity(2n)?.parts).not.toBe(two);
  expect(two?.get(1)).toEqual(Uint8Array.of(3));
});

test("differences name what is missing, what is wrong and what is too much", () => {
  const [copy, other] = [snapshot(), snapshot()];
  expect(copy.differences(other)).toEqual([]);
  other.receive(frame({ from: from(10n), lost: [B], token: at(11n) }));
  expect(copy.differences(other)).toEqual(["chunk 2: entity 4 should not be there"]);
  expect(other.differences(copy)).toEqual(["chunk 2: entity 4 is not there, should be {1: [4]}"]);
});
