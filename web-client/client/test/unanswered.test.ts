// The list of actions without an answer.
import { type ActionName, decodeClientMessage, EngineCode, type Refusal } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { ACTION_BYTES_MAX, Unanswered, UNANSWERED_MAX } from "../src/unanswered.ts";
import { named, seeded, welcome } from "./made.ts";

const ACTION = Uint8Array.of(1);

/** A list after a welcome at `lastSeq`, with so many actions. */
function withActions(lastSeq: bigint, count: number): { unanswered: Unanswered; names: ActionName[] } {
  const unanswered = new Unanswered();
  const random = seeded(7);
  expect(unanswered.welcome(welcome({ lastSeq }))).toEqual([]);
  const names = Array.from({ length: count }, () => named(unanswered.act("say", ACTION, random)));
  return { unanswered, names };
}

/** The `seq` of everything that can be sent now. */
function sent(unanswered: Unanswered, now: number): number[] {
  const seqs: number[] = [];
  for (let bytes = unanswered.nextSend(now); bytes !== null; bytes = unanswered.nextSend(now)) {
    const message = decodeClientMessage(bytes);
    if (message.type !== "act") throw new Error(message.type);
    seqs.push(Number(message.value.name.seq));
  }
  return seqs;
}

function refusal(action: ActionName | undefined, code: number, retryAfterMs = 0, expected = 0n): Refusal {
  if (action === undefined) throw new Error("there is no such action");
  return { action, code, retryAfterMs, expected };
}

const { busy, rate_limited: rateLimited, seq_conflict: conflict, seq_gap: gap } = EngineCode;

test("actions follow the last one that the world decided", () => {
  const { unanswered, names } = withActions(41n, 2);
  expect(names.map(({ seq }) => seq)).toEqual([42n, 43n]);
  expect(names[0]?.nonce).not.toBe(names[1]?.nonce);
  expect(sent(unanswered, 0)).toEqual([42, 43]);
  expect(sent(unanswered, 0), "nothing is sent twice on one connection").toEqual([]);
});

test("nothing can be named before the first welcome", () => {
  expect(new Unanswered().act("say", ACTION, seeded(7))).toBe("not_welcomed");
});

test("the sixty-fifth unanswered action is the caller's to keep", () => {
  const { unanswered, names } = withActions(0n, UNANSWERED_MAX);
  const random = seeded(8);
  expect(unanswered.act("say", ACTION, random)).toBe("full");
  expect(unanswered.retire(refusal(names[0], 0).action)).not.toBeNull();
  expect(named(unanswered.act("say", ACTION, random)).seq).toBe(65n);
  expect(unanswered.act("say", new Uint8Array(ACTION_BYTES_MAX + 1), random)).toBe("too_large");
});

test("a new connection sends all again in order", () => {
  const { unanswered, names } = withActions(0n, 4);
  sent(unanswered, 0);
  const first = refusal(names[0], 0).action;
  expect(unanswered.retire(first)?.verb).toBe("say");
  expect(unanswered.retire(first), "a second answer is none").toBeNull();
  // The world has decided 2 and 3 as well; their verdicts are asked for again.
  expect(unanswered.welcome(welcome({ lastSeq: 3n }))).toEqual([]);
  expect(sent(unanswered, 0)).toEqual([2, 3, 4]);
});

test("a conflict gives up all and numbering goes on behind it", () => {
  const { unanswered, names } = withActions(0n, 64);
  const givenUp = unanswered.welcome(welcome({ lastSeq: 10n, conflict: true }));
  expect(givenUp).toEqual(names.map((action) => ({ action, verb: "say", code: conflict })));
  expect(unanswered.all).toEqual([]);
  expect(named(unanswered.act("say", ACTION, seeded(8))).seq).toBe(11n);
});

test("of actions whose answers the world has forgotten it is not said that they were not done", () => {
  const { unanswered } = withActions(0n, 2);
  expect(unanswered.welcome(welcome({ lastSeq: 64n, conflict: true })).map(({ code }) => code)).toEqual([conflict, conflict]);
  const older = withActions(0n, 2).unanswered;
  const { seq_expired: expired } = EngineCode;
  expect(older.welcome(welcome({ lastSeq: 65n, conflict: true })).map(({ code }) => code)).toEqual([expired, expired]);
});

