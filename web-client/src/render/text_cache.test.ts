// How much the pictures of text may take.
import { afterEach, expect, test, vi } from "vitest";

import { TextCache } from "./text_cache.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

interface Canvas {
  width: number;
  height: number;
}

/** Canvases on which each letter is nine pixels wide; those that were made. */
function canvases(): Canvas[] {
  const made: Canvas[] = [];
  const to = { measureText: (text: string) => ({ width: text.length * 9 }), scale() {}, fillRect() {}, fillText() {}, strokeText() {} };
  vi.stubGlobal("document", {
    createElement: () => {
      const canvas = { width: 0, height: 0, getContext: () => to };
      made.push(canvas);
      return canvas;
    },
  });
  return made;
}

const speech = (number: number): string => `${number} ${"word ".repeat(40)}`;

test("a picture is made once as long as there is room", () => {
  const made = canvases();
  const texts = new TextCache();
  expect(texts.name("Ada", "other")).toBe(texts.name("Ada", "other"));
  expect(made).toHaveLength(1);
});

test("long speeches on fine pixels are kept by their size, not by their number", () => {
  const made = canvases();
  const texts = new TextCache();
  texts.resize(400, 3);
  for (let number = 0; number < 200; number += 1) texts.speech(speech(number), false);
  const count = made.length;
  // Asked for from the newest on: those that are there need no new picture.
  let keptPixels = 0;
  for (let number = 199; number >= 0; number -= 1) {
    texts.speech(speech(number), false);
    if (made.length > count) break;
    keptPixels += (made[number]?.width ?? 0) * (made[number]?.height ?? 0);
  }
  expect(keptPixels).toBeGreaterThan(4 * 1024 * 1024);
  expect(keptPixels).toBeLessThanOrEqual(8 * 1024 * 1024);
});
