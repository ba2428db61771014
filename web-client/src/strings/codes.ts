// What people read about a code. The codes bring a sentence of their own; the ones that a person at a page can be told
// better stand here. A translation is another table like this one.
import { ENGINE_CODES, VILLAGE_CODES } from "@holdfast/protocol";

/** What is said of a code that this page does not know. */
const UNKNOWN = "Something did not work. What was saved is safe; try again.";

/** What a person at a page is told instead of the code's own sentence. */
const BETTER: Readonly<Record<string, string>> = {
  name_taken: "Somebody already has that name. Take another one.",
  too_many_characters: "You have ten characters, and that is as many as there may be.",
  unknown_archetype: "This world has no such kind of character. Reload the page.",
  rate_limited: "That was too fast. Wait a moment and try again.",
  busy: "The world is busy. Wait a moment and try again.",
  store_unavailable: "Nothing can be saved right now. What was saved is safe; try again soon.",
  internal: "Something went wrong on our side. Nothing of yours is lost; try again.",
};

const SAYS = new Map([...ENGINE_CODES, ...VILLAGE_CODES].map(({ name, says }) => [name, says]));

/** The sentence for a code's stable name. */
export function sentenceOfCode(name: string): string {
  return (Object.hasOwn(BETTER, name) ? BETTER[name] : undefined) ?? SAYS.get(name) ?? UNKNOWN;
}
