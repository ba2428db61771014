// What is kept of what was heard, and what is asked of it.
import { describe, expect, it } from "vitest";

import { KEPT_MS, NOTHING_HEARD, over, sinceOf, withReading } from "../src/history.ts";
import { readingOf } from "../src/reading.ts";
import { answer, BOUNDS, times, told } from "./made.ts";

const NOW = 1_700_000_000_000;
const interval = (to: number, ...values: number[]): { readonly to: number; readonly values: readonly number[] } => ({ to, values });

describe("what was heard", () => {
  it("is asked for from the end of the newest interval on", async () => {
    expect(sinceOf(NOTHING_HEARD)).toBe(0);
    const reading = await readingOf(answer(NOW, [told("tick", [], [interval(NOW - 7_000), interval(NOW - 2_000)]), told("flush", [], [interval(NOW - 7_000)])]));
    expect(sinceOf(withReading(NOTHING_HEARD, reading))).toBe(NOW - 2_000);
  });

  it("goes on where it ended, and counts nothing twice", async () => {
    const first = withReading(NOTHING_HEARD, await readingOf(answer(NOW, [told("tick", [5], [interval(NOW, 5)])])));
    const again = withReading(first, await readingOf(answer(NOW + 5_000, [told("tick", [5, 9], [interval(NOW, 5), interval(NOW + 5_000, 9)])])));
    expect(again.series.get("tick")?.recent.map(({ toMs }) => toMs)).toEqual([NOW, NOW + 5_000]);
    expect(over(again, "tick", "minute")?.count).toBe(2);
  });

  it("is bounded, however long the page stands open", async () => {
    let history = NOTHING_HEARD;
    for (let to = NOW; to <= NOW + 2 * KEPT_MS; to += 60_000) {
      history = withReading(history, await readingOf(answer(to, [told("tick", [], [interval(to, 5)])])));
    }
    expect(history.series.get("tick")?.recent.length).toBe(15);
  });

  it("keeps what a further answer does not have", async () => {
    const first = withReading(NOTHING_HEARD, await readingOf(answer(NOW, [told("tick", [5], [interval(NOW, 5)])])));
    const next = withReading(first, await readingOf(answer(NOW + 5_000, [])));
    expect(over(next, "tick", "minute")?.count).toBe(1);
  });

  it("begins anew where the server's clock was set back", async () => {
    const first = withReading(NOTHING_HEARD, await readingOf(answer(NOW, [told("tick", [5], [interval(NOW, 5)])])));
    const back = withReading(first, await readingOf(answer(NOW - 60_000, [told("tick", [6], [interval(NOW - 60_000, 6)])])));
    expect(sinceOf(back)).toBe(NOW - 60_000);
    expect(over(back, "tick", "minute")?.max).toBe(6);
  });

  it("forgets what was counted in other cells", async () => {
    const first = withReading(NOTHING_HEARD, await readingOf(answer(NOW, [told("tick", [5], [interval(NOW, 5)])])));
    const known = first.series.get("tick");
    if (known === undefined) throw new Error("it was not heard");
    const coarse = { ...known, total: Object.assign(Object.create(known.total) as typeof known.total, { layout: { ...BOUNDS, digits: 2 } }) };
    const next = withReading(first, { intervalMs: 5_000, nowMs: NOW + 5_000, series: [{ ...coarse, recent: [] }], faults: [] });
    expect(next.series.get("tick")?.recent).toEqual([]);
  });
});

describe("a span", () => {
  it("is the last minute, the last quarter of an hour, or all since the start", async () => {
    const recent = [interval(NOW - 600_000, ...times(3, 90)), interval(NOW - 60_000, 80), interval(NOW - 55_000, 70), interval(NOW, 60)];
    const history = withReading(NOTHING_HEARD, await readingOf(answer(NOW, [told("tick", times(500, 100), recent), told("flush", [], [interval(NOW)])])));
    expect(over(history, "tick", "minute")?.count).toBe(2);
    expect(over(history, "tick", "quarter")?.count).toBe(6);
    expect(over(history, "tick", "start")?.count).toBe(500);
    expect(over(history, "flush", "minute"), "nothing was measured").toBeNull();
    expect(over(history, "resync", "start"), "unknown").toBeNull();
  });
});