test("a world that does not reach up to the oldest gets none of them", () => {
  const { unanswered } = withActions(40n, 2);
  expect(unanswered.welcome(welcome({ lastSeq: 12n })).map(({ code }) => code)).toEqual([gap, gap]);
  expect(sent(unanswered, 0)).toEqual([]);
});

test("a refused action is sent again after its time and alone at first", () => {
  const { unanswered, names } = withActions(0n, 4);
  sent(unanswered, 0);
  expect(unanswered.refuse(10, refusal(names[1], rateLimited, 200))).toEqual([]);
  unanswered.retire(refusal(names[0], 0).action);
  expect(unanswered.wakeAt).toBe(210);
  expect(sent(unanswered, 209)).toEqual([]);
  expect(sent(unanswered, 210), "the verdict on 1 has widened the window by one").toEqual([2, 3]);
});

test("what was refused with the first says nothing new", () => {
  const { unanswered, names } = withActions(0n, 4);
  sent(unanswered, 0);
  unanswered.refuse(10, refusal(names[0], busy, 100));
  expect(sent(unanswered, 110)).toEqual([1]);
  for (const name of names.slice(1)) {
    expect(unanswered.refuse(111, refusal(name, gap, 0, 1n))).toEqual([]);
    expect(unanswered.refuse(111, refusal(name, busy, 5_000))).toEqual([]);
  }
  expect(sent(unanswered, 120), "no storm: 1 is under way").toEqual([]);
  unanswered.retire(refusal(names[0], 0).action);
  expect(sent(unanswered, 130)).toEqual([2, 3]);
});

test("what was sent again and refused again is not forgotten", () => {
  const { unanswered, names } = withActions(0n, 6);
  sent(unanswered, 0);
  for (const name of names.slice(3)) unanswered.refuse(10, refusal(name, rateLimited, 2_000));
  for (const name of names.slice(0, 3)) unanswered.retire(name);
  expect(sent(unanswered, 2_010)).toEqual([4, 5, 6]);
  // There was time for one only, whose verdict has yet to come.
  for (const name of names.slice(4)) unanswered.refuse(2_011, refusal(name, rateLimited, 2_000));
  unanswered.retire(refusal(names[3], 0).action);
  expect(sent(unanswered, 4_011)).toEqual([5, 6]);
});

test("a gap is closed from the expected action on", () => {
  const { unanswered, names } = withActions(0n, 4);
  sent(unanswered, 0);
  expect(unanswered.refuse(10, refusal(names[3], gap, 0, 2n))).toEqual([]);
  expect(sent(unanswered, 10)).toEqual([2, 3, 4]);
});

test("a gap that is not this client's to close gives up all", () => {
  const { unanswered, names } = withActions(9n, 2);
  sent(unanswered, 0);
  expect(unanswered.refuse(10, refusal(names[0], gap, 0, 7n))).toHaveLength(2);
  expect(named(unanswered.act("say", ACTION, seeded(8))).seq).toBe(7n);
});

test("one that can no longer be answered is given up alone", () => {
  const { unanswered, names } = withActions(0n, 3);
  sent(unanswered, 0);
  const gone = refusal(names[1], conflict);
  expect(unanswered.refuse(10, gone)).toEqual([{ action: names[1], verb: "say", code: conflict }]);
  expect(unanswered.all).toHaveLength(2);
  expect(unanswered.refuse(10, gone)).toEqual([]);
});

test("a refusal counts again once the action before it was given up", () => {
  const { unanswered, names } = withActions(0n, 3);
  sent(unanswered, 0);
  unanswered.refuse(10, refusal(names[0], busy, 100));
  expect(sent(unanswered, 110)).toEqual([1]);
  unanswered.refuse(120, refusal(names[0], conflict));
  expect(sent(unanswered, 120)).toEqual([2]);
  unanswered.refuse(130, refusal(names[1], busy, 100));
  expect(sent(unanswered, 230), "it is not waiting for the one that is gone").toEqual([2]);
});

test("kept actions go on after a restart of the client", () => {
  const { unanswered, names } = withActions(5n, 3);
  const after = new Unanswered(unanswered.keep());
  expect(after.oldest).toEqual(names[0]);
  expect(after.welcome(welcome({ lastSeq: 5n }))).toEqual([]);
  expect(sent(after, 0)).toEqual([6, 7, 8]);
});
