import { describe, expect, it } from "vitest";

import type { Deed, DeedFate } from "../../playing.ts";
import { grouped } from "./grouped.ts";

const SAVED: DeedFate = { type: "saved" };
const WAITING: DeedFate = { type: "waiting" };
const REFUSED: DeedFate = { type: "refused", sentence: "Something is in the way." };

let keyCount = 0;
const step = (fate: DeedFate): Deed => ({ key: `k${(keyCount += 1)}`, verb: "move", what: "Step north", stepCount: 1, fate });
const say = (fate: DeedFate): Deed => ({ key: `k${(keyCount += 1)}`, verb: "say", what: "Say “Hi”", stepCount: 0, fate });

const told = (deeds: Deed[]): string[] => grouped(deeds).map(({ what, fate }) => `${what}: ${fate.type}`);

describe("the list of deeds", () => {
  it("has the newest first, and a walk as one line", () => {
    expect(told([step(SAVED), step(SAVED), say(SAVED), step(SAVED), step(WAITING), step(WAITING)])).toEqual([
      "Walk 2 steps: waiting",
      "Step north: saved",
      "Say “Hi”: saved",
      "Walk 2 steps: saved",
    ]);
  });

  it("hides no step that was refused", () => {
    expect(told([step(SAVED), step(REFUSED), step(REFUSED), step(SAVED)])).toEqual([
      "Step north: saved",
      "Step north: refused",
      "Step north: refused",
      "Step north: saved",
    ]);
  });

  it("keeps a line's key while a walk goes on", () => {
    const walk = [step(SAVED), step(SAVED)];
    const before = grouped(walk)[0]?.key;
    expect(grouped([...walk, step(SAVED)])[0]?.key).toBe(before);
  });

  it("is empty where nothing was done", () => {
    expect(grouped([])).toEqual([]);
  });
});
