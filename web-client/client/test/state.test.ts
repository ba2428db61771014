// The words for how it stands with the connection.
import { ENGINE_CODES, EngineCode, type ErrorBody } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";

import { Backoff } from "../src/backoff.ts";
import { sentenceOf, STATE_WORDS } from "../src/sentences.ts";
import { CONNECTING, type ConnectionState, STATE_OF_CODE, stateAfter, type StateName } from "../src/state.ts";

const PLAYING = stateAfter(CONNECTING, { type: "updated" });

/** How a connection ends with this code, as the registry knows it. */
function closedWith(before: ConnectionState, code: number): ConnectionState {
  const entry = ENGINE_CODES.find((known) => known.code === code);
  if (entry === undefined) throw new Error(`there is no code ${code}`);
  const error: ErrorBody = { ...entry, retryAfterMs: 0, correlationId: 1n };
  return stateAfter(before, { type: "lost", error, retry: new Backoff().lost(1_000, error, { beginsRound: true, notBefore: 0 }, () => 0.5) });
}

describe.each(ENGINE_CODES)("the code $name", ({ code, name, retryable }) => {
  test("has a state and a sentence", () => {
    expect(Object.keys(STATE_OF_CODE)).toContain(name);
    const state = closedWith(PLAYING, code);
    expect(sentenceOf(state).length).toBeGreaterThan(20);
    expect(state.code).toBe(code);
  });

  test("leads to a state that waits or to one that is over, never to neither", () => {
    const state = closedWith(PLAYING, code);
    const waits = state.nextTryAt !== null && !state.isOver;
    const isOver = state.nextTryAt === null && state.isOver;
    // A token that has run out is asked for once more at once.
    expect(retryable || code === EngineCode.token_expired ? waits : isOver).toBe(true);
  });

  test("leads to the state of the table", () => {
    const expected = code === EngineCode.token_expired ? "RECONNECTING" : STATE_OF_CODE[name as keyof typeof EngineCode];
    expect(closedWith(PLAYING, code).name).toBe(expected);
  });
});

test.each<[number, StateName]>([
  [EngineCode.update_required, "UPDATE_REQUIRED"],
  [EngineCode.replaced, "REPLACED"],
  [EngineCode.token_invalid, "SIGNED_OUT"],
  [EngineCode.server_full, "SERVER_FULL"],
  [EngineCode.maintenance, "MAINTENANCE"],
  [EngineCode.store_unavailable, "PAUSED"],
  [EngineCode.slow_reader, "RECONNECTING"],
  [EngineCode.idle_timeout, "RETRY_LIMIT_REACHED"],
  [EngineCode.issuer_unavailable, "UNAVAILABLE"],
])("the code %i leads to %s", (code, name) => {
  expect(closedWith(PLAYING, code).name).toBe(name);
});

test("every state has a sentence, and no two the same", () => {
  const sentences = Object.values(STATE_WORDS).map(({ happens }) => happens);
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const name of Object.values(STATE_OF_CODE)) expect(Object.keys(STATE_WORDS)).toContain(name);
});

test("who was sent away says why, and who only lost the connection does not", () => {
  expect(sentenceOf(closedWith(PLAYING, EngineCode.idle_timeout))).toMatch(/^You were away for a while\./);
  expect(sentenceOf(closedWith(PLAYING, EngineCode.slow_reader))).toMatch(/^The connection was lost\./);
});

test("a token that was refused twice is signed out", () => {
  const entry = { code: EngineCode.token_expired, category: "auth", retryable: false, retryAfterMs: 0, correlationId: 1n } as const;
  const state = stateAfter(PLAYING, { type: "lost", error: entry, retry: { type: "terminal" } });
  expect([state.name, state.isOver]).toEqual(["SIGNED_OUT", true]);
});

test("a lost connection waits, tries and is back", () => {
  const retry = { type: "at", at: 5_000, notBefore: 0 } as const;
  const lost = stateAfter(PLAYING, { type: "lost", error: null, retry });
  expect(lost).toEqual({ name: "RECONNECTING", nextTryAt: 5_000, isOver: false, code: null });
  const trying = stateAfter(lost, { type: "trying" });
  expect(trying).toEqual({ ...lost, nextTryAt: null });
  expect(stateAfter(trying, { type: "updated" }).name).toBe("PLAYING");
});

test("a world that was never reached is unavailable, and not lost", () => {
  const retry = { type: "at", at: 5_000, notBefore: 0 } as const;
  const first = stateAfter(CONNECTING, { type: "lost", error: null, retry });
  expect(first.name).toBe("UNAVAILABLE");
  expect(stateAfter(first, { type: "lost", error: null, retry }).name).toBe("UNAVAILABLE");
});

test("after the window nobody tries until a person wants to", () => {
  const over = stateAfter(PLAYING, { type: "lost", error: null, retry: { type: "limit_reached" } });
  expect([over.name, over.isOver]).toEqual(["RETRY_LIMIT_REACHED", true]);
  expect(stateAfter(over, { type: "wanted" })).toEqual(CONNECTING);
});

test("a world that stands still says so until a frame comes", () => {
  const paused = stateAfter(PLAYING, { type: "paused", code: EngineCode.store_unavailable });
  expect(paused.name).toBe("PAUSED");
  expect(stateAfter(paused, { type: "updated" }).name).toBe("PLAYING");
});

test("a server that closes with a code of another build is not tried again where it says so", () => {
  const error: ErrorBody = { code: 9_999, category: "internal", retryable: false, retryAfterMs: 0, correlationId: 1n };
  const state = stateAfter(PLAYING, { type: "lost", error, retry: { type: "terminal" } });
  expect([state.name, state.isOver]).toEqual(["UNAVAILABLE", true]);
});

test.each([EngineCode.maintenance, EngineCode.store_unavailable, EngineCode.server_full])(
  "a standby adds nothing to what the code %i has said",
  (code) => {
    const before = closedWith(PLAYING, code);
    const after = closedWith(before, EngineCode.not_owner);
    expect(after).toMatchObject({ name: before.name, code, isOver: false });
    expect(after.nextTryAt).not.toBeNull();
    expect(closedWith(PLAYING, EngineCode.not_owner).name, "and alone it is one more lost connection").toBe("RECONNECTING");
  },
);
