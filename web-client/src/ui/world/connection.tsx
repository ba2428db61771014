// What it means that the connection is not well, as long as nothing but patience is needed.
import { type ConnectionState, sentenceOf } from "@holdfast/client";
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";

import { PANEL_WORDS } from "../../strings/panels.ts";
import { retryWords, toneOf } from "../../strings/states.ts";

interface Props {
  readonly shown: ReadonlySignal<ConnectionState>;
  readonly retryInMs: ReadonlySignal<number | null>;
  /** A notice; null where there is none. */
  readonly also: string | null;
}

export function ConnectionBanner({ shown, retryInMs, also }: Props): JSX.Element {
  const state = shown.value;
  const isWaiting = toneOf(state) === "waiting";
  return (
    <>
      {/* Told once for each state: a countdown that is read aloud each second would be a nuisance. */}
      <p class="unseen" role="status">
        {sentenceOf(state)}
      </p>
      {isWaiting && (
        <section class="banner" aria-label={PANEL_WORDS.connection}>
          <p>{sentenceOf(state)}</p>
          <p class="countdown">{state.name === "RECONNECTING" ? retryWords(retryInMs.value ?? 0) : retryWords(retryInMs.value)}</p>
          {also !== null && <p role="status">{also}</p>}
        </section>
      )}
    </>
  );
}
