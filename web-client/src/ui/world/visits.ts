// What somebody has been told already, from visit to visit: the help at the first one, and the hints one after the other.
import { type ReadonlySignal, type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Playing } from "../../playing.ts";
import type { Kept } from "../../storage.ts";
import { doneAfter, type Hint, hintAfter, HINTS, hintsNamed } from "./hints.ts";

const DONE = "hints_done";

export interface Visits {
  /** At the first visit the help is open until somebody walks. */
  readonly isHelpOpen: Signal<boolean>;
  /** What was done or put away. */
  readonly done: ReadonlySignal<ReadonlySet<Hint>>;
  /** Puts a hint away. */
  readonly putAway: (hint: Hint) => void;
  readonly putAllAway: () => void;
}

export function useVisits(playing: Playing, kept: Kept): Visits {
  const before = useMemo(() => hintsNamed(kept.read(DONE)), [kept]);
  const done = useSignal(before);
  const isHelpOpen = useSignal(hintAfter(before) === HINTS[0]);
  const change = (next: ReadonlySet<Hint>): void => {
    if (next === done.peek()) return;
    if (next.has("walk") && !done.peek().has("walk")) isHelpOpen.value = false;
    done.value = next;
    kept.write(DONE, [...next]);
  };
  useSignalEffect(() => {
    change(doneAfter(done.peek(), playing.deeds.value));
  });
  return {
    isHelpOpen,
    done,
    putAway: (hint) => {
      change(new Set([...done.peek(), hint]));
    },
    putAllAway: () => {
      change(new Set(HINTS));
    },
  };
}
