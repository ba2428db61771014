// The connection as it is shown: a loss that is over at once is not worth a fright.
import type { ConnectionState } from "@holdfast/client";
import { effect, type ReadonlySignal, signal } from "@preact/signals";

/** How long a lost connection may be tried again before it is said. */
export const QUIET_MS = 600;

/** Follows a connection, a little behind where it is only being tried again; and how to end that. */
export function steady(connection: ReadonlySignal<ConnectionState>): { readonly shown: ReadonlySignal<ConnectionState>; readonly stop: () => void } {
  const shown = signal(connection.peek());
  let timer: ReturnType<typeof setTimeout> | null = null;
  const end = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const stopFollowing = effect(() => {
    const state = connection.value;
    const isBrief = state.name === "RECONNECTING" && !state.isOver && shown.peek().name === "PLAYING";
    if (!isBrief) {
      end();
      shown.value = state;
    } else {
      timer ??= setTimeout(() => {
        timer = null;
        shown.value = connection.peek();
      }, QUIET_MS);
    }
  });
  return {
    shown,
    stop: () => {
      stopFollowing();
      end();
    },
  };
}
