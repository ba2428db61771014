// An interval log that the server wrote is read by those who made its format, and holds what our own reader finds in it.
import { readFileSync } from "node:fs";

import { HistogramLogReader } from "hdr-histogram-js";
import { expect, test } from "vitest";

import { decode } from "../src/decode.ts";

const LOG = readFileSync(new URL("histograms.hlog", import.meta.url), "utf8");

test("HdrHistogram's own reader finds every interval of every histogram", () => {
  const reader = new HistogramLogReader(LOG);
  const found: { readonly tag: string; readonly count: number; readonly max: number; readonly startMs: number }[] = [];
  for (let interval = reader.nextIntervalHistogram(); interval !== null; interval = reader.nextIntervalHistogram()) {
    found.push({ tag: interval.tag, count: interval.totalCount, max: interval.maxValue, startMs: interval.startTimeStampMsec });
  }
  const names = ["action_latency", "action_queue", "action_tick", "action_commit", "action_gate", "action_socket"];
  expect(found.map(({ tag }) => tag)).toEqual([...names, ...names]);
  expect(found.every(({ count }) => count === 100)).toBe(true);
  const latency = found.filter(({ tag }) => tag === "action_latency");
  expect(latency.map(({ startMs }) => startMs)).toEqual([1_767_225_660_000, 1_767_225_665_000]);
  expect(latency.map(({ max }) => Math.round(max / 1_000))).toEqual([50, 100]);
});

test("our own reader finds the same", async () => {
  const lines = LOG.split("\n").filter((line) => line.startsWith("Tag=action_latency,"));
  const counts = await Promise.all(lines.map(async (line) => (await decode(line.split(",").at(-1) ?? "")).count));
  expect(counts).toEqual([100, 100]);
});
