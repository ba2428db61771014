// The numbers behind the charts.
import { describe, expect, it } from "vitest";

import { percentileRows, shareOfX, timeRows, xOfShare } from "../src/curves.ts";
import { type History, NOTHING_HEARD, withReading } from "../src/history.ts";
import { readingOf } from "../src/reading.ts";
import { answer, times, told } from "./made.ts";

const NOW = 1_700_000_000_000;

async function heard(...histograms: readonly unknown[]): Promise<History> {
  return withReading(NOTHING_HEARD, await readingOf(answer(NOW, histograms)));
}

describe("the percentiles", () => {
  it("stand where they are asked for, and never go down", async () => {
    const values = Array.from({ length: 2_000 }, (_, place) => (place + 1) * 1_000);
    const { x, ys } = percentileRows(await heard(told("tick", values)), ["tick"], "start");
    const [row = []] = ys;
    for (const share of [0.5, 0.9, 0.95, 0.99, 0.999]) {
      const value = row[x.indexOf(xOfShare(share))] ?? 0;
      expect(Math.abs(value / (2_000 * share) - 1), `p${share * 100}`).toBeLessThan(0.002);
    }
    const shown = row.filter((value) => value !== null);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(x).toEqual(x.toSorted((a, b) => a - b));
  });

  it("end where one value is all that is beyond", async () => {
    const { x, ys } = percentileRows(await heard(told("tick", times(100, 5_000)), told("flush", [])), ["tick", "flush", "unknown"], "start");
    expect(x.findLast((_, place) => ys[0]?.[place] !== null)).toBe(100);
    expect(ys.slice(1).flat().every((value) => value === null)).toBe(true);
  });

  it("have a place on a logarithmic axis where nothing was taken", async () => {
    const { ys } = percentileRows(await heard(told("tick", times(10, 0))), ["tick"], "start");
    expect(ys[0]?.[0]).toBe(0.001);
  });

  it("lie the further right the rarer they are", () => {
    expect([0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999].map(xOfShare)).toEqual([1, 2, 10, 20, 100, 1_000, 10_000]);
    expect(shareOfX(xOfShare(0.95))).toBe(0.95);
  });
});

describe("the rows over time", () => {
  it("have a place for each interval of any of them, and nothing where nothing was measured", async () => {
    const tick = told("tick", [], [{ to: NOW - 5_000, values: times(20, 4_000) }, { to: NOW, values: [] }]);
    const flush = told("flush", [], [{ to: NOW, values: [...times(98, 1_000), 9_000, 9_000] }]);
    const rows = timeRows(await heard(tick, flush), [{ name: "tick", share: 0.95 }, { name: "flush", share: 0.5 }, { name: "flush", share: 0.99 }]);
    expect(rows.x).toEqual([NOW / 1_000 - 5, NOW / 1_000]);
    const rounded = rows.ys.map((row) => row.map((value) => (value === null ? null : Math.round(value))));
    expect(rounded).toEqual([[4, null], [null, 1], [null, 9]]);
  });
});
