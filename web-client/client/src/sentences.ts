// What a person reads about the connection. A translation is another table like this one.
import { ENGINE_CODES } from "@holdfast/protocol";

import type { ConnectionState, StateName } from "./state.ts";

/** What is said about a state. */
export interface StateWords {
  /** What happens. */
  readonly happens: string;
  /** Whether what was done is safe, and what comes next. */
  readonly next: string;
  /** Whether the state has many causes: where a server said one, that is said instead of what happens. */
  readonly hasCauses: boolean;
}

export const STATE_WORDS: Readonly<Record<StateName, StateWords>> = {
  CONNECTING: { happens: "You are on your way into the world.", next: "What was saved is safe.", hasCauses: false },
  PLAYING: { happens: "You are in the world.", next: "Whatever it has answered is saved.", hasCauses: false },
  RECONNECTING: {
    happens: "The connection was lost.",
    next: "What was saved is safe, what waits is sent again, and you come back by yourself.",
    hasCauses: false,
  },
  PAUSED: {
    happens: "The world stands still, since nothing can be saved right now.",
    next: "What was saved is safe, and everything else waits.",
    hasCauses: false,
  },
  SERVER_FULL: {
    happens: "Every place is taken.",
    next: "What was saved is safe, and you come in by yourself as soon as there is room.",
    hasCauses: false,
  },
  UPDATE_REQUIRED: { happens: "A new version is out.", next: "What was saved is safe; update to go on.", hasCauses: false },
  SIGNED_OUT: { happens: "You are not signed in.", next: "What was saved is safe; sign in to go on.", hasCauses: true },
  REPLACED: {
    happens: "Your character is played from somewhere else now.",
    next: "What was saved is safe; you can take it back here.",
    hasCauses: false,
  },
  MAINTENANCE: {
    happens: "The world pauses for maintenance.",
    next: "What was saved is safe, and you come back by yourself.",
    hasCauses: false,
  },
  UNAVAILABLE: { happens: "The world cannot be reached right now.", next: "What was saved is safe.", hasCauses: true },
  RETRY_LIMIT_REACHED: {
    happens: "You are not connected any more.",
    next: "What was saved is safe; a press of the button brings you back.",
    hasCauses: true,
  },
};

/** What a person reads about this state. */
export function sentenceOf({ name, code }: ConnectionState): string {
  const { happens, next, hasCauses } = STATE_WORDS[name];
  const cause = hasCauses ? ENGINE_CODES.find((entry) => entry.code === code)?.says : undefined;
  return `${cause ?? happens} ${next}`;
}
