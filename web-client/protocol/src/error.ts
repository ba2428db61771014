// What the codec throws: it never returns half a value, and never throws anything else.

/** Bytes or values that the protocol does not know. */
export class WireError extends Error {
  override readonly name: string = "WireError";
}

/** Bytes that do not form a value: too short, too long, or saying what nobody of this build says. */
export class DecodeError extends WireError {
  override readonly name = "DecodeError";
  /** Where in the bytes it went wrong. */
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(`${problem} at byte ${offset}`);
    this.offset = offset;
  }
}

/** A value that has no bytes: a number outside of its type's range, text that is not Unicode. */
export class EncodeError extends WireError {
  override readonly name = "EncodeError";
}
