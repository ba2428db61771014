// When a lost connection is tried again.
import { EngineCode, type ErrorBody } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { Backoff, RETRY_WINDOW_MS } from "../src/backoff.ts";
import { seeded } from "./made.ts";

const LOST = 1_000_000;
const ROUND = { beginsRound: true, notBefore: 0 };
const random = seeded(1);

function error(code: number, retryable: boolean, retryAfterMs = 0): ErrorBody {
  return { code, category: "capacity", retryable, retryAfterMs, correlationId: 0n };
}

test("tries spread and slow down until the window is over", () => {
  const longest = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let seed = 0; seed < 200; seed += 1) {
    const backoff = new Backoff();
    const numbers = seeded(seed * 7_919);
    for (const slot of longest.keys()) {
      const retry = backoff.lost(LOST, null, ROUND, numbers);
      if (retry.type !== "at") throw new Error("too early");
      longest[slot] = Math.max(longest[slot] ?? 0, retry.at - LOST);
    }
  }
  for (const [slot, bound] of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000].entries()) {
    expect(longest[slot]).toBeGreaterThanOrEqual(bound * 0.8);
    expect(longest[slot]).toBeLessThanOrEqual(bound);
  }
});

test("the window ends and a welcome begins it anew", () => {
  const backoff = new Backoff();
  expect(backoff.lost(LOST, null, ROUND, random).type).toBe("at");
  const late = LOST + RETRY_WINDOW_MS + 1;
  expect(backoff.lost(late, null, ROUND, random)).toEqual({ type: "limit_reached" });
  backoff.reset();
  expect(backoff.lost(late, null, ROUND, random).type).toBe("at");
});

test("the server's time is obeyed", () => {
  const at = LOST + 7_000;
  expect(new Backoff().lost(LOST, error(EngineCode.server_full, true, 7_000), { ...ROUND, notBefore: at }, random)).toEqual({ type: "at", at, notBefore: at });
});

test("within a round there is no wait, and it counts for none", () => {
  const backoff = new Backoff();
  const atOnce = { type: "at", at: LOST, notBefore: 0 };
  for (let count = 0; count < 7; count += 1) expect(backoff.lost(LOST, null, { ...ROUND, beginsRound: false }, random)).toEqual(atOnce);
  const next = backoff.lost(LOST, null, ROUND, () => 0.999_999);
  expect(next).toMatchObject({ type: "at", at: LOST + 250 });
});

test("a refusal that is not transient ends it", () => {
  expect(new Backoff().lost(LOST, error(EngineCode.replaced, false), ROUND, random)).toEqual({ type: "terminal" });
});

test("a token that ran out is tried once with a new one", () => {
  const expired = error(EngineCode.token_expired, false);
  const atOnce = { type: "at", at: LOST, notBefore: LOST };
  const backoff = new Backoff();
  expect(backoff.lost(LOST, expired, ROUND, random)).toEqual(atOnce);
  expect(backoff.lost(LOST, expired, ROUND, random)).toEqual({ type: "terminal" });
  backoff.reset();
  expect(backoff.lost(LOST, expired, ROUND, random), "the next one, hours later").toEqual(atOnce);
});
