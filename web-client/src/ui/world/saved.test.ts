// Whether all that was done is saved, in two words.
import { expect, test } from "vitest";

import type { Deed, DeedFate } from "../../playing.ts";
import { savedOf } from "./saved.ts";

const deed = (fate: DeedFate): Deed => ({ key: fate.type, verb: "say", what: "Say “Hi”", stepCount: 0, fate });
const SAVED = deed({ type: "saved" });
const REFUSED = deed({ type: "refused", sentence: "It is not there any more." });

test("all is saved where nothing waits, and the words do not flicker with each step", () => {
  expect(savedOf(0, [SAVED], true, true)).toEqual({ words: "✓ All saved", isAll: true });
  expect(savedOf(1, [SAVED], false, true)).toEqual({ words: "… Saving", isAll: false });
  expect(savedOf(0, [SAVED], false, true)).toEqual({ words: "… Saving", isAll: false });
});

test("many that wait are counted, and any where the connection is not well", () => {
  expect(savedOf(16, [], false, true).words).toBe("… 16 waiting");
  expect(savedOf(1, [], false, false).words).toBe("… 1 waiting");
});

test("what was refused is not called saved", () => {
  expect(savedOf(0, [SAVED, REFUSED], true, true)).toEqual({ words: "✓ Nothing waits", isAll: true });
  expect(savedOf(0, [REFUSED, SAVED], true, true).words).toBe("✓ All saved");
});
