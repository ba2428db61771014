// Whether all that was done is saved, in two words: the same ones wherever they stand.
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";

import type { Deed, Playing } from "../../playing.ts";
import { PANEL_WORDS, waitingWords } from "../../strings/panels.ts";

/** How long nothing must wait before it is said: while somebody walks, the words would flicker with every step. */
const SETTLED_MS = 500;

/** How few may wait to be called saving, while all is well. */
const FEW = 3;

/** What there is to say. */
export interface Saved {
  readonly words: string;
  /** Whether nothing waits any more. */
  readonly isAll: boolean;
}

/** The words for this many that wait: `isSettled` where none did for a while, `isWell` where the connection is. */
export function savedOf(waitingCount: number, deeds: readonly Deed[], isSettled: boolean, isWell: boolean): Saved {
  if (waitingCount > 0 || !isSettled) {
    return { words: waitingCount <= FEW && isWell ? PANEL_WORDS.saving : waitingWords(waitingCount), isAll: false };
  }
  const last = deeds.at(-1)?.fate.type;
  // What the world said no to is answered, but nobody would call it saved.
  return { words: last === "refused" || last === "given_up" ? PANEL_WORDS.nothingWaits : PANEL_WORDS.allSaved, isAll: true };
}

/** Follows what is done. */
export function useSaved(playing: Playing): ReadonlySignal<Saved> {
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
  return useComputed(() => savedOf(playing.waitingCount.value, playing.deeds.value, isSettled.value, playing.connection.value.name === "PLAYING"));
}
