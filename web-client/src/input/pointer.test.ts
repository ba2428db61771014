// Taps and holding, without a browser.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { listenToPointer } from "./pointer.ts";

class FakeCanvas extends EventTarget {
  readonly style = { touchAction: "" };
  readonly wishes: string[] = [];
  readonly stop: () => void;

  constructor() {
    super();
    const note = (wish: string, place: { readonly x: number; readonly y: number } | null): void => {
      this.wishes.push(place === null ? `${wish} none` : `${wish} ${place.x} ${place.y}`);
    };
    this.stop = listenToPointer(this as unknown as HTMLCanvasElement, {
      tap: (x, y, isTouch) => {
        note(isTouch ? "touch" : "click", { x, y });
      },
      steer: (place) => {
        note("steer", place);
      },
      hover: (place) => {
        note("hover", place);
      },
    });
  }

  setPointerCapture(): void {}

  getBoundingClientRect(): { readonly left: number; readonly top: number } {
    return { left: 100, top: 50 };
  }

  pointer(type: string, x: number, y: number, fields: Readonly<Record<string, unknown>> = {}): void {
    const event = new Event(type);
    const all = { clientX: x, clientY: y, button: 0, isPrimary: true, pointerId: 1, pointerType: "touch", ...fields };
    for (const [name, value] of Object.entries(all)) Object.defineProperty(event, name, { value });
    this.dispatchEvent(event);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a short touch is a tap, where the finger was lifted, and the page neither scrolls nor zooms", () => {
  const canvas = new FakeCanvas();
  canvas.pointer("pointerdown", 110, 70);
  canvas.pointer("pointermove", 112, 71);
  canvas.pointer("pointerup", 112, 71);
  vi.advanceTimersByTime(1_000);
  expect(canvas.wishes).toEqual(["touch 12 21"]);
  expect(canvas.style.touchAction).toBe("none");
});

test("holding steers until the finger is lifted", () => {
  const canvas = new FakeCanvas();
  canvas.pointer("pointerdown", 110, 70);
  vi.advanceTimersByTime(300);
  canvas.pointer("pointermove", 150, 90);
  canvas.pointer("pointerup", 150, 90);
  expect(canvas.wishes).toEqual(["steer 10 20", "steer 50 40", "steer none"]);
});

test("further fingers and other buttons do nothing", () => {
  const canvas = new FakeCanvas();
  canvas.pointer("pointerdown", 110, 70, { button: 2, pointerType: "mouse" });
  canvas.pointer("pointerdown", 110, 70, { isPrimary: false, pointerId: 2 });
  canvas.pointer("pointerup", 110, 70, { pointerId: 2 });
  expect(canvas.wishes).toEqual([]);
});

test("what the browser takes over is no tap", () => {
  const canvas = new FakeCanvas();
  canvas.pointer("pointerdown", 110, 70);
  canvas.pointer("pointercancel", 110, 70);
  expect(canvas.wishes).toEqual([]);
});

test("the mouse hovers, a finger does not", () => {
  const canvas = new FakeCanvas();
  canvas.pointer("pointermove", 110, 70);
  canvas.pointer("pointermove", 110, 70, { pointerType: "mouse" });
  canvas.pointer("pointerleave", 0, 0, { pointerType: "mouse" });
  expect(canvas.wishes).toEqual(["hover 10 20", "hover none"]);
});
