// The form in which actions are kept: JSON, with verbs by their names and with numbers of 64 bits whole.
import type { AnyVerb, Game } from "../game.ts";
import { fromHex } from "../hex.ts";
import type { UnansweredAction } from "../unanswered.ts";

/** What stands in the storage, as it is written. */
export interface StoredClient {
  /** The build that wrote it, in hex. */
  readonly build: string;
  /** The resume token, in hex. */
  readonly resume: string | null;
  readonly nextSeq: bigint | null;
  readonly actions: readonly StoredAction[];
}

/** An action as it is written. */
export interface StoredAction {
  readonly seq: bigint;
  readonly nonce: number;
  /** By its stable name, and with its fields by theirs. */
  readonly verb: AnyVerb;
}

// JSON has no numbers of 64 bits. No field of any verb begins with a dollar.
const BIGINT = "$bigint";

/** The text that is kept. */
export function writeStored(stored: StoredClient): string {
  return JSON.stringify(stored, (_, value: unknown) => (typeof value === "bigint" ? { [BIGINT]: value.toString() } : value));
}

/** What a kept text says; null where it says nothing that we wrote. */
export function readStored(text: string): StoredClient | null {
  let value: unknown;
  try {
    value = JSON.parse(text, (_, field: unknown) => {
      const digits = isRecord(field) ? field[BIGINT] : undefined;
      return typeof digits === "string" && /^\d{1,20}$/.test(digits) ? BigInt(digits) : field;
    });
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { build, resume, nextSeq, actions } = value;
  if (typeof build !== "string" || !Array.isArray(actions)) return null;
  if (!isNullOr("string", resume) || !isNullOr("bigint", nextSeq) || !actions.every(isStoredAction)) return null;
  return { build, resume: resume as string | null, nextSeq: nextSeq as bigint | null, actions };
}

/** An action in the form in which it is kept. */
export function toStored<Verb extends AnyVerb>({ name, action }: UnansweredAction, game: Game<Verb>): StoredAction {
  return { seq: name.seq, nonce: name.nonce, verb: game.decode(action) };
}

/** A kept action of this build; throws where the game does not know it. */
export function fromStored<Verb extends AnyVerb>({ seq, nonce, verb }: StoredAction, game: Game<Verb>): UnansweredAction {
  return { name: { seq, nonce }, verb: verb.type, action: game.encode(verb as Verb) };
}

/** A kept resume token; undefined where it is none. */
export function resumeOf({ resume }: StoredClient): Uint8Array | null | undefined {
  return resume === null ? null : (fromHex(resume) ?? undefined);
}


function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNullOr(type: "string" | "bigint", value: unknown): boolean {
  return value === null || typeof value === type;
}

function isStoredAction(value: unknown): value is StoredAction {
  if (!isRecord(value)) return false;
  const { seq, nonce, verb } = value;
  // What is beyond the wire's types could not be sent.
  if (typeof seq !== "bigint" || seq >= 2n ** 64n) return false;
  if (typeof nonce !== "number" || !Number.isInteger(nonce) || nonce < 0 || nonce >= 2 ** 32) return false;
  return isRecord(verb) && typeof verb["type"] === "string";
}
