// What a client has from outside: time, randomness, sockets, and word that the network is back.
import type { Random } from "../random.ts";
import type { SetTimer, Socket } from "./socket.ts";

/** All that a client has from outside. */
export interface Surroundings {
  /** Milliseconds since any fixed start; never going back. */
  readonly now: () => number;
  readonly random: Random;
  readonly setTimer: SetTimer;
  readonly openSocket: (url: string) => Socket;
  /** Calls back whenever waiting may have become needless; returns how to end that. */
  readonly onWake: (wake: () => void) => () => void;
}

/** Something that tells of events, as `window` and `document` do. */
export interface Announcer {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** A page's window and document, as far as a client needs them. */
export interface Page {
  readonly window: Announcer;
  readonly document: Announcer & { readonly visibilityState: string };
}

/** The time, randomness and timers of this process; without a page nobody tells that the network is back. */
export function surroundings(openSocket: (url: string) => Socket, page: Page | null): Surroundings {
  return {
    now: () => performance.now(),
    random: () => Math.random(),
    setTimer: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    openSocket,
    onWake: (wake) => (page === null ? () => {} : listenTo(page, wake)),
  };
}

/** The network is back, or somebody looks at the page again. */
function listenTo({ window, document }: Page, wake: () => void): () => void {
  const seen = (): void => {
    if (document.visibilityState === "visible") wake();
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", seen);
  };
}
