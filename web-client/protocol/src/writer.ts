// Values to bytes: the counterpart of the reader. What does not fit its type is refused, never cut off.

import { EncodeError } from "./error.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

const utf8 = new TextEncoder();

/** A message in the making. */
export class Writer {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** What has been written, as bytes of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  private byte(byte: number): void {
    this.room(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  private varint(value: number, max: number): void {
    if (!Number.isInteger(value) || value < 0 || value > max) throw new EncodeError(`${value} is not from 0 to ${max}`);
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  u8(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xff) throw new EncodeError(`${value} is not from 0 to 255`);
    this.byte(value);
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  /** Whether an optional value follows. */
  some(value: boolean): void {
    this.bool(value);
  }

  u16(value: number): void {
    this.varint(value, 0xffff);
  }

  u32(value: number): void {
    this.varint(value, 0xffff_ffff);
  }

  u64(value: bigint): void {
    if (value < 0n || value > U64_MAX) throw new EncodeError(`${value} is not from 0 to ${U64_MAX}`);
    let rest = value;
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** How many elements follow. */
  count(value: number): void {
    this.u32(value);
  }

  /** Exactly so many bytes. */
  fixed(value: Uint8Array, length: number): void {
    if (value.length !== length) throw new EncodeError(`${value.length} bytes are not ${length}`);
    this.room(length);
    this.bytes.set(value, this.length);
    this.length += length;
  }

  /** A length, then the bytes. */
  blob(value: Uint8Array): void {
    this.count(value.length);
    this.fixed(value, value.length);
  }

  text(value: string): void {
    // The encoder would put a replacement for half a surrogate pair, and so send another text.
    if (!value.isWellFormed()) throw new EncodeError("a text has half of a surrogate pair");
    this.blob(utf8.encode(value));
  }
}

/** The bytes of `value`. Throws an {@link EncodeError} where it has none. */
export function encodeWhole<T>(value: T, write: (value: T, to: Writer) => void): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  write(value, writer);
  return writer.finish();
}
