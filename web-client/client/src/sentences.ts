// What a person reads about the connection. A translation is another table like this one.
import { ENGINE_CODES } from "@holdfast/protocol";

import type { ConnectionState, StateName } from "./state.ts";

/** For each state what happens, whether what was done is safe, and what comes next. */
export const STATE_SENTENCES: Readonly<Record<StateName, string>> = {
  CONNECTING: "You are on your way into the world.",
  PLAYING: "You are in the world. What it has answered is saved.",
  RECONNECTING: "The connection was lost. What you did is kept, and you come back by yourself.",
  PAUSED: "The world stands still, since nothing can be saved right now. What you did is safe, what you do now waits.",
  SERVER_FULL: "Every place is taken. What you did is safe, and you come in by yourself as soon as there is room.",
  UPDATE_REQUIRED: "A new version is out. What you did is safe; update to go on.",
  SIGNED_OUT: "You are not signed in. What you did is safe; sign in to go on.",
  REPLACED: "Your character is played from somewhere else. What you did is safe; you can take it back here.",
  MAINTENANCE: "The world pauses for maintenance. What you did is safe, and you come back by yourself.",
  UNAVAILABLE: "The world cannot be entered right now. What was saved is safe.",
  RETRY_LIMIT_REACHED: "You are not connected any more. What was saved is safe; a press of the button brings you back.",
};

/** States that have several causes: there the cause is said first. */
const SAYS_CAUSE: ReadonlySet<StateName> = new Set(["SIGNED_OUT", "UNAVAILABLE", "RETRY_LIMIT_REACHED"] as const);

/** What a person reads about this state. */
export function sentenceOf({ name, code }: ConnectionState): string {
  const cause = SAYS_CAUSE.has(name) ? ENGINE_CODES.find((entry) => entry.code === code)?.says : undefined;
  return cause === undefined ? STATE_SENTENCES[name] : `${cause} ${STATE_SENTENCES[name]}`;
}
