// What an entity hashes to: by it a client notices that its copy went wrong.
//
// The hash is the CRC-32 (zlib's) of the entity as a whole EntityWrite. The bytes are never put together: they go into
// the sum one after the other, since every chunk in view is hashed every two seconds.
import type { EntityId, PartTag } from "@holdfast/protocol";

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xedb8_8320 : remainder >>> 1;
  return remainder >>> 0;
});

class Crc32 {
  private sum = 0xffff_ffff;

  byte(byte: number): void {
    this.sum = (TABLE[(this.sum ^ byte) & 0xff] as number) ^ (this.sum >>> 8);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.byte(byte);
  }

  /** Seven bits a byte, the lowest first, as every number on the wire. */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  u64(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  finish(): number {
    return (this.sum ^ 0xffff_ffff) >>> 0;
  }
}

/** The hash of an entity with these parts, in whatever order the map has them. */
export function entityHash(id: EntityId, parts: ReadonlyMap<PartTag, Uint8Array>): number {
  const crc = new Crc32();
  crc.u64(id);
  crc.byte(1);
  crc.number(parts.size);
  for (const [tag, body] of [...parts].toSorted(([a], [b]) => a - b)) {
    crc.number(tag);
    crc.number(body.length);
    crc.bytes(body);
  }
  return crc.finish();
}
