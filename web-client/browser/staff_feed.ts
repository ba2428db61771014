// A server's histograms, made up: what the operators' page is shown until it asks a real one.
import { encodeIntoCompressedBase64 } from "hdr-histogram-js";

import { seeded } from "../client/test/made.ts";
import { answer, oracle } from "../staff/test/made.ts";

/** What each stage of an action takes in the middle, in milliseconds. */
export interface Situation {
  readonly queue: number;
  readonly tick: number;
  readonly commit: number;
  readonly gate: number;
  readonly socket: number;
}

/** Many play, and nothing is wrong. */
export const LOAD: Situation = { queue: 26, tick: 7, commit: 5, gate: 1.2, socket: 2 };
/** The database takes long for each write. */
export const SLOW_DATABASE: Situation = { queue: 28, tick: 7, commit: 150, gate: 1.2, socket: 2 };
/** All are in one place, and each is sent what everybody does. */
export const MARKET: Situation = { queue: 27, tick: 14, commit: 9, gate: 85, socket: 160 };

const INTERVAL_MS = 5_000;
const INTERVAL_COUNT = 180;
const ACTIONS_PER_INTERVAL = 400;
/** How many intervals there are that differ; then they come again. */
const KIND_COUNT = 12;

/** The answer of a server in this situation, which has lasted for so many milliseconds; before that, all was well. */
export function fakeAnswer(situation: Situation, nowMs: number, lastsMs = Number.POSITIVE_INFINITY): unknown {
  const kinds = [kindsOf(situation), kindsOf(LOAD)] as const;
  const histograms = Object.keys(kinds[0][0] ?? {}).map((name) => {
    const recent = Array.from({ length: INTERVAL_COUNT }, (_, place) => {
      const toMs = nowMs - (INTERVAL_COUNT - 1 - place) * INTERVAL_MS;
      const kind = kinds[toMs > nowMs - lastsMs ? 0 : 1][place % KIND_COUNT];
      return { from_ms: toMs - INTERVAL_MS, to_ms: toMs, v2: encodedOf(kind?.[name] ?? []) };
    });
    const all = kinds.flatMap((each) => each.flatMap((kind) => kind[name] ?? []));
    return { name, unit: "us", lowest: 1, highest: 60_000_000, digits: 3, count: all.length, saturated: name === "first_state" ? 2 : 0, total: encodedOf(all), recent };
  });
  return answer(nowMs, histograms);
}

/** Values in microseconds by name. */
type Measured = Readonly<Record<string, readonly number[]>>;

function kindsOf({ queue, tick, commit, gate, socket }: Situation): readonly Measured[] {
  return Array.from({ length: KIND_COUNT }, (_, kind) => {
    const random = seeded(7 + kind * 7_919);
    const around = (middleMs: number, count = ACTIONS_PER_INTERVAL): number[] => Array.from({ length: count }, () => Math.max(1, Math.round(middleMs * 1_000 * spread(random))));
    const stages = { action_queue: around(queue), action_tick: around(tick), action_commit: around(commit), action_gate: around(gate), action_socket: around(socket) };
    const whole = stages.action_queue.map((_value, place) => Object.values(stages).reduce((sum, stage) => sum + (stage[place] ?? 0), 0));
    return {
      action_latency: whole,
      ...stages,
      tick: around(tick, 100),
      tick_cpu: around(tick * 0.8, 100),
      flush: around(commit, 100),
      staleness: around(gate + socket, 200),
      first_state: kind % 4 === 0 ? around(240, 3) : [],
      resync: [],
    };
  });
}

/** A share of the middle: mostly near it, now and then several times as much. */
function spread(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(0.35 * normal + (random() < 0.01 ? 1 : 0));
}

const encodedOnce = new Map<readonly number[], string>();

function encodedOf(values: readonly number[]): string {
  const known = encodedOnce.get(values) ?? encodeIntoCompressedBase64(oracle(values));
  encodedOnce.set(values, known);
  return known;
}
