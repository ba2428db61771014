// Keys: arrows and W A S D walk, E or the space bar picks up, Enter asks for the chat.
//
// They are heard everywhere on the page, so that nobody has to click on the village first, but never while somebody
// writes, and never where a key means something to what has the focus.
import type { Direction } from "../playing.ts";

/** What keys ask for. */
export interface KeyWishes {
  hold(direction: Direction): void;
  release(direction: Direction): void;
  /** No key is held any more, as far as anybody can know. */
  releaseAll(): void;
  pickUp(): void;
  talk(): void;
}

/** By the key's place on the keyboard, so that the four letters lie together on every layout. */
const DIRECTION_OF: Readonly<Record<string, Direction>> = {
  ArrowUp: "n",
  ArrowRight: "e",
  ArrowDown: "s",
  ArrowLeft: "w",
  KeyW: "n",
  KeyD: "e",
  KeyS: "s",
  KeyA: "w",
};

/** Where keys are for writing or choosing. */
const WRITES = "input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog, [role=dialog]";
/** Where the arrows scroll, and no other key means anything: a panel that is one says so by `data-keys`. */
const SCROLLS = "[data-keys=scroll]";
/** What is pressed by Enter and the space bar. */
const PRESSES = "button, a[href], summary, [role=button], [role=tab], [role=menuitem], [role=checkbox]";

/** Hears keys until the returned function is called. */
export function listenToKeys(page: Document, wishes: KeyWishes): () => void {
  const down = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isWithin(event.target, WRITES)) return;
    const direction = DIRECTION_OF[event.code];
    if (direction !== undefined) {
      if (event.code.startsWith("Arrow") && isWithin(event.target, SCROLLS)) return;
      // Holding a key is the walk's business, not the keyboard's.
      if (!event.repeat) wishes.hold(direction);
      event.preventDefault();
      return;
    }
    const isPress = event.key === " " || event.key === "Enter";
    if (event.repeat || (isPress && isWithin(event.target, PRESSES))) return;
    if (event.key === "e" || event.key === "E" || event.key === " ") wishes.pickUp();
    else if (event.key === "Enter") wishes.talk();
    else return;
    event.preventDefault();
  };
  // Whatever has the focus by now, a key that is up is up.
  const up = (event: KeyboardEvent): void => {
    const direction = DIRECTION_OF[event.code];
    if (direction !== undefined) wishes.release(direction);
  };
  const away = (): void => {
    wishes.releaseAll();
  };
  // A key that goes up while somebody writes would not be missed, but one walks no further once they begin to.
  const focused = (event: FocusEvent): void => {
    if (isWithin(event.target, WRITES)) wishes.releaseAll();
  };
  const view = page.defaultView;
  page.addEventListener("keydown", down);
  page.addEventListener("keyup", up);
  page.addEventListener("focusin", focused);
  page.addEventListener("visibilitychange", away);
  view?.addEventListener("blur", away);
  return () => {
    page.removeEventListener("keydown", down);
    page.removeEventListener("keyup", up);
    page.removeEventListener("focusin", focused);
    page.removeEventListener("visibilitychange", away);
    view?.removeEventListener("blur", away);
  };
}

function isWithin(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
