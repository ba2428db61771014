// When the server is asked, and what is said while it does not answer.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Feed } from "../src/feed.ts";
import { type Reading, readingOf, Unreadable } from "../src/reading.ts";
import { troubleWords } from "../src/strings.ts";
import { answer, told } from "./made.ts";

const NOW = 1_700_000_000_000;

/** A server that answers thus, in turn, and then as the last time; and what it was asked. */
function server(...answers: (Reading | Error)[]): { readonly ask: (sinceMs: number) => Promise<Reading>; readonly asked: number[] } {
  const asked: number[] = [];
  const ask = (sinceMs: number): Promise<Reading> => {
    asked.push(sinceMs);
    const next = answers[Math.min(asked.length, answers.length) - 1];
    return next === undefined || next instanceof Error ? Promise.reject(next ?? new Error("none")) : Promise.resolve(next);
  };
  return { ask, asked };
}

const AWAY = new TypeError("no network");
let sound: Reading;

beforeEach(async () => {
  sound = await readingOf(answer(NOW, [told("tick", [5], [{ to: NOW - 1_000, values: [5] }])]));
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the feed", () => {
  it("asks once in an interval, for what is new", async () => {
    const { ask, asked } = server(sound);
    const feed = new Feed({ ask, now: () => Date.now() });
    expect(feed.heard.value).toMatchObject({ lastMs: null, trouble: null });
    await feed.start();
    expect(feed.heard.value).toMatchObject({ lastMs: NOW, trouble: null, history: { nowMs: NOW } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([0, NOW - 1_000, NOW - 1_000]);
  });

  it("asks ever more slowly while there is no answer, and as before once there is one", async () => {
    const { ask, asked } = server(...Array.from({ length: 7 }, () => AWAY), sound, AWAY);
    await new Feed({ ask, now: () => Date.now() }).start();
    const counts: number[] = [];
    for (const seconds of [1, 2, 4, 8, 16, 16, 16, 5, 1]) {
      await vi.advanceTimersByTimeAsync(seconds * 1_000 - 1);
      const before = asked.length;
      await vi.advanceTimersByTimeAsync(1);
      counts.push(asked.length - before);
    }
    expect(counts, "each at its time, and none before").toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(asked.length).toBe(10);
  });

  it("keeps what it knows while the server is away, and says since when", async () => {
    const { ask } = server(sound, AWAY, sound);
    const feed = new Feed({ ask, now: () => Date.now() });
    await feed.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(feed.heard.value).toMatchObject({ lastMs: NOW, trouble: "unreachable" });
    expect(feed.heard.value.history.series.size).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(feed.heard.value).toMatchObject({ lastMs: NOW + 6_000, trouble: null });
  });

  it("tells an answer that it cannot read from none", async () => {
    const { ask } = server(new Unreadable("no JSON"));
    const feed = new Feed({ ask, now: () => Date.now() });
    await feed.start();
    expect(feed.heard.value).toMatchObject({ lastMs: null, trouble: "unreadable" });
    expect(troubleWords("unreadable", null)).toBe("The server answers, but not with what this page can read. It was not heard since this page was opened. It is asked again by itself.");
  });
});
