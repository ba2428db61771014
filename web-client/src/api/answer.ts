// Asking the server over HTTP. Whatever goes wrong becomes a trouble with a sentence for people; nothing is thrown.
import { sentenceOfCode } from "../strings/codes.ts";
import { NETWORK_TROUBLE } from "../strings/page.ts";
import { recordIn, textIn } from "./json.ts";

/** How long the server may take to answer. */
const ANSWER_WAIT_MAX_MS = 10_000;

/** What went wrong, for a person. */
export interface Trouble {
  /** The server's code; null where it gave none that could be read. */
  readonly code: string | null;
  readonly sentence: string;
}

/** What came of a request. */
export type Answer<Value> =
  | { readonly type: "done"; readonly value: Value }
  | { readonly type: "trouble"; readonly trouble: Trouble };

/** What is asked for. */
export interface Question<Value> {
  readonly path: string;
  /** Who asks; left out where anybody may. */
  readonly token?: string;
  /** Sent as JSON; where it is left out, nothing is sent and something is only fetched. */
  readonly body?: unknown;
  /** Makes a value of the answer's JSON; null where it is not of that shape. */
  readonly read: (json: unknown) => Value | null;
}

/** Asks, once. */
export async function ask<Value>({ path, token, body, read }: Question<Value>): Promise<Answer<Value>> {
  const headers = new Headers();
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  const init: RequestInit = { headers, signal: AbortSignal.timeout(ANSWER_WAIT_MAX_MS) };
  if (body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.method = "POST";
    init.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, init);
    const json: unknown = await response.json();
    if (!response.ok) return { type: "trouble", trouble: troubleOf(json) };
    const value = read(json);
    return value === null ? unreachable() : { type: "done", value };
  } catch {
    return unreachable();
  }
}

function unreachable(): Answer<never> {
  return { type: "trouble", trouble: { code: null, sentence: NETWORK_TROUBLE } };
}

function troubleOf(json: unknown): Trouble {
  const code = textIn(recordIn(json, "error"), "code");
  return { code, sentence: code === null ? NETWORK_TROUBLE : sentenceOfCode(code) };
}
