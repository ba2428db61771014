// What was heard so far, and of it what is not older than the page shows: no more is kept however long it stands open.
import { type Histogram, merged } from "./histogram.ts";
import { isSameLayout } from "./layout.ts";
import type { Reading, Series } from "./reading.ts";

/** As long as the server itself keeps intervals. */
export const KEPT_MS = 15 * 60_000;

/** Over which time something is looked at. */
export type Span = "minute" | "quarter" | "start";

const SPAN_MS: Readonly<Record<Exclude<Span, "start">, number>> = { minute: 60_000, quarter: KEPT_MS };

/** All that is known, at one moment. */
export interface History {
  /** The server's time when it last answered, in milliseconds since 1970. */
  readonly nowMs: number;
  /** By name, in the server's order. */
  readonly series: ReadonlyMap<string, Series>;
}

/** Before anything was heard. */
export const NOTHING_HEARD: History = { nowMs: 0, series: new Map() };

/** From when on the server is to be asked: the end of the last interval that is known; 0 for all that it has. */
export function sinceOf({ series }: History): number {
  return Math.max(0, ...Array.from(series.values(), ({ recent }) => recent.at(-1)?.toMs ?? 0));
}

/** What is known after a further answer. A histogram that was not in it, or could not be read, stands as it was. */
export function withReading(history: History, { nowMs, series }: Reading): History {
  // A clock that was set back would make every interval to come one that is known already.
  const before = nowMs < history.nowMs ? NOTHING_HEARD : history;
  const known = new Map(before.series);
  for (const next of series) {
    const past = known.get(next.name)?.recent ?? [];
    const lastMs = past.at(-1)?.toMs ?? 0;
    const all = [...past, ...next.recent.filter(({ toMs }) => toMs > lastMs)];
    // A server of another build, which counts in other cells, may have come in the place of the one before.
    const recent = all.filter(({ histogram }) => isSameLayout(histogram.layout, next.total.layout));
    known.set(next.name, { ...next, recent });
  }
  const kept = [...known].map(([name, one]) => [name, { ...one, recent: one.recent.filter(({ toMs }) => toMs > nowMs - KEPT_MS) }] as const);
  return { nowMs, series: new Map(kept) };
}

/** All that was measured under a name over this span; null where nothing was. */
export function over({ nowMs, series }: History, name: string, span: Span): Histogram | null {
  const one = series.get(name);
  if (one === undefined) return null;
  const all = span === "start" ? one.total : merged(one.recent.filter(({ toMs }) => toMs > nowMs - SPAN_MS[span]).map(({ histogram }) => histogram));
  return all === null || all.count === 0 ? null : all;
}
