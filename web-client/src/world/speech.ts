// What can be said. The world judges by the same rules; here they are told before anything is sent.
import { WORLD_WORDS } from "../strings/world.ts";

/** How many characters can be said at once, as people count them. */
export const SPEECH_CHARS_MAX = 280;

/** Why this cannot be said, in a sentence; null where it can. White space around it is taken off already. */
export function checkSpeech(text: string): string | null {
  const { notices } = WORLD_WORDS;
  if (text === "") return notices.sayEmpty;
  if ([...text].length > SPEECH_CHARS_MAX) return notices.sayTooLong(SPEECH_CHARS_MAX);
  return /\p{Cc}/u.test(text) || !text.isWellFormed() ? notices.sayNotPrintable : null;
}
