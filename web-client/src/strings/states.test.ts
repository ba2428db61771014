import { CONNECTING, type ConnectionState, sentenceOf, STATE_WORDS, type StateName } from "@holdfast/client";
import { ENGINE_CODES, EngineCode, VILLAGE_CODES } from "@holdfast/protocol";
import { describe, expect, it } from "vitest";

import { sentenceOfCode } from "./codes.ts";
import { REMEDY_WORDS, remedyOf, retryWords, STATE_TITLES, toneOf } from "./states.ts";

const NAMES = Object.keys(STATE_WORDS) as StateName[];
const isSentence = (text: string): boolean => /^[A-Z].*[.!?]$/.test(text);

const over = (name: StateName, code: number | null): ConnectionState => ({ name, code, isOver: true, nextTryAt: null });

describe("the words for states and codes", () => {
  it.each(NAMES)("%s has a title, a sentence and a tone", (name) => {
    expect(STATE_TITLES[name]).not.toBe("");
    expect(isSentence(sentenceOf({ ...CONNECTING, name }))).toBe(true);
    expect(toneOf({ ...CONNECTING, name })).toBe(name === "PLAYING" ? "good" : "waiting");
  });

  it.each(NAMES.filter((name) => name !== "PLAYING"))("%s has a button where it is over", (name) => {
    const remedy = remedyOf({ ...CONNECTING, name, isOver: true });
    expect(remedy === null ? "" : REMEDY_WORDS[remedy]).not.toBe("");
    expect(remedyOf({ ...CONNECTING, name })).toBeNull();
  });

  it.each([...ENGINE_CODES, ...VILLAGE_CODES].map(({ name }) => name))("the code %s has a sentence of its own", (name) => {
    expect(isSentence(sentenceOfCode(name))).toBe(true);
    expect(sentenceOfCode(name)).not.toBe(sentenceOfCode("a code of the future"));
  });

  it("promises safety only to what was saved: what waits for its answer is not", () => {
    const words = NAMES.flatMap((name) => [STATE_WORDS[name].happens, STATE_WORDS[name].next]);
    for (const text of words.filter((each) => each.includes("safe"))) expect(text).toContain("What was saved is safe");
  });

  it("has something to say of a code that it does not know", () => {
    expect(isSentence(sentenceOfCode("a code of the future"))).toBe(true);
  });
});

describe("what a person can do", () => {
  it("depends on why somebody is signed out", () => {
    expect(remedyOf(over("SIGNED_OUT", null))).toBe("sign_in");
    expect(remedyOf(over("SIGNED_OUT", EngineCode.token_expired))).toBe("sign_in");
    expect(remedyOf(over("SIGNED_OUT", EngineCode.no_such_character))).toBe("choose");
    expect(remedyOf(over("SIGNED_OUT", EngineCode.scope_missing))).toBe("somebody_else");
  });

  it("counts down in whole seconds, and says when it is now", () => {
    expect(retryWords(null)).toBe("");
    expect(retryWords(3_000)).toBe("Trying again in 3 s.");
    expect(retryWords(2_001)).toBe("Trying again in 3 s.");
    expect(retryWords(0)).toBe("Trying now …");
    expect(retryWords(-5)).toBe("Trying now …");
  });
});
