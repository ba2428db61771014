// What operators read. A translation is another table like this one.
import type { Span } from "./history.ts";
import type { Trouble } from "./feed.ts";
import type { Slowest, Stage, Verdict } from "./verdict.ts";

export const WORDS = {
  title: "How long things take",
  loading: "Asking the server …",
  quiet: "No actions in the last minute.",
  span: "Over",
  verdict: "The last minute",
  percentiles: "Actions and their stages by percentile, in ms",
  percentilesNote: "Both axes are logarithmic: each step to the right is ten times rarer. A line ends where too few were counted to tell.",
  stagesOverTime: "The stages' p95 over time, in ms",
  oneOverTime: "One of them over time, in ms",
  shown: "Shown",
  table: "All that is measured",
  tableNote: "Times are in milliseconds.",
  what: "What",
  count: "Count",
  max: "Max",
  none: "–",
  nothingMeasured: "Nothing was measured in this time.",
} as const;

export const SPAN_WORDS: Readonly<Record<Span, string>> = {
  minute: "Last minute",
  quarter: "Last 15 minutes",
  start: "Since the start",
};

/** The stages as they are called in a sentence about actions, each with what it is to an operator. */
export const STAGE_SAYS: Readonly<Record<Stage, { readonly name: string; readonly cause: string }>> = {
  action_queue: { name: "queue", cause: "waiting for the next tick" },
  action_tick: { name: "tick", cause: "the simulation" },
  action_commit: { name: "commit", cause: "the database" },
  action_gate: { name: "gate", cause: "writing frames after the commit" },
  action_socket: { name: "socket", cause: "the network or the clients" },
};

/** What each histogram measures. One that this page does not know is shown by its name alone. */
export const MEANINGS: Readonly<Record<string, string>> = {
  action_latency: "an action as a whole",
  action_queue: "of an action: waiting for the next tick",
  action_tick: "of an action: the simulation",
  action_commit: "of an action: the database",
  action_gate: "of an action: writing frames after the commit",
  action_socket: "of an action: the network or the clients",
  tick: "one step of the simulation",
  tick_cpu: "what of a tick the processor worked",
  flush: "one write of changes to the database",
  staleness: "from a commit until a client has applied it",
  first_state: "from coming in until the first state is there",
  resync: "bringing somebody up to date who fell behind",
};

/** The sentence on top. */
export function verdictWords(verdict: Verdict): string {
  if (verdict.type === "quiet") return WORDS.quiet;
  const { p95Ms, slowest } = verdict;
  const whole = `Actions take ${durationText(p95Ms)} at p95`;
  if (slowest === null) return `${whole}.`;
  const { name, cause } = STAGE_SAYS[slowest.stage];
  return `${whole}; the longest stage is ${name} with ${durationText(slowest.p95Ms)}: ${cause}.`;
}

/** The same for who hears the page: without the numbers, which change every few seconds. */
export function verdictAloud(verdict: Verdict): string {
  if (verdict.type === "quiet") return WORDS.quiet;
  const whole = verdict.isWithin ? "Actions are as fast as promised" : "Actions are slower than promised";
  return verdict.slowest === null ? `${whole}.` : `${whole}; ${slowestWords(verdict.slowest)}.`;
}

function slowestWords({ stage }: Slowest): string {
  const { name, cause } = STAGE_SAYS[stage];
  return `the longest stage is ${name}: ${cause}`;
}

/** Whether that is good, in a few words. */
export function promiseWords(isWithin: boolean, maxMs: number): string {
  return isWithin ? `Within the ${durationText(maxMs)} that are promised.` : `More than the ${durationText(maxMs)} that are promised.`;
}

const TROUBLE_SAYS: Readonly<Record<Trouble, string>> = {
  unreachable: "The server cannot be reached.",
  unreadable: "The server answers, but not with what this page can read.",
};

/** That there is nothing new; with when there was, in milliseconds since 1970, where there ever was. */
export function troubleWords(trouble: Trouble, lastMs: number | null): string {
  const since = lastMs === null ? "It was not heard since this page was opened." : `It was last heard at ${timeText(lastMs)}, and what is shown is from then.`;
  return `${TROUBLE_SAYS[trouble]} ${since} It is asked again by itself.`;
}

/** That a part of the answer is missing. */
export function faultWords(name: string, reason: string): string {
  return `${name} cannot be read: ${reason}. All else is shown.`;
}

/** That some values were too large to be told apart. */
export function saturatedWords(name: string, count: number, maxMs: number): string {
  return `${name}: ${countText(count)} since the start took longer than ${roundText(maxMs / 1_000)} s, and count as that long.`;
}

/** A percentile by its share: p99.9. */
export function percentileText(share: number): string {
  return `p${shareText(share)}`;
}

/** A share as a percentage, without the sign: 99.9. */
export function shareText(share: number): string {
  return String(Number((share * 100).toFixed(2)));
}

/** Three digits are worth reading; all before the point are kept. */
export function msText(ms: number): string {
  if (ms === 0) return "0";
  const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(ms))));
  return grouped(ms.toFixed(decimals));
}

/** A number that was chosen and not measured: no zeros after the point. */
export function roundText(number: number): string {
  const text = msText(number);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** With its unit: milliseconds, or seconds from ten on. */
export function durationText(ms: number): string {
  return ms < 10_000 ? `${msText(ms)} ms` : `${msText(ms / 1_000)} s`;
}

/** A number of things, readable where it is large. */
export function countText(count: number): string {
  return grouped(String(count));
}

/** A time of day. */
export function timeText(sinceEpochMs: number): string {
  return new Date(sinceEpochMs).toLocaleTimeString("en-GB");
}

/** With thin spaces between thousands: what a comma or a point says differs from land to land. */
function grouped(digits: string): string {
  const [whole = "", ...rest] = digits.split(".");
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/g, "\u202f"), ...rest].join(".");
}
