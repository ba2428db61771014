// One answer of the server about its histograms: asked for, read, decoded. What of it cannot be read is named and left out.
import { listIn, numberIn, textIn } from "../../src/api/json.ts";
import { decode, NoHistogram } from "./decode.ts";
import type { Histogram } from "./histogram.ts";

/** The unit of times: microseconds. What is measured in another (rows, bytes) is no time, and not for this page. */
const UNIT = "us";

/** How long the server may take to answer. */
const ANSWER_WAIT_MAX_MS = 10_000;

/** What was measured between two moments, in milliseconds since 1970 by the server's clock. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  /** In microseconds. */
  readonly histogram: Histogram;
}

/** What is measured under one name. */
export interface Series {
  readonly name: string;
  /** All since the server started, in microseconds. */
  readonly total: Histogram;
  /** How many values were larger than the highest that is told apart, and count as that one. */
  readonly saturatedCount: number;
  /** In the order of time. */
  readonly recent: readonly Interval[];
}

/** Something that could not be read. */
export interface Fault {
  /** The histogram's name. */
  readonly name: string;
  /** Goes on after "it cannot be read: ". */
  readonly reason: string;
}

/** What an answer says. */
export interface Reading {
  /** How often there is something new, in milliseconds. */
  readonly intervalMs: number;
  /** The server's time, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly series: readonly Series[];
  readonly faults: readonly Fault[];
}

/** That an answer is none about histograms. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Asks for what ended after this time. Fails with `Unreadable` where the answer is of no use, otherwise as `fetch` does. */
export async function askReading(sinceMs: number): Promise<Reading> {
  const response = await fetch(`/api/histograms?since=${sinceMs}`, { signal: AbortSignal.timeout(ANSWER_WAIT_MAX_MS) });
  const text = await response.text();
  if (!response.ok) throw new Unreadable(`status ${response.status}`);
  return readingOf(jsonOf(text));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable("no JSON");
  }
}

/** What that JSON says. Fails with `Unreadable` where it is something else. */
export async function readingOf(json: unknown): Promise<Reading> {
  const intervalMs = numberIn(json, "interval_ms");
  const nowMs = numberIn(json, "now_ms");
  const histograms = listIn(json, "histograms");
  if (intervalMs === null || intervalMs <= 0 || nowMs === null || histograms === null) throw new Unreadable("no histograms");
  const faults: Fault[] = [];
  const times = histograms.filter((one) => (textIn(one, "unit") ?? UNIT) === UNIT);
  const series = await Promise.all(times.map((one) => seriesOf(one, faults)));
  return { intervalMs, nowMs, series: series.filter((one) => one !== null), faults };
}

/** Null where nothing of it can be read. An interval that cannot be read is left out. */
async function seriesOf(json: unknown, faults: Fault[]): Promise<Series | null> {
  const name = textIn(json, "name") ?? "?";
  const tell = (error: unknown): null => {
    if (!(error instanceof NoHistogram)) throw error;
    if (!faults.some((known) => known.name === name)) faults.push({ name, reason: error.message });
    return null;
  };
  const recent = listIn(json, "recent");
  if (textIn(json, "unit") === null || recent === null) return tell(new NoHistogram("it has no unit, or no intervals"));
  const [total, ...intervals] = await Promise.all([
    decode(textIn(json, "total") ?? "").catch(tell),
    ...recent.map((one) => intervalOf(one).catch(tell)),
  ]);
  if (total === null) return null;
  return { name, total, saturatedCount: numberIn(json, "saturated") ?? 0, recent: intervals.filter((one) => one !== null) };
}

async function intervalOf(json: unknown): Promise<Interval> {
  const fromMs = numberIn(json, "from_ms");
  const toMs = numberIn(json, "to_ms");
  if (fromMs === null || toMs === null) throw new NoHistogram("an interval has no beginning or end");
  return { fromMs, toMs, histogram: await decode(textIn(json, "v2") ?? "") };
}
