// Keys, without a browser: a page of events and elements that know what they are within.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type KeyWishes, listenToKeys } from "./keyboard.ts";

class FakeElement extends EventTarget {
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  closest(selector: string): FakeElement | null {
    return selector.split(",").some((each) => each.trim() === this.kind) ? this : null;
  }
}

class FakePage extends EventTarget {
  readonly defaultView = new EventTarget();
  readonly wishes: string[] = [];
  readonly stop: () => void;

  constructor() {
    super();
    const note = (wish: string) => (direction?: string) => {
      this.wishes.push(direction === undefined ? wish : `${wish} ${direction}`);
    };
    const wishes: KeyWishes = {
      hold: note("hold"),
      release: note("release"),
      releaseAll: note("release all"),
      pickUp: note("pick up"),
      talk: note("talk"),
    };
    this.stop = listenToKeys(this as unknown as Document, wishes);
  }

  /** A key event; whether the page took it for itself. */
  key(type: "keydown" | "keyup", fields: { readonly code?: string; readonly key?: string; readonly [field: string]: unknown }): boolean {
    const event = new Event(type, { cancelable: true });
    for (const [name, value] of Object.entries({ code: "", key: "", repeat: false, target: null, ...fields })) {
      Object.defineProperty(event, name, { value });
    }
    this.dispatchEvent(event);
    return event.defaultPrevented;
  }
}

beforeEach(() => {
  vi.stubGlobal("Element", FakeElement);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("arrows and the four letters walk, and the page does not scroll", () => {
  const page = new FakePage();
  expect(page.key("keydown", { code: "ArrowUp" })).toBe(true);
  page.key("keydown", { code: "KeyD", key: "d" });
  page.key("keyup", { code: "ArrowUp" });
  expect(page.wishes).toEqual(["hold n", "hold e", "release n"]);
});

test("the keyboard's own repeating is none of ours, but it does not scroll either", () => {
  const page = new FakePage();
  expect(page.key("keydown", { code: "ArrowUp", repeat: true })).toBe(true);
  page.key("keydown", { code: "KeyE", key: "e", repeat: true });
  expect(page.wishes).toEqual([]);
});

test("E and the space bar pick up, Enter asks for the chat", () => {
  const page = new FakePage();
  for (const key of ["e", "E", " ", "Enter"]) expect(page.key("keydown", { key })).toBe(true);
  expect(page.wishes).toEqual(["pick up", "pick up", "pick up", "talk"]);
});

test("who writes is left alone", () => {
  const page = new FakePage();
  for (const kind of ["input", "textarea", "dialog"]) {
    const target = new FakeElement(kind);
    for (const key of [{ code: "ArrowUp" }, { code: "KeyW", key: "w" }, { key: "Enter" }, { key: "e" }]) {
      expect(page.key("keydown", { ...key, target })).toBe(false);
    }
  }
  expect(page.wishes).toEqual([]);
});

test("a list keeps the arrows that scroll it, and gives everything else", () => {
  const page = new FakePage();
  const target = new FakeElement("[data-keys=scroll]");
  expect(page.key("keydown", { code: "ArrowDown", target })).toBe(false);
  expect(page.key("keydown", { code: "KeyW", key: "w", target })).toBe(true);
  expect(page.key("keydown", { key: "Enter", target })).toBe(true);
  expect(page.wishes).toEqual(["hold n", "talk"]);
});

test("a button keeps what presses it, and gives everything else", () => {
  const page = new FakePage();
  const target = new FakeElement("button");
  expect(page.key("keydown", { key: "Enter", target })).toBe(false);
  expect(page.key("keydown", { key: " ", target })).toBe(false);
  expect(page.key("keydown", { key: "e", target })).toBe(true);
  expect(page.key("keydown", { code: "ArrowUp", target })).toBe(true);
  expect(page.wishes).toEqual(["pick up", "hold n"]);
});

test.each(["ctrlKey", "altKey", "metaKey", "isComposing"])("what is the browser's stays the browser's: %s", (modifier) => {
  const page = new FakePage();
  expect(page.key("keydown", { code: "KeyD", key: "d", [modifier]: true })).toBe(false);
  expect(page.wishes).toEqual([]);
});

test("nobody walks on when the window loses the keyboard, or somebody begins to write", () => {
  const page = new FakePage();
  page.defaultView.dispatchEvent(new Event("blur"));
  page.dispatchEvent(new Event("visibilitychange"));
  const focus = new Event("focusin");
  Object.defineProperty(focus, "target", { value: new FakeElement("input") });
  page.dispatchEvent(focus);
  expect(page.wishes).toEqual(["release all", "release all", "release all"]);
});

test("once it is ended nothing is heard", () => {
  const page = new FakePage();
  page.stop();
  page.key("keydown", { code: "ArrowUp" });
  page.defaultView.dispatchEvent(new Event("blur"));
  expect(page.wishes).toEqual([]);
});
