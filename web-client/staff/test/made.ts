// Histograms and answers of a server, made by hand.
import { build, encodeIntoCompressedBase64, type Histogram as Oracle } from "hdr-histogram-js";

import { decode } from "../src/decode.ts";
import type { Histogram } from "../src/histogram.ts";

/** As the server's: microseconds up to a minute. */
export const BOUNDS = { lowest: 1, highest: 60_000_000, digits: 3 } as const;

/** An empty histogram of another's making, with the server's bounds. */
export function oracle(values: readonly number[] = []): Oracle {
  const histogram = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: BOUNDS.lowest,
    highestTrackableValue: BOUNDS.highest,
    numberOfSignificantValueDigits: BOUNDS.digits,
  });
  for (const value of values) histogram.recordValue(Math.min(value, BOUNDS.highest));
  return histogram;
}

/** These values as the server would send them. */
export function encoded(values: readonly number[]): string {
  return encodeIntoCompressedBase64(oracle(values));
}

/** These values, in microseconds, as the page has them. */
export function histogramOf(values: readonly number[]): Promise<Histogram> {
  return decode(encoded(values));
}

/** The same value so many times. */
export function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

/** A histogram as it stands in the server's answer. */
export function told(name: string, total: readonly number[], recent: readonly { readonly to: number; readonly values: readonly number[] }[] = []): unknown {
  return {
    name,
    unit: "us",
    ...BOUNDS,
    count: total.length,
    saturated: 0,
    total: encoded(total),
    recent: recent.map(({ to, values }) => ({ from_ms: to - 5_000, to_ms: to, v2: encoded(values) })),
  };
}

/** The server's answer. */
export function answer(nowMs: number, histograms: readonly unknown[]): unknown {
  return { interval_ms: 5_000, now_ms: nowMs, histograms };
}
