// The keys that belong to the panels. Walking and picking up are the village's own, and so is the wish to talk: the
// village hears the key, and the panel answers.
import { useEffect, useRef } from "preact/hooks";

import { CHAT_WANTED } from "../../playing.ts";

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
    const talk = (): void => {
      latest.current.talk();
    };
    addEventListener("keydown", press);
    document.addEventListener(CHAT_WANTED, talk);
    return () => {
      removeEventListener("keydown", press);
      document.removeEventListener(CHAT_WANTED, talk);
    };
  }, []);
}

function handle({ key, target }: KeyboardEvent, { help, close }: Shortcuts): boolean {
  if (key === "Escape") {
    close();
    return true;
  }
  if (key !== "?" || isTypedInto(target)) return false;
  help();
  return true;
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
