// What the server sends is read as those read it who made the format; hdr-histogram-js is the oracle.
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { describe, expect, it, test } from "vitest";

import { seeded } from "../../client/test/made.ts";
import { decode, NoHistogram } from "../src/decode.ts";
import { type Histogram, merged } from "../src/histogram.ts";
import { valuesOf } from "../src/layout.ts";
import { GOLDEN } from "./golden.ts";
import { BOUNDS, encoded, histogramOf, oracle, times } from "./made.ts";

const SHARES = [0.5, 0.95, 0.99, 0.999, 1] as const;

/** What may be measured, each a function of a seed. */
const KINDS: Readonly<Record<string, (random: () => number) => number[]>> = {
  uniform: (random) => Array.from({ length: 1 + Math.floor(random() * 3_000) }, () => Math.floor(random() * 400_000)),
  spikes: (random) => [0, 1, 2].flatMap(() => times(1 + Math.floor(random() * 900), Math.floor(random() * 30_000_000))),
  "over all magnitudes": (random) => Array.from({ length: 500 }, () => Math.floor(60_000_000 ** random())),
  "one value": (random) => [Math.floor(random() * 100_000)],
  saturated: (random) => [...times(5, Math.floor(random() * 1_000)), ...times(1 + Math.floor(random() * 50), 90_000_000)],
  nothing: () => [],
};

/** The mean of all values, each counted as the middle of its cell. */
function meanOf({ layout, cells, counts, count }: Histogram): number {
  const sum = [...cells].reduce((before, cell, place) => {
    const { first, last } = valuesOf(layout, cell);
    return before + (first + Math.floor((last - first + 1) / 2)) * (counts[place] ?? 0);
  }, 0);
  return count === 0 ? 0 : sum / count;
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function base64Of(all: Uint8Array): string {
  return btoa(String.fromCharCode(...all));
}

async function streamed(from: Uint8Array<ArrayBuffer>, by: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([from]).stream().pipeThrough(by)).arrayBuffer());
}

function isAs(histogram: Histogram, base64: string): void {
  const other = decodeFromCompressedBase64(base64, 64);
  expect(histogram.count).toBe(other.totalCount);
  expect(SHARES.map((share) => histogram.quantile(share))).toEqual(SHARES.map((share) => other.getValueAtPercentile(share * 100)));
  expect(histogram.max).toBe(other.maxValue);
  expect(meanOf(histogram)).toBeCloseTo(other.mean, 6);
}

describe("a histogram that another one wrote", () => {
  for (const [kind, values] of Object.entries(KINDS)) {
    it(`is read: ${kind}`, async () => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const base64 = encoded(values(seeded(seed * 7_919)));
        isAs(await decode(base64), base64);
      }
    });
  }

  it("is read where counts take many bytes", async () => {
    const many = oracle();
    many.recordValueWithCount(1_000, 2 ** 40 + 3);
    many.recordValueWithCount(2_000_000, 127);
    const base64 = encodeIntoCompressedBase64(many);
    isAs(await decode(base64), base64);
  });

  for (const { name, v2, count, quantiles, max } of GOLDEN) {
    it(`is read as Rust reads its own: ${name}`, async () => {
      const histogram = await decode(v2);
      expect(histogram.layout).toEqual(BOUNDS);
      expect(histogram.count).toBe(count);
      expect([0.5, 0.95, 0.99, 0.999].map((share) => histogram.quantile(share))).toEqual(quantiles);
      expect(histogram.max).toBe(max);
    });
  }
});

test("histograms merged are as if all values had been counted in one", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = seeded(seed * 104_729);
    const parts = Object.values(KINDS).map((values) => values(random));
    const whole = merged(await Promise.all(parts.map(histogramOf)));
    if (whole === null) throw new Error("nothing was merged");
    isAs(whole, encoded(parts.flat()));
  }
});

describe("what is no histogram", () => {
  const sound = encoded(times(2_000, 1_234).map((value, place) => value * place));

  /** The sound one with what is deflated in it changed. */
  async function changed(change: (inner: Uint8Array) => Uint8Array<ArrayBuffer>): Promise<string> {
    const inner = await streamed(bytes(sound).slice(8), new DecompressionStream("deflate"));
    const deflated = await streamed(change(inner), new CompressionStream("deflate"));
    const header = new DataView(new ArrayBuffer(8));
    header.setUint32(0, 0x1c849314);
    header.setUint32(4, deflated.length);
    return base64Of(Uint8Array.of(...new Uint8Array(header.buffer), ...deflated));
  }

  /** The sound one with other counts, and the length that they have. */
  function withCounts(...counts: number[]): Promise<string> {
    return changed((inner) => {
      const whole = Uint8Array.of(...inner.subarray(0, 40), ...counts);
      new DataView(whole.buffer).setUint32(4, counts.length);
      return whole;
    });
  }

  it("is refused with a reason", async () => {
    const cases: readonly (readonly [string | Promise<string>, string])[] = [
      ["not base64!", "it is not base64"],
      ["", "it ends within its header"],
      [base64Of(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), "it does not begin like one"],
      [base64Of(bytes(sound).slice(0, -1)), "it has another length than it says"],
      [base64Of(bytes(sound).map((byte, place) => (place === 20 ? byte ^ 0xff : byte))), "it cannot be inflated"],
      [changed((inner) => inner.slice(0, 30)), "it ends within its header"],
      [changed((inner) => inner.slice(0, -1)), "it has another length than it says"],
      [changed((inner) => inner.fill(0, 0, 4).slice()), "it does not begin like one"],
      [changed((inner) => inner.fill(9, 15, 16).slice()), "its bounds make no sense"],
      [withCounts(0x80), "it ends within a count"],
      [withCounts(...times(9, 0xff)), "a count is too large"],
      [withCounts(0xff, 0xff, 0xff, 0x7f), "it counts beyond its highest value"],
    ];
    for (const [text, reason] of cases) {
      const failed = decode(await text);
      await expect(failed).rejects.toThrow(new NoHistogram(reason));
    }
  });

  it("is found out wherever a sound one is cut", async () => {
    const whole = bytes(sound);
    for (let length = 0; length < whole.length; length += 7) {
      await expect(decode(base64Of(whole.slice(0, length)))).rejects.toBeInstanceOf(NoHistogram);
    }
  });
});
