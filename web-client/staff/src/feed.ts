// Keeps asking the server, and says what is known and how it stands: one question at a time, a while after the last answer,
// and ever more slowly as long as there is none.
import { type ReadonlySignal, signal } from "@preact/signals";

import { type History, NOTHING_HEARD, sinceOf, withReading } from "./history.ts";
import { type Fault, type Reading, Unreadable } from "./reading.ts";

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 16_000;

/** Why there is nothing new: no answer, or one that this page cannot read. */
export type Trouble = "unreachable" | "unreadable";

/** How it stands with the server. */
export interface Heard {
  readonly history: History;
  /** When it last answered, by the browser's clock in milliseconds since 1970; null where it never has. */
  readonly lastMs: number | null;
  /** What went wrong since then; null where nothing has. */
  readonly trouble: Trouble | null;
  /** What of the last answer could not be read. */
  readonly faults: readonly Fault[];
}

/** What the feed has from outside. */
export interface Surroundings {
  /** Asks for what ended after this time. */
  readonly ask: (sinceMs: number) => Promise<Reading>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The histograms of a server, for as long as the page stands open. */
export class Feed {
  private readonly current = signal<Heard>({ history: NOTHING_HEARD, lastMs: null, trouble: null, faults: [] });
  private readonly surroundings: Surroundings;
  private failureCount = 0;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  get heard(): ReadonlySignal<Heard> {
    return this.current;
  }

  /** Asks now, and again and again. */
  async start(): Promise<void> {
    const waitMs = await this.askOnce();
    setTimeout(() => void this.start(), waitMs);
  }

  /** Asks, and says in how many milliseconds to ask again. */
  private async askOnce(): Promise<number> {
    const { ask, now } = this.surroundings;
    const heard = this.current.peek();
    try {
      const reading = await ask(sinceOf(heard.history));
      this.current.value = { history: withReading(heard.history, reading), lastMs: now(), trouble: null, faults: reading.faults };
      this.failureCount = 0;
      return reading.intervalMs;
    } catch (error) {
      this.current.value = { ...heard, trouble: error instanceof Unreadable ? "unreadable" : "unreachable" };
      this.failureCount += 1;
      return Math.min(RETRY_FIRST_MS * 2 ** (this.failureCount - 1), RETRY_MAX_MS);
    }
  }
}
