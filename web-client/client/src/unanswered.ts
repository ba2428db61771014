// The actions that a client has no answer to: numbered, kept, sent, and sent again until each has its answer.
//
// Where it stands in the data path: an action goes in here before anything is sent, and leaves by a verdict or by being
// given up. An action keeps its name over connections, so that the world answers it exactly once however often it is
// sent.
import {
  type ActionName,
  type Code,
  encodeClientMessage,
  EngineCode,
  type Refusal,
  type Seq,
  type Welcome,
} from "@holdfast/protocol";

import { type Random, randomBelow } from "./random.ts";

/** How many actions may be without an answer: as many as a world keeps verdicts of. */
export const UNANSWERED_MAX = 64;

/** How many bytes an action may have: the rest of a message's 16 KiB is its name and length. */
export const ACTION_BYTES_MAX = 16 * 1024 - 64;

/** How long an action waits that was refused as too much at once, where the server names no time. */
const RETRY_WAIT_MIN_MS = 50;

/** Why an action cannot be taken in. */
export type CannotAct =
  /** As many actions as there may be wait for their answers: wait for one of them first. */
  | "full"
  /** No server has said yet which `seq` comes next. */
  | "not_welcomed"
  /** The action is larger than a message may be. */
  | "too_large";

/** An action without an answer. */
export interface UnansweredAction {
  readonly name: ActionName;
  /** The verb's name: what tells a person which action this is. */
  readonly verb: string;
  /** What is sent. */
  readonly action: Uint8Array;
}

/** An action that will not be answered. */
export interface GivenUp {
  readonly action: ActionName;
  readonly verb: string;
  /**
   * Why: `seq_conflict`, `seq_expired` or `seq_gap` where it can no longer be answered as this client's,
   * `update_required` where it was made by another build.
   */
  readonly code: Code;
}

/** What outlives the process that made the actions. */
export interface KeptActions {
  readonly nextSeq: Seq | null;
  readonly actions: readonly UnansweredAction[];
}

/** The list of unanswered actions, in `seq` order, and how far it has been sent on this connection. */
export class Unanswered {
  private nextSeq: Seq | null;
  /** At most `UNANSWERED_MAX`. */
  private actions: UnansweredAction[];
  /** How many of them have been sent on this connection. */
  private sentCount = 0;
  /**
   * How many may be under way at once. One after a refusal, one more with each verdict: a client that is too fast finds
   * the pace that it is allowed instead of sending everything again each time.
   */
  private window = UNANSWERED_MAX;
  /** The action that was refused and has no answer yet. What followed it was refused with it, and says nothing new. */
  private rewoundTo: Seq | null = null;
  private notBefore = 0;

  /**
   * Goes on with what was kept. Beyond `UNANSWERED_MAX` actions nothing is taken over: the world could not answer the
   * oldest any more.
   */
  constructor(kept: KeptActions = { nextSeq: null, actions: [] }) {
    this.nextSeq = kept.nextSeq;
    this.actions = kept.actions.length > UNANSWERED_MAX ? [] : [...kept.actions];
  }

  /** What must outlive this process. */
  keep(): KeptActions {
    return { nextSeq: this.nextSeq, actions: [...this.actions] };
  }

  /** Takes in an action and names it. Where it cannot, nothing is kept. */
  act(verb: string, action: Uint8Array, random: Random): ActionName | CannotAct {
    if (action.length > ACTION_BYTES_MAX) return "too_large";
    if (this.actions.length >= UNANSWERED_MAX) return "full";
    if (this.nextSeq === null) return "not_welcomed";
    const name = { seq: this.nextSeq, nonce: randomBelow(2 ** 32, random) };
    this.nextSeq += 1n;
    this.actions.push({ name, verb, action });
    return name;
  }

  /**
   * A connection begins, and everything is sent again from the oldest on. Returns what is given up: all of it, where
   * another device has used the oldest one's place, the world has forgotten its answer or does not reach up to it.
   */
  welcome({ lastSeq, conflict }: Welcome): GivenUp[] {
    this.sentCount = 0;
    this.window = UNANSWERED_MAX;
    this.rewoundTo = null;
    this.notBefore = 0;
    const next = lastSeq + 1n;
    const oldest = this.oldest;
    const unreachable = oldest !== null && oldest.seq > next;
    const gone = conflict || unreachable ? this.giveUpAll(unreachable ? EngineCode.seq_gap : codeOfConflict(oldest, lastSeq)) : [];
    const newest = this.actions.at(-1)?.name.seq ?? 0n;
    this.nextSeq = newest >= next ? newest + 1n : next;
    return gone;
  }

