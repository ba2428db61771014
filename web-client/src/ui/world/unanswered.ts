// Whether the village has gone silent: something waits, and no answer comes. The connection's own state finds that out some
// seconds later.
import { type ReadonlySignal, signal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import type { Playing } from "../../playing.ts";

/** How long something waits without any answer before it is said. */
export const SILENT_MS = 1_500;

/** Follows how many deeds wait: each that does not any more is an answer. */
export class Unanswered {
  readonly isSilent = signal(false);
  private waitingCount = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  see(waitingCount: number): void {
    const isAnswered = waitingCount < this.waitingCount;
    const isFirst = this.waitingCount === 0 && waitingCount > 0;
    this.waitingCount = waitingCount;
    if (!isAnswered && !isFirst) return;
    this.stop();
    this.isSilent.value = false;
    if (waitingCount > 0) {
      this.timer = setTimeout(() => {
        this.isSilent.value = true;
      }, SILENT_MS);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** Whether it is silent by now. */
export function useUnanswered(playing: Playing): ReadonlySignal<boolean> {
  const following = useMemo(() => new Unanswered(), [playing]);
  useSignalEffect(() => {
    following.see(playing.waitingCount.value);
  });
  useEffect(() => () => following.stop(), [following]);
  return following.isSilent;
}
