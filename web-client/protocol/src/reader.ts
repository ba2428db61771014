// Bytes to values: the few shapes of which every message is made. The generated code calls these in order.
//
// Everything is checked: what is read here comes from the network. Numbers must be in their shortest form and within
// their type, counts must fit the bytes that are left, text must be UTF-8.

import { DecodeError } from "./error.ts";

/** Text that is shorter than this is read letter by letter, as long as it is ASCII: most names and tags are. */
const SHORT_TEXT_BYTES = 24;

const NO_BYTES = new Uint8Array(0);

// Small numbers are most numbers; making a bigint of each anew is slow.
const SMALL: readonly bigint[] = Array.from({ length: 256 }, (_, number) => BigInt(number));

// A byte order mark at the beginning is text like any other.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A place in a message's bytes. */
export class Reader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An error at the place that has been reached. */
  error(problem: string): DecodeError {
    return new DecodeError(problem, this.offset);
  }

  /** Refuses bytes that are left over. */
  end(): void {
    if (this.offset < this.bytes.length) {
      throw this.error(`${this.bytes.length - this.offset} bytes are left over`);
    }
  }

  u8(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw this.error("the message ends early");
    this.offset += 1;
    return byte;
  }

  bool(): boolean {
    const byte = this.u8();
    if (byte > 1) throw this.error(`${byte} is neither false nor true`);
    return byte === 1;
  }

  /** Whether an optional value is there. */
  some(): boolean {
    const byte = this.u8();
    if (byte > 1) throw this.error(`${byte} is neither none nor some`);
    return byte === 1;
  }

  u16(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    const number = this.longer(first);
    if (number > 0xffff) throw this.error("a number is beyond 16 bits");
    return number;
  }

  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    const number = this.longer(first);
    if (number > 0xffff_ffff) throw this.error("a number is beyond 32 bits");
    return number;
  }

  /** A number of up to 35 bits, exactly; its first byte has been read. */
  private longer(first: number): number {
    let number = first & 0x7f;
    for (let unit = 0x80; unit <= 0x1000_0000; unit *= 0x80) {
      const byte = this.u8();
      number += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (byte === 0) throw this.error("a number is longer than it need be");
        return number;
      }
    }
    throw this.error("a number is beyond 32 bits");
  }

  u64(): bigint {
    const first = this.u8();
    if (first < 0x80) return SMALL[first] as bigint;
    let low = first & 0x7f;
    // Doubles are exact up to seven groups of seven bits.
    let unit = 0x80;
    for (let count = 1; count < 7; count += 1) {
      const byte = this.u8();
      low += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (byte === 0) throw this.error("a number is longer than it need be");
        return low < 256 ? (SMALL[low] as bigint) : BigInt(low);
      }
      unit *= 0x80;
    }
    let high = 0;
    for (let count = 0; count < 3; count += 1) {
      const byte = this.u8();
      high |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) {
        if (byte === 0) throw this.error("a number is longer than it need be");
        if (high > 0x7fff) throw this.error("a number is beyond 64 bits");
        return (BigInt(high) << 49n) | BigInt(low);
      }
    }
    throw this.error("a number is beyond 64 bits");
  }

  /**
   * How many elements follow, each of at least `leastBytes` bytes. A count that the bytes cannot hold is refused
   * before anything is made of it.
   */
  count(leastBytes: number): number {
    const count = this.u32();
    if (count * leastBytes > this.bytes.length - this.offset) throw this.error("a list is longer than the message");
    return count;
  }

  /** So many bytes, as a view: it is valid for as long as nobody writes to the message. */
  fixed(length: number): Uint8Array {
    const start = this.offset;
    const end = start + length;
    if (end > this.bytes.length) throw this.error("the message ends early");
    this.offset = end;
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, length);
  }

  /** A length, then so many bytes, as a view. */
  blob(): Uint8Array {
    const length = this.u32();
    return length === 0 ? NO_BYTES : this.fixed(length);
  }

  text(): string {
    const length = this.u32();
    const { bytes, offset } = this;
    const end = offset + length;
    if (end > bytes.length) throw this.error("the message ends early");
    if (length < SHORT_TEXT_BYTES) {
      let text = "";
      let at = offset;
      for (; at < end; at += 1) {
        const byte = bytes[at] as number;
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) {
        this.offset = end;
        return text;
      }
    }
    let text: string;
    try {
      text = utf8.decode(bytes.subarray(offset, end));
    } catch {
      throw this.error("a text is not UTF-8");
    }
    this.offset = end;
    return text;
  }
}

/** The value that `bytes` hold, all of them. Throws a {@link DecodeError} where they do not hold exactly one. */
export function decodeWhole<T>(bytes: Uint8Array, read: (from: Reader) => T): T {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}
