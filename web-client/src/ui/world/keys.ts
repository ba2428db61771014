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

/** Whether somebody goes by Tab is told to the style sheet: then it shows where they are. */
export function useTabbing(): void {
  useEffect(() => {
    const { classList } = document.documentElement;
    const press = ({ key }: KeyboardEvent): void => {
      if (key === "Tab") classList.add("by-tab");
    };
    const point = (): void => classList.remove("by-tab");
    addEventListener("keydown", press);
    addEventListener("pointerdown", point);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("pointerdown", point);
    };
  }, []);
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
