// On a phone: the buttons that open one panel at a time. The style sheet hides it where every panel has its place.
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";

/** A panel that can be opened. */
export type Sheet = "talk" | "bag" | "around" | "deeds";

const SHEETS: readonly (readonly [Sheet, string])[] = [
  ["talk", "Talk"],
  ["bag", "Bag"],
  ["around", "Around"],
  ["deeds", "Saved"],
];

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
    <nav class="bar" aria-label="Panels">
      {SHEETS.map(([name, title]) => (
        <button key={name} type="button" aria-expanded={sheet.value === name} aria-controls={name} onClick={() => (sheet.value = sheet.value === name ? null : name)}>
          {title}
          {counts[name] > 0 && <span class="badge">{counts[name]}</span>}
        </button>
      ))}
    </nav>
  );
}
