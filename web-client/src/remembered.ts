// What a browser remembers of a player from visit to visit: that somebody was signed in, and who was played last. Signing
// out forgets both.
import { textIn } from "./api/answer.ts";
import type { Kept } from "./storage.ts";

const SIGNED_IN = "was_signed_in";
const LAST_CHARACTER = "last_character";

/** A player's memory in a browser. */
export class Remembered {
  private readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
  }

  /** Whether somebody was signed in here, so that the provider may know them without asking. */
  get wasSignedIn(): boolean {
    return this.kept.read(SIGNED_IN) === true;
  }

  signedIn(): void {
    this.kept.write(SIGNED_IN, true);
  }

  /** The provider does not know them any more. Who was played last stays: it is asked for when they are back. */
  notSignedIn(): void {
    this.kept.remove(SIGNED_IN);
  }

  /** Whom this person played last. Another person in the same browser has played somebody else. */
  lastCharacter(subject: string): bigint | null {
    const json = this.kept.read(LAST_CHARACTER);
    const id = textIn(json, "id");
    return textIn(json, "subject") === subject && id !== null && /^\d{1,20}$/.test(id) ? BigInt(id) : null;
  }

  plays(subject: string, character: bigint): void {
    this.kept.write(LAST_CHARACTER, { subject, id: String(character) });
  }

  forgetCharacter(): void {
    this.kept.remove(LAST_CHARACTER);
  }

  forgetAll(): void {
    this.notSignedIn();
    this.forgetCharacter();
  }
}
