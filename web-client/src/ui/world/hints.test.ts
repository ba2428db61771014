import { describe, expect, it } from "vitest";

import type { Deed, DeedFate } from "../../playing.ts";
import { doneAfter, type Hint, hintAfter, HINTS, hintsNamed } from "./hints.ts";

const deed = (verb: string, type: "saved" | "waiting"): Deed => ({ key: verb, verb, what: verb, stepCount: 0, fate: { type } satisfies DeedFate });
const NONE: ReadonlySet<Hint> = new Set();

describe("the hints of a first visit", () => {
  it("begin with walking, and go on when it is saved", () => {
    expect(hintAfter(NONE)).toBe("walk");
    expect(hintAfter(doneAfter(NONE, [deed("move", "waiting")]))).toBe("walk");
    expect(hintAfter(doneAfter(NONE, [deed("move", "saved")]))).toBe("pick_up");
  });

  it("leave out what somebody did by themselves", () => {
    const done = doneAfter(NONE, [deed("move", "saved"), deed("say", "saved")]);
    expect(hintAfter(doneAfter(done, [deed("pick_up", "saved")]))).toBe("saved");
  });

  it("end", () => {
    expect(hintAfter(new Set(HINTS))).toBeNull();
  });

  it("are read from whatever a browser kept", () => {
    expect([...hintsNamed(["walk", "fly"])]).toEqual(["walk"]);
    expect(hintsNamed(null).size).toBe(0);
  });

  it("stay the same set where nothing new was done", () => {
    expect(doneAfter(NONE, [])).toBe(NONE);
  });
});
