// The golden vectors: every language must read the same values from the same bytes, and write the same bytes.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import {
  DecodeError,
  decodeClientMessage,
  decodeLookReply,
  decodeServerMessage,
  decodeVillagePart,
  decodeVillageVerb,
  encodeClientMessage,
  encodeLookReply,
  encodeServerMessage,
  encodeVillagePart,
  encodeVillageVerb,
  VILLAGE_PART_TAGS,
} from "../src/index.ts";

interface Vector {
  readonly hex: string;
  readonly value: unknown;
}

interface Codec {
  /** Decodes, and says what it found and how that is written again. */
  readonly decode: (bytes: Uint8Array) => { readonly value: unknown; readonly encode: () => Uint8Array };
}

function codec<T>(decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array): Codec {
  return {
    decode: (bytes) => {
      const value = decode(bytes);
      return { value, encode: () => encode(value) };
    },
  };
}

function codecOf(name: string): Codec {
  const [kind, what] = name.split("/");
  switch (kind) {
    case "client":
      return codec(decodeClientMessage, encodeClientMessage);
    case "server":
      return codec(decodeServerMessage, encodeServerMessage);
    case "verb":
      return codec(decodeVillageVerb, encodeVillageVerb);
    case "reply":
      return codec(decodeLookReply, encodeLookReply);
    case "part": {
      const tag = VILLAGE_PART_TAGS[what as keyof typeof VILLAGE_PART_TAGS];
      return {
        decode: (bytes) => {
          const part = decodeVillagePart(tag, bytes);
          return { value: part.value, encode: () => encodeVillagePart(part).body };
        },
      };
    }
    default:
      throw new Error(`no codec reads ${name}`);
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value in the form in which the vectors say it. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [snakeCase(name), plain(field)]));
  }
  return value;
}

function vectors(file: string): [string, Vector][] {
  const text = readFileSync(new URL(`../../../tests/golden/${file}`, import.meta.url), "utf8");
  return Object.entries(JSON.parse(text) as Record<string, Vector>);
}

describe.each([...vectors("wire.json"), ...vectors("village.json")])("%s", (name, vector) => {
  const bytes = new Uint8Array(Buffer.from(vector.hex, "hex"));
  const { decode } = codecOf(name);

  test("decodes to its value and encodes to its bytes", () => {
    const { value, encode } = decode(bytes);
    expect(plain(value)).toEqual(vector.value);
    expect(Buffer.from(encode()).toString("hex")).toBe(vector.hex);
  });

  test("is refused when it ends early, at every length", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(DecodeError);
    }
  });

  test("is refused with a byte too many", () => {
    for (const extra of [0, 1, 255]) {
      expect(() => decode(new Uint8Array([...bytes, extra]))).toThrow(DecodeError);
    }
  });
});
