// Whether all that was done is saved, in two words.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { PANEL_WORDS, savedWords } from "../../strings/panels.ts";

/** How long nothing must wait before it is said: while somebody walks, the words would flicker with every step. */
const SETTLED_MS = 500;

/** How few may wait to be called saving, while all is well. */
const FEW = 3;

export function SavedMark({ playing }: { readonly playing: Playing }): JSX.Element {
  const isSettled = useSignal(true);
  useSignalEffect(() => {
    if (playing.waitingCount.value > 0) {
      isSettled.value = false;
      return undefined;
    }
    const timer = setTimeout(() => (isSettled.value = true), SETTLED_MS);
    return () => {
      clearTimeout(timer);
    };
  });
  const count = playing.waitingCount.value;
  if (count === 0 && isSettled.value) return <p class="saved all">{savedWords(0)}</p>;
  const isBrief = count <= FEW && playing.connection.value.name === "PLAYING";
  return <p class="saved">{isBrief ? PANEL_WORDS.saving : savedWords(count)}</p>;
}
