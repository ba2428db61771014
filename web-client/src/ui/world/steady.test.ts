import { CONNECTING, type ConnectionState, type StateName } from "@holdfast/client";
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { QUIET_MS, steady } from "./steady.ts";

const state = (name: StateName, isOver = false): ConnectionState => ({ ...CONNECTING, name, isOver });

describe("the connection as it is shown", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("says nothing of a loss that is over at once", () => {
    const connection = signal(state("PLAYING"));
    const { shown } = steady(connection);
    connection.value = state("RECONNECTING");
    vi.advanceTimersByTime(QUIET_MS - 1);
    expect(shown.value.name).toBe("PLAYING");
    connection.value = state("PLAYING");
    vi.advanceTimersByTime(QUIET_MS * 2);
    expect(shown.value.name).toBe("PLAYING");
  });

  it("says that a loss lasts, however often it is tried meanwhile", () => {
    const connection = signal(state("PLAYING"));
    const { shown } = steady(connection);
    connection.value = state("RECONNECTING");
    vi.advanceTimersByTime(QUIET_MS / 2);
    connection.value = { ...state("RECONNECTING"), nextTryAt: 9 };
    vi.advanceTimersByTime(QUIET_MS / 2);
    expect(shown.value.nextTryAt).toBe(9);
    connection.value = { ...state("RECONNECTING"), nextTryAt: null };
    expect(shown.value.nextTryAt).toBeNull();
  });

  it("says everything else at once", () => {
    const connection = signal(state("PLAYING"));
    const { shown } = steady(connection);
    connection.value = state("RECONNECTING");
    connection.value = state("PAUSED");
    expect(shown.value.name).toBe("PAUSED");
    connection.value = state("REPLACED", true);
    expect(shown.value.name).toBe("REPLACED");
  });

  it("ends", () => {
    const connection = signal(state("PLAYING"));
    const { shown, stop } = steady(connection);
    connection.value = state("RECONNECTING");
    stop();
    vi.advanceTimersByTime(QUIET_MS);
    expect(shown.value.name).toBe("PLAYING");
  });
});
