// What a browser remembers of a player from visit to visit: that somebody was signed in, and who was played last. Signing
// out forgets both.
//
// Whom a tab plays is the tab's own memory first: two tabs play two characters, and a reload of one must neither take the
// other's away from it nor leave behind what its own has not been answered. The browser's memory is for a new tab.
import { textIn } from "./api/json.ts";
import type { Kept } from "./storage.ts";

const SIGNED_IN = "was_signed_in";
const LAST_CHARACTER = "last_character";

/** A player's memory in a browser. */
export class Remembered {
  private readonly browser: Kept;
  private readonly tab: Kept;

  constructor(browser: Kept, tab: Kept) {
    this.browser = browser;
    this.tab = tab;
  }

  /** Whether somebody was signed in here, so that the provider may know them without asking. */
  get wasSignedIn(): boolean {
    return this.browser.read(SIGNED_IN) === true;
  }

  signedIn(): void {
    this.browser.write(SIGNED_IN, true);
  }

  /** The provider does not know them any more. Who was played last stays: it is asked for when they are back. */
  notSignedIn(): void {
    this.browser.remove(SIGNED_IN);
  }

  /** Whom this person played last, in this tab or else in this browser. Another person has played somebody else. */
  lastCharacter(subject: string): bigint | null {
    return characterIn(this.tab, subject) ?? characterIn(this.browser, subject);
  }

  plays(subject: string, character: bigint): void {
    for (const kept of [this.tab, this.browser]) kept.write(LAST_CHARACTER, { subject, id: String(character) });
  }

  forgetCharacter(): void {
    for (const kept of [this.tab, this.browser]) kept.remove(LAST_CHARACTER);
  }

  forgetAll(): void {
    this.notSignedIn();
    this.forgetCharacter();
  }
}

function characterIn(kept: Kept, subject: string): bigint | null {
  const json = kept.read(LAST_CHARACTER);
  const id = textIn(json, "id");
  return textIn(json, "subject") === subject && id !== null && /^\d{1,20}$/.test(id) ? BigInt(id) : null;
}
