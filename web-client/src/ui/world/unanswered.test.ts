// Whether the village has gone silent.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { SILENT_MS, Unanswered } from "./unanswered.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("it is silent where something waits for long, and any answer ends that", () => {
  const unanswered = new Unanswered();
  unanswered.see(1);
  vi.advanceTimersByTime(SILENT_MS - 1);
  unanswered.see(2);
  expect(unanswered.isSilent.value).toBe(false);
  vi.advanceTimersByTime(1);
  expect(unanswered.isSilent.value).toBe(true);
  unanswered.see(1);
  expect(unanswered.isSilent.value).toBe(false);
  vi.advanceTimersByTime(SILENT_MS);
  expect(unanswered.isSilent.value).toBe(true);
});

test("who walks and is answered in time never hears of it", () => {
  const unanswered = new Unanswered();
  for (let count = 0; count < 40; count += 1) {
    unanswered.see(1);
    vi.advanceTimersByTime(100);
    unanswered.see(2);
    unanswered.see(1);
    unanswered.see(0);
    expect(unanswered.isSilent.value).toBe(false);
  }
  vi.advanceTimersByTime(2 * SILENT_MS);
  expect(unanswered.isSilent.value).toBe(false);
});