  /** A verdict has come. Returns the action that waited for it; a second answer to the same action is none. */
  retire(name: ActionName): UnansweredAction | null {
    const action = this.remove(name);
    if (action !== null) this.window = Math.min(this.window + 1, UNANSWERED_MAX);
    return action;
  }

  /** An action was turned away. Either it is sent again, with all that follow it, or it is given up. */
  refuse(now: number, refusal: Refusal): GivenUp[] {
    const place = this.placeOf(refusal.action);
    if (place === null) return [];
    switch (refusal.code) {
      case EngineCode.seq_conflict:
      case EngineCode.seq_expired: {
        const gone = this.remove(refusal.action);
        return gone === null ? [] : [givenUp(gone, refusal.code)];
      }
      case EngineCode.seq_gap:
        return this.closeGap(now, refusal);
      default:
        this.rewind(now, refusal.action.seq, place, refusal.retryAfterMs);
        return [];
    }
  }

  /** The world expects an earlier action than the one that it turned away. */
  private closeGap(now: number, { expected, retryAfterMs }: Refusal): GivenUp[] {
    const oldest = this.oldest;
    if (oldest !== null && expected < oldest.seq) {
      // What is missing was never this client's: no sending again will ever close the gap.
      this.nextSeq = expected;
      return this.giveUpAll(EngineCode.seq_gap);
    }
    const place = this.actions.findIndex(({ name }) => name.seq >= expected);
    const first = this.actions[place];
    if (first === undefined || place >= this.sentCount) return [];
    if (this.rewoundTo === null || first.name.seq < this.rewoundTo) {
      this.rewoundTo = first.name.seq;
      this.sentCount = place;
      this.notBefore = Math.max(this.notBefore, now + retryAfterMs);
    }
    return [];
  }

  private rewind(now: number, seq: Seq, place: number, retryAfterMs: number): void {
    // It was refused along with an earlier one, and is going to be sent again with that.
    if (place >= this.sentCount) return;
    this.rewoundTo = seq;
    this.sentCount = place;
    this.window = 1;
    this.notBefore = Math.max(this.notBefore, now + Math.max(retryAfterMs, RETRY_WAIT_MIN_MS));
  }

  /** The next message to send; null where all is sent, or the time for more has not come. */
  nextSend(now: number): Uint8Array<ArrayBuffer> | null {
    if (now < this.notBefore || this.sentCount >= this.window) return null;
    const next = this.actions[this.sentCount];
    if (next === undefined) return null;
    this.sentCount += 1;
    return encodeClientMessage({ type: "act", value: { name: next.name, action: next.action } });
  }

  /** When something becomes sendable by the mere passing of time. */
  get wakeAt(): number | null {
    return this.sentCount < Math.min(this.window, this.actions.length) ? this.notBefore : null;
  }

  /** What Hello names. */
  get oldest(): ActionName | null {
    return this.actions[0]?.name ?? null;
  }

  /** All of them, oldest first. */
  get all(): readonly UnansweredAction[] {
    return this.actions;
  }

  /** Whether the action at this place is without an answer. */
  waitsFor(seq: Seq): boolean {
    return this.actions.some(({ name }) => name.seq === seq);
  }

  private placeOf(wanted: ActionName): number | null {
    const place = this.actions.findIndex(({ name }) => name.seq === wanted.seq && name.nonce === wanted.nonce);
    return place < 0 ? null : place;
  }

  private remove(name: ActionName): UnansweredAction | null {
    const place = this.placeOf(name);
    if (place === null) return null;
    const [removed] = this.actions.splice(place, 1);
    if (place < this.sentCount) this.sentCount -= 1;
    if (this.rewoundTo === name.seq) this.rewoundTo = null;
    return removed ?? null;
  }

  private giveUpAll(code: Code): GivenUp[] {
    this.sentCount = 0;
    this.rewoundTo = null;
    const gone = this.actions;
    this.actions = [];
    return gone.map((action) => givenUp(action, code));
  }
}

/**
 * Why the world cannot answer the oldest action. It keeps the answers to the last 64: of an older one nobody knows any
 * more whether it was done, and so it must not be said that it was not.
 */
function codeOfConflict(oldest: ActionName | null, lastSeq: Seq): Code {
  const isForgotten = oldest !== null && oldest.seq + BigInt(UNANSWERED_MAX) <= lastSeq;
  return isForgotten ? EngineCode.seq_expired : EngineCode.seq_conflict;
}

function givenUp({ name, verb }: UnansweredAction, code: Code): GivenUp {
  return { action: name, verb, code };
}
