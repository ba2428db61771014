// Which stage of an action is to blame for how long actions take.
import { type History, over } from "./history.ts";

/** What an action takes as a whole. */
export const LATENCY = "action_latency";

/** What it consists of, in the order in which it happens. */
export const STAGES = ["action_queue", "action_tick", "action_commit", "action_gate", "action_socket"] as const;

/** A part of what an action takes. */
export type Stage = (typeof STAGES)[number];

/** What 95 of 100 actions must not exceed: the promise to players. */
export const ACTION_P95_MAX_MS = 200;

/** A stage with its 95th percentile. */
export interface Slowest {
  readonly stage: Stage;
  readonly p95Ms: number;
}

/** What is to be said of the last minute. */
export type Verdict =
  /** No action was answered. */
  | { readonly type: "quiet" }
  | {
      readonly type: "actions";
      readonly p95Ms: number;
      /** Whether that is within what is promised. */
      readonly isWithin: boolean;
      /** The stage with the largest 95th percentile; null where no stage was measured. */
      readonly slowest: Slowest | null;
    };

/** Judges the last minute. */
export function verdictOf(history: History): Verdict {
  const p95Ms = p95Of(history, LATENCY);
  if (p95Ms === null) return { type: "quiet" };
  let slowest: Slowest | null = null;
  for (const stage of STAGES) {
    const stageMs = p95Of(history, stage);
    if (stageMs !== null && stageMs > (slowest?.p95Ms ?? -1)) slowest = { stage, p95Ms: stageMs };
  }
  return { type: "actions", p95Ms, isWithin: p95Ms <= ACTION_P95_MAX_MS, slowest };
}

function p95Of(history: History, name: string): number | null {
  const measured = over(history, name, "minute");
  return measured === null ? null : measured.quantile(0.95) / 1_000;
}
