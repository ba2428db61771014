// On a phone: the buttons that open one panel at a time. The style sheet hides it where every panel has its place.
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";

/** A panel that can be opened. */
export type Sheet = "talk" | "bag" | "around" | "deeds";

const SHEETS: readonly Sheet[] = ["talk", "bag", "around", "deeds"];

interface Props {
  readonly playing: Playing;
  readonly sheet: Signal<Sheet | null>;
}

export function Bar({ playing, sheet }: Props): JSX.Element {
  const lastRead = useSignal(playing.chat.peek().at(-1)?.id ?? 0n);
  useSignalEffect(() => {
    const newest = playing.chat.value.at(-1)?.id;
    if (sheet.value === "talk" && newest !== undefined) lastRead.value = newest;
  });
  const counts: Readonly<Record<Sheet, number>> = {
    talk: playing.chat.value.filter(({ id, isMine }) => id > lastRead.value && !isMine).length,
    bag: playing.bag.value.filter(({ item }) => item !== null).length,
    around: playing.reachable.value.length,
    deeds: playing.waitingCount.value,
  };
  return (
    <nav class="bar" aria-label={PANEL_WORDS.panels}>
      {SHEETS.map((name) => (
        <button key={name} type="button" aria-expanded={sheet.value === name} aria-controls={name} onClick={() => (sheet.value = sheet.value === name ? null : name)}>
          {PANEL_WORDS.tabs[name]}
          {counts[name] > 0 && <span class={`badge ${name}`}>{counts[name]}</span>}
        </button>
      ))}
    </nav>
  );
}
