// What is no message is refused, and what has no bytes is not written.
import { describe, expect, test } from "vitest";

import {
  decodeClientMessage,
  DecodeError,
  decodeServerMessage,
  decodeVillagePart,
  decodeVillageVerb,
  encodeClientMessage,
  EncodeError,
  encodeServerMessage,
  encodeVillageVerb,
  WireError,
} from "../src/index.ts";

const APPLIED = 2;
const IDLE_WARNING = 6;
const SAY = 2;
const POSITION = 1;

function applied(...tick: number[]): () => unknown {
  return () => decodeClientMessage(Uint8Array.of(APPLIED, ...tick));
}

function idleWarning(...milliseconds: number[]): () => unknown {
  return () => decodeServerMessage(Uint8Array.of(IDLE_WARNING, ...milliseconds));
}

function say(...bytes: number[]): () => unknown {
  return () => decodeVillageVerb(Uint8Array.of(SAY, bytes.length, ...bytes));
}

describe("numbers", () => {
  const nine = Array.from({ length: 9 }, () => 0xff);

  test("the largest of each length are read", () => {
    expect(applied(...nine, 0x01)()).toEqual({ type: "applied", value: { tick: 2n ** 64n - 1n } });
    expect(idleWarning(0xff, 0xff, 0xff, 0xff, 0x0f)()).toEqual({ type: "idle_warning", value: 0xffff_ffff });
  });

  test("beyond their type they are refused", () => {
    expect(applied(...nine, 0x02)).toThrow(DecodeError);
    expect(applied(...nine, 0x81, 0x00)).toThrow(DecodeError);
    expect(idleWarning(0xff, 0xff, 0xff, 0xff, 0x10)).toThrow(DecodeError);
    expect(idleWarning(0xff, 0xff, 0xff, 0xff, 0x8f, 0x00)).toThrow(DecodeError);
    expect(() => decodeVillagePart(POSITION, Uint8Array.of(0x80, 0x80, 0x04, 0, 0))).toThrow(DecodeError);
  });

  test("longer than they need be they are refused", () => {
    expect(applied(0x80, 0x00)).toThrow(DecodeError);
    expect(applied(0xac, 0x82, 0x00)).toThrow(DecodeError);
    expect(applied(...nine.slice(0, 8), 0x00)).toThrow(DecodeError);
    expect(idleWarning(0x80, 0x00)).toThrow(DecodeError);
    expect(idleWarning(0xff, 0xff, 0x80, 0x00)).toThrow(DecodeError);
  });
});

describe("text", () => {
  test("that is not UTF-8 is refused, however long it is", () => {
    for (const length of [0, 40]) {
      const before = Array.from({ length }, () => 0x61);
      expect(say(...before, 0xff)).toThrow(DecodeError);
      expect(say(...before, 0xc3)).toThrow(DecodeError);
      expect(say(...before, 0xc0, 0x80)).toThrow(DecodeError);
      expect(say(...before, 0xed, 0xa0, 0x80)).toThrow(DecodeError);
      expect(say(...before, 0xc3, 0xa9)).not.toThrow();
    }
  });

  test("that is longer than the message is refused", () => {
    expect(() => decodeVillageVerb(Uint8Array.of(SAY, 3, 0x61, 0x62))).toThrow(DecodeError);
    expect(() => decodeVillageVerb(Uint8Array.of(SAY, 0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow(DecodeError);
  });

  test("with half of a surrogate pair is not written", () => {
    expect(() => encodeVillageVerb({ type: "say", value: { text: "\ud83c" } })).toThrow(EncodeError);
  });
});

describe("tags and counts", () => {
  test("that nobody knows are refused", () => {
    expect(() => decodeServerMessage(Uint8Array.of(99))).toThrow(DecodeError);
    expect(() => decodeVillageVerb(Uint8Array.of(0))).toThrow(DecodeError);
    expect(() => decodeVillagePart(99, Uint8Array.of())).toThrow(DecodeError);
    // A category that there is not: error, code 4, category 8.
    expect(() => decodeServerMessage(Uint8Array.of(0, 4, 8, 0, 0, 7))).toThrow(DecodeError);
  });

  test("flags are zero or one", () => {
    expect(() => decodeServerMessage(Uint8Array.of(0, 4, 1, 2, 0, 7))).toThrow(DecodeError);
    // A frame whose `from` is neither there nor not there.
    expect(() => decodeServerMessage(Uint8Array.of(2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(DecodeError);
  });

  test("lists longer than the message are refused before they are made", () => {
    const frame = Uint8Array.of(2, 0, 0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(() => decodeServerMessage(frame)).toThrow(/longer than the message/);
  });

  test("nothing at all is no message", () => {
    expect(() => decodeServerMessage(new Uint8Array())).toThrow(DecodeError);
  });
});

describe("what is written", () => {
  test("must be within its type", () => {
    for (const tick of [-1n, 2n ** 64n]) {
      expect(() => encodeClientMessage({ type: "applied", value: { tick } })).toThrow(EncodeError);
    }
    for (const value of [-1, 1.5, 2 ** 32, Number.NaN]) {
      expect(() => encodeServerMessage({ type: "idle_warning", value })).toThrow(EncodeError);
    }
    expect(() => encodeVillageVerb({ type: "move", value: { to: { x: 65_536, y: 0 } } })).toThrow(EncodeError);
  });

  test("must have its exact length", () => {
    const action = { seq: 1n, nonce: 1 };
    const verdict = { action, code: 0, detail: new Uint8Array(3) };
    const own = { roster: null, entities: [] };
    const lists = { verdicts: [verdict], replies: [], lost: [], rosters: [], chunks: [], hashes: [] };
    const frame = { type: "frame", value: { from: null, ...lists, own, token: null } } as const;
    expect(() => encodeServerMessage(frame)).toThrow(EncodeError);
  });

  test("is refused with an error that tells what and where", () => {
    const error = new DecodeError("the message ends early", 7);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toBeInstanceOf(Error);
    expect(error.offset).toBe(7);
    expect(error.message).toBe("the message ends early at byte 7");
  });
});

test("bytes are views of the message, and what is encoded is not", () => {
  const bytes = encodeClientMessage({
    type: "act",
    value: { name: { seq: 1n, nonce: 2 }, action: Uint8Array.of(7, 8) },
  });
  const message = decodeClientMessage(bytes);
  bytes.fill(9);
  expect(message).toEqual({ type: "act", value: { name: { seq: 1n, nonce: 2 }, action: Uint8Array.of(9, 9) } });
});
