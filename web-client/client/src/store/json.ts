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

/**
 * An action that another build kept, as this build's; null where this build cannot say the same. It can where every
 * field comes back as it was: a field that is left out or read otherwise would be something that nobody asked for.
 */
export function expressed<Verb extends AnyVerb>(stored: StoredAction, game: Game<Verb>): UnansweredAction | null {
  try {
    const action = fromStored(stored, game);
    return isSame(toStored(action, game).verb, stored.verb) ? action : null;
  } catch {
    return null;
  }
}

/** A kept resume token; undefined where it is none. */
export function resumeOf({ resume }: StoredClient): Uint8Array | null | undefined {
  return resume === null ? null : (fromHex(resume) ?? undefined);
}

/** Whether two values that JSON can hold are the same, whatever the order of their fields. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]));
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
