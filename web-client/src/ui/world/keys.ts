// The keys that belong to the panels. Walking and picking up are the village's own.
import { useEffect, useRef } from "preact/hooks";

/** What the keys do. */
export interface Shortcuts {
  readonly talk: () => void;
  readonly help: () => void;
  readonly close: () => void;
}

/** Listens as long as the panels are there. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (handle(event, latest.current)) event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => {
      removeEventListener("keydown", press);
    };
  }, []);
}

function handle({ key, target }: KeyboardEvent, { talk, help, close }: Shortcuts): boolean {
  if (key === "Escape") {
    close();
    return true;
  }
  if (isTypedInto(target)) return false;
  if (key === "?") {
    help();
    return true;
  }
  // On a button, Enter presses it.
  if (key === "Enter" && isVillage(target)) {
    talk();
    return true;
  }
  return false;
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function isVillage(target: EventTarget | null): boolean {
  return target === document.body || target instanceof HTMLCanvasElement;
}
