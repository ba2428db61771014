// What an answer says, and what becomes of one that is broken.
import { afterEach, describe, expect, it, vi } from "vitest";

import { askReading, readingOf, Unreadable } from "../src/reading.ts";
import { answer, encoded, told } from "./made.ts";

const NOW = 1_700_000_000_000;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("an answer", () => {
  it("is read", async () => {
    const reading = await readingOf(answer(NOW, [told("tick", [5, 6, 7], [{ to: NOW, values: [7] }])]));
    expect(reading).toMatchObject({ intervalMs: 5_000, nowMs: NOW, faults: [] });
    expect(reading.series).toMatchObject([{ name: "tick", saturatedCount: 0, total: { count: 3 }, recent: [{ fromMs: NOW - 5_000, toMs: NOW, histogram: { count: 1 } }] }]);
  });

  it("of which a part is broken is read without it", async () => {
    const sound = told("tick", [5], [{ to: NOW, values: [5] }]);
    const brokenTotal = { ...(told("flush", [5]) as object), total: "AAAA" };
    const v2 = encoded([9]);
    const recent = [
      { from_ms: NOW - 10_000, to_ms: NOW - 5_000, v2: "AAAA" },
      { from_ms: NOW - 5_000, to_ms: NOW, v2 },
      { from_ms: NOW, v2 },
      { from_ms: NOW, to_ms: NOW + 5_000, v2: "" },
    ];
    const brokenInterval = { ...(told("staleness", [9]) as object), recent };
    const otherUnit = { ...(told("resync", [9]) as object), unit: "bytes" };
    const { series, faults } = await readingOf(answer(NOW, [brokenTotal, sound, brokenInterval, otherUnit, null]));
    expect(series.map(({ name, recent: kept }) => [name, kept.length])).toEqual([["tick", 1], ["staleness", 1]]);
    expect(faults.map(({ name }) => name).toSorted(), "each once").toEqual(["?", "flush", "staleness"]);
    expect(faults.find(({ name }) => name === "flush")?.reason).toBe("it ends within its header");
  });

  it.each([null, {}, { interval_ms: 5_000, now_ms: NOW }, { interval_ms: 0, now_ms: NOW, histograms: [] }])("that is none is refused: %j", async (json) => {
    await expect(readingOf(json)).rejects.toBeInstanceOf(Unreadable);
  });
});

describe("the server", () => {
  it("is asked for what is new", async () => {
    const asked = vi.fn(() => Promise.resolve(Response.json(answer(NOW, []))));
    vi.stubGlobal("fetch", asked);
    expect((await askReading(1_234)).nowMs).toBe(NOW);
    expect(asked.mock.calls[0]).toEqual(["/api/histograms?since=1234", expect.anything()]);
  });

  it.each([() => new Response("not JSON"), () => Response.json({}, { status: 503 })])("may answer with what is of no use", async (response) => {
    vi.stubGlobal("fetch", () => Promise.resolve(response()));
    await expect(askReading(0)).rejects.toBeInstanceOf(Unreadable);
  });
});
