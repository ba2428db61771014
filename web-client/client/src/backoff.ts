// When a client that lost its connection tries again.
//
// At once (0–250 ms, so that everybody does not come back in one instant), then after a random share of 0.5, 1, 2, 4, 8,
// 16, 16 … s, for as long as the session can be resumed. Where there are several addresses, these are the waits between
// rounds through all of them, and within a round there is none. A server that names a time is obeyed; a refusal that is
// not transient ends it. Only an access token that has run out is tried again, once and at once: the next connection
// asks for a new one.
import { EngineCode, type ErrorBody } from "@holdfast/protocol";

import type { Turn } from "./addresses.ts";
import { type Random, randomBelow } from "./random.ts";

/** For how long a session can be resumed after its connection was lost, and so for how long a client tries. */
export const RETRY_WINDOW_MS = 120_000;

const FIRST_TRY_MS = 250;
const STEP_FIRST_MS = 500;
const STEP_MAX_MS = 16_000;

/** What to do about a lost connection. Times are milliseconds since any fixed start. */
export type Retry =
  /** Try again at this time; where the network comes back earlier, earlier, but never before what the server asked. */
  | { readonly type: "at"; readonly at: number; readonly notBefore: number }
  /** The refusal is not transient: trying again changes nothing. */
  | { readonly type: "terminal" }
  /** The window is over: what comes next is a person's wish. */
  | { readonly type: "limit_reached" };

/** The tries since a connection was lost. */
export class Backoff {
  private since: number | null = null;
  /** How many rounds of tries have begun. */
  private roundCount = 0;
  /** Whether the last connection ended because its access token had run out. */
  private tokenExpired = false;

  /** A server has welcomed the client, or a person asks for a new beginning: the next loss begins anew. */
  reset(): void {
    this.since = null;
    this.roundCount = 0;
    this.tokenExpired = false;
  }

  /**
   * A connection was lost, or could not be had; with the server's last word, where it had one, and with what is to be
   * known of the address that is next.
   */
  lost(now: number, error: ErrorBody | null, { beginsRound, notBefore }: Turn, random: Random): Retry {
    this.since ??= now;
    const last = this.since + RETRY_WINDOW_MS;
    const expiredBefore = this.tokenExpired;
    this.tokenExpired = error?.code === EngineCode.token_expired;
    // Twice in a row, and whoever gives the tokens gives none that are of use.
    if (this.tokenExpired && !expiredBefore && now <= last) return { type: "at", at: now, notBefore: now };
    if (error !== null && !error.retryable) return { type: "terminal" };
    const at = Math.max(now + (beginsRound ? this.jitter(random) : 0), notBefore);
    return at > last ? { type: "limit_reached" } : { type: "at", at, notBefore };
  }

  /** How long to wait before the next round, in milliseconds. */
  private jitter(random: Random): number {
    const maxMs = this.roundCount === 0 ? FIRST_TRY_MS : Math.min(STEP_FIRST_MS * 2 ** (this.roundCount - 1), STEP_MAX_MS);
    this.roundCount += 1;
    return randomBelow(maxMs + 1, random);
  }
}
