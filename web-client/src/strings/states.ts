// What people read about the connection, beside the client's own sentences: a title and the word on the one button where
// a person is needed. A translation is another table like this one.
import type { ConnectionState, StateName } from "@holdfast/client";
import { EngineCode } from "@holdfast/protocol";

/** A few words, always in view. */
export const STATE_TITLES: Readonly<Record<StateName, string>> = {
  CONNECTING: "Coming in …",
  PLAYING: "In the village",
  RECONNECTING: "Coming back …",
  PAUSED: "Saving is paused",
  SERVER_FULL: "The village is full",
  UPDATE_REQUIRED: "New version",
  SIGNED_OUT: "Signed out",
  REPLACED: "Played elsewhere",
  MAINTENANCE: "Maintenance",
  UNAVAILABLE: "Not reachable",
  RETRY_LIMIT_REACHED: "Disconnected",
};

/** How it feels: all is well, it goes on by itself, or it stands until somebody does something. */
export type Tone = "good" | "waiting" | "stopped";

export function toneOf({ name, isOver }: ConnectionState): Tone {
  if (name === "PLAYING") return "good";
  return isOver ? "stopped" : "waiting";
}

/** What a person can do about a state. */
export type Remedy = "retry" | "take_back" | "update" | "sign_in" | "somebody_else" | "choose";

export const REMEDY_WORDS: Readonly<Record<Remedy, string>> = {
  retry: "Try again",
  take_back: "Take it back here",
  update: "Update",
  sign_in: "Sign in",
  somebody_else: "Sign in as somebody else",
  choose: "Choose a character",
};

/** The one thing to do; null where nothing is needed, or where it goes on by itself. */
export function remedyOf({ name, isOver, code }: ConnectionState): Remedy | null {
  if (!isOver) return null;
  switch (name) {
    case "UPDATE_REQUIRED":
      return "update";
    case "REPLACED":
      return "take_back";
    case "SIGNED_OUT":
      if (code === EngineCode.no_such_character) return "choose";
      return code === EngineCode.scope_missing ? "somebody_else" : "sign_in";
    default:
      return "retry";
  }
}

/** When it is tried again; empty where nothing is waited for. */
export function retryWords(retryInMs: number | null): string {
  if (retryInMs === null) return "";
  const seconds = Math.ceil(retryInMs / 1000);
  return seconds <= 0 ? "Trying now …" : `Trying again in ${seconds} s.`;
}
