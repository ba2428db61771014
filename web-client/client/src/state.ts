// How it stands with the connection, in a closed list of words: what a person is always shown.
//
// One pure function leads from a state to the next. Every engine code has its state here; which of its sentences a
// person reads is said in sentences.ts.
import { ENGINE_CODES, type Code, EngineCode, type ErrorBody } from "@holdfast/protocol";

import type { Retry } from "./backoff.ts";

/** Every state that there is. */
export type StateName =
  /** The first connection is being made. */
  | "CONNECTING"
  /** In the world. */
  | "PLAYING"
  /** The connection is lost, and is tried again by itself. */
  | "RECONNECTING"
  /** The world stands still, since its store cannot be reached: what was done is safe, what is done waits. */
  | "PAUSED"
  /** There is no place; it is tried again by itself. */
  | "SERVER_FULL"
  /** Only another build may play. */
  | "UPDATE_REQUIRED"
  /** Nobody is signed in, or not as somebody who may play this character. */
  | "SIGNED_OUT"
  /** The character is played from somewhere else: never tried by itself, or the two would throw each other out. */
  | "REPLACED"
  /** The world is being maintained; it is tried again by itself. */
  | "MAINTENANCE"
  /** The world cannot be reached, or cannot let anybody in. */
  | "UNAVAILABLE"
  /** The session is over and nobody tries any more: a press of a button starts a fresh one. */
  | "RETRY_LIMIT_REACHED";

/** How it stands with the connection. */
export interface ConnectionState {
  readonly name: StateName;
  /** When it is tried again by itself, in the client's milliseconds; null where it is tried now, or not at all. */
  readonly nextTryAt: number | null;
  /** Whether nothing happens any more until a person does something. */
  readonly isOver: boolean;
  /** The code that led here, where a server said one. */
  readonly code: Code | null;
}

/** What changes how it stands. */
export type StateEvent =
  /** A person wants to play: now, or again. */
  | { readonly type: "wanted" }
  /** A connection is tried again. */
  | { readonly type: "trying" }
  /** The copy is current. */
  | { readonly type: "updated" }
  /** The world says that it stands still. */
  | { readonly type: "paused"; readonly code: Code }
  /** Nobody is signed in. */
  | { readonly type: "signed_out" }
  /** The connection was lost or could not be had; with the server's last word, and with what follows. */
  | { readonly type: "lost"; readonly error: ErrorBody | null; readonly retry: Retry };

/** Where a client begins. */
export const CONNECTING: ConnectionState = { name: "CONNECTING", nextTryAt: null, isOver: false, code: null };

/**
 * The state to which each code leads that ends a connection. Those that end none stand here as well: a server that
 * closes with one is not one of ours.
 */
export const STATE_OF_CODE: Readonly<Record<keyof typeof EngineCode, StateName>> = {
  accepted: "UNAVAILABLE",
  malformed: "UNAVAILABLE",
  oversized: "UNAVAILABLE",
  text_frame: "UNAVAILABLE",
  update_required: "UPDATE_REQUIRED",
  hello_expected: "UNAVAILABLE",
  hello_repeated: "UNAVAILABLE",
  hello_timeout: "RECONNECTING",
  token_invalid: "SIGNED_OUT",
  token_expired: "SIGNED_OUT",
  scope_missing: "SIGNED_OUT",
  no_such_character: "SIGNED_OUT",
  name_invalid: "UNAVAILABLE",
  name_taken: "UNAVAILABLE",
  too_many_characters: "UNAVAILABLE",
  unknown_archetype: "UNAVAILABLE",
  busy: "RECONNECTING",
  rate_limited: "RECONNECTING",
  server_full: "SERVER_FULL",
  seq_gap: "RECONNECTING",
  seq_conflict: "UNAVAILABLE",
  seq_expired: "UNAVAILABLE",
  replaced: "REPLACED",
  slow_reader: "RECONNECTING",
  idle_timeout: "RETRY_LIMIT_REACHED",
  store_unavailable: "PAUSED",
  issuer_unavailable: "UNAVAILABLE",
  maintenance: "MAINTENANCE",
  not_owner: "RECONNECTING",
  internal: "RECONNECTING",
  not_found: "UNAVAILABLE",
  silent: "RECONNECTING",
  origin_refused: "UNAVAILABLE",
  too_many_connections: "RECONNECTING",
  too_many_messages: "RECONNECTING",
  request_timeout: "RECONNECTING",
  joins_busy: "SERVER_FULL",
  world_reloaded: "RECONNECTING",
};

/** States in which a client waits and tries by itself; all others that a code leads to are a person's to end. */
const TRIES_BY_ITSELF: ReadonlySet<StateName> = new Set([
  "RECONNECTING",
  "PAUSED",
  "SERVER_FULL",
  "MAINTENANCE",
  "UNAVAILABLE",
] as const);

const NAMES = new Map(ENGINE_CODES.map(({ code, name }) => [code, name]));

/** The state that follows. */
export function stateAfter(before: ConnectionState, event: StateEvent): ConnectionState {
  switch (event.type) {
    case "wanted":
      return CONNECTING;
    case "trying":
      return { ...before, nextTryAt: null };
    case "updated":
      return before.name === "PLAYING" ? before : { name: "PLAYING", nextTryAt: null, isOver: false, code: null };
    case "paused":
      return { name: "PAUSED", nextTryAt: null, isOver: false, code: event.code };
    case "signed_out":
      return { name: "SIGNED_OUT", nextTryAt: null, isOver: true, code: null };
    case "lost":
      return afterLoss(before, event.error?.code ?? null, event.retry);
  }
}

/** States that say why nobody gets in; that a standby does not let anybody in either changes nothing about that. */
const OUTLASTS_A_STANDBY: ReadonlySet<StateName> = new Set(["PAUSED", "SERVER_FULL", "MAINTENANCE"] as const);

function afterLoss(before: ConnectionState, code: Code | null, retry: Retry): ConnectionState {
  if (code === EngineCode.not_owner && retry.type === "at" && OUTLASTS_A_STANDBY.has(before.name)) {
    return { ...before, nextTryAt: retry.at };
  }
  const name = code === null ? stateOfSilence(before) : stateOfCode(code);
  switch (retry.type) {
    case "at":
      return { name: TRIES_BY_ITSELF.has(name) ? name : "RECONNECTING", nextTryAt: retry.at, isOver: false, code };
    case "terminal":
      return { name: name === "RECONNECTING" ? "UNAVAILABLE" : name, nextTryAt: null, isOver: true, code };
    case "limit_reached":
      return { name: "RETRY_LIMIT_REACHED", nextTryAt: null, isOver: true, code };
  }
}

function stateOfCode(code: Code): StateName {
  const name = NAMES.get(code);
  return name !== undefined && name in STATE_OF_CODE ? STATE_OF_CODE[name as keyof typeof EngineCode] : "UNAVAILABLE";
}

/** Who has never been in the world is not "again" on the way to it. */
function stateOfSilence({ name }: ConnectionState): StateName {
  return name === "CONNECTING" || name === "UNAVAILABLE" ? "UNAVAILABLE" : "RECONNECTING";
}
