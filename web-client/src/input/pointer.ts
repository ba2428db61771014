// Mouse, pen and finger on the canvas: a tap goes there, holding keeps walking towards the finger.

/** What a pointer asks for. Places are in the page's pixels, from the canvas's upper left corner. */
export interface PointerWishes {
  tap(x: number, y: number, isTouch: boolean): void;
  /** The finger is down at this place and stays; null once it is up. */
  steer(place: { readonly x: number; readonly y: number } | null): void;
  /** The mouse is over this place; null once it is not over the canvas any more. */
  hover(place: { readonly x: number; readonly y: number } | null): void;
}

/** Whoever lifts the finger earlier has tapped. */
const HOLD_MS = 280;

/** Watches a canvas until the returned function is called. */
export function listenToPointer(canvas: HTMLCanvasElement, wishes: PointerWishes): () => void {
  /** The one pointer that counts: further fingers do nothing. */
  let pressed: { readonly id: number; isHeld: boolean; x: number; y: number } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const placeOf = (event: PointerEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary || pressed !== null) return;
    canvas.setPointerCapture(event.pointerId);
    pressed = { id: event.pointerId, isHeld: false, ...placeOf(event) };
    timer = setTimeout(() => {
      if (pressed === null) return;
      pressed.isHeld = true;
      wishes.steer(pressed);
    }, HOLD_MS);
  };
  const move = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (event.pointerType === "mouse") wishes.hover(place);
    if (pressed?.id !== event.pointerId) return;
    Object.assign(pressed, place);
    if (pressed.isHeld) wishes.steer(place);
  };
  const release = (event: PointerEvent, isTap: boolean): void => {
    if (pressed?.id !== event.pointerId) return;
    clearTimeout(timer);
    const { isHeld, x, y } = pressed;
    pressed = null;
    if (isHeld) wishes.steer(null);
    else if (isTap) wishes.tap(x, y, event.pointerType !== "mouse");
  };
  const up = (event: PointerEvent): void => {
    release(event, true);
  };
  const cancel = (event: PointerEvent): void => {
    release(event, false);
  };
  const leave = (): void => {
    wishes.hover(null);
  };
  // Without this a finger that walks would also scroll and zoom the page.
  canvas.style.touchAction = "none";
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", cancel);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("contextmenu", prevent);
  return () => {
    clearTimeout(timer);
    canvas.removeEventListener("pointerdown", down);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointercancel", cancel);
    canvas.removeEventListener("pointerleave", leave);
    canvas.removeEventListener("contextmenu", prevent);
  };
}

function prevent(event: Event): void {
  event.preventDefault();
}
