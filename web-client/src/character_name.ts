// What a character may be called: the server's rule, told while somebody types.

const LETTERS_MIN = 3;
const LETTERS_MAX = 16;

/** What is wrong with a name as far as it is typed; null where nothing is. */
export type NameFault = "empty" | "small_first" | "capital_inside" | "no_letter" | "too_short" | "too_long";

/** Checks the rule: a capital and 2 to 15 small letters of the 26. What is wrong first in the text is said first. */
export function nameFault(name: string): NameFault | null {
  if (name === "") return "empty";
  if (/[^A-Za-z]/.test(name)) return "no_letter";
  if (/^[a-z]/.test(name)) return "small_first";
  if (/^.+[A-Z]/.test(name)) return "capital_inside";
  if (name.length > LETTERS_MAX) return "too_long";
  return name.length < LETTERS_MIN ? "too_short" : null;
}

/** The name that somebody means who did not mind the capitals: nobody has to find the shift key. */
export function tidied(typed: string): string {
  const name = typed.trim();
  return name.charAt(0).toUpperCase() + name.slice(1).toLowerCase();
}
