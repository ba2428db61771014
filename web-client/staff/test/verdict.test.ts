// Which stage is to blame, and how that is said.
import { describe, expect, it } from "vitest";

import { NOTHING_HEARD, withReading } from "../src/history.ts";
import { readingOf } from "../src/reading.ts";
import { verdictAloud, verdictWords } from "../src/strings.ts";
import { type Verdict, verdictOf } from "../src/verdict.ts";
import { answer, times, told } from "./made.ts";

const NOW = 1_700_000_000_000;

function us(values: readonly number[] = []): number[] {
  return values.map((ms) => ms * 1_000);
}

/** What is said where these were measured in the last minute, in milliseconds, and others two minutes ago. */
async function judged(now: Readonly<Record<string, readonly number[]>>, before: Readonly<Record<string, readonly number[]>> = {}): Promise<Verdict> {
  const names = Object.keys({ ...now, ...before });
  const all = names.map((name) => told(name, [], [{ to: NOW - 120_000, values: us(before[name]) }, { to: NOW, values: us(now[name]) }]));
  return verdictOf(withReading(NOTHING_HEARD, await readingOf(answer(NOW, all))));
}

describe("the verdict", () => {
  it("names the stage with the largest 95th percentile", async () => {
    const verdict = await judged({ action_latency: times(20, 212), action_queue: times(20, 25), action_commit: times(20, 160), action_gate: times(20, 3) });
    expect(verdictWords(verdict)).toBe("Actions take 212 ms at p95; the longest stage is commit with 160 ms: the database.");
    expect(verdict).toMatchObject({ isWithin: false });
    expect(verdictAloud(verdict)).toBe("Actions are slower than promised; the longest stage is commit: the database.");
  });

  it("looks at the 95th percentile, not at one that took long", async () => {
    const verdict = await judged({ action_latency: times(100, 40), action_queue: times(100, 25), action_socket: [...times(99, 2), 5_000] });
    expect(verdict).toMatchObject({ isWithin: true, slowest: { stage: "action_queue" } });
  });

  it("looks at the last minute alone", async () => {
    const verdict = await judged({ action_latency: [40], action_tick: [30], action_commit: [5] }, { action_latency: [900], action_commit: [800] });
    expect(verdict).toMatchObject({ slowest: { stage: "action_tick" } });
  });

  it("is quiet where nothing happened", async () => {
    const verdict = await judged({ action_latency: [] }, { action_latency: [900], action_commit: [800] });
    expect(verdict).toEqual({ type: "quiet" });
    expect(verdictWords(verdict)).toBe("No actions in the last minute.");
  });

  it("blames nobody where no stage was measured", async () => {
    expect(verdictWords(await judged({ action_latency: [40] }))).toBe("Actions take 40.0 ms at p95.");
  });
});
