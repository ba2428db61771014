// What stands on top: the sentence about the last minute, and what keeps the page from knowing more.
import type { JSX } from "preact";

import type { Heard } from "./feed.ts";
import { faultWords, promiseWords, troubleWords, verdictAloud, verdictWords, WORDS } from "./strings.ts";
import { ACTION_P95_MAX_MS, verdictOf } from "./verdict.ts";

export function Top({ heard: { history, lastMs, trouble, faults } }: { readonly heard: Heard }): JSX.Element {
  const verdict = verdictOf(history);
  const tone = verdict.type === "quiet" ? "quiet" : verdict.isWithin ? "good" : "bad";
  return (
    <header>
      <h1>{WORDS.title}</h1>
      {trouble !== null && (
        <p class="trouble" role="alert">
          {troubleWords(trouble, lastMs)}
        </p>
      )}
      {lastMs === null ? (
        trouble === null && <p role="status">{WORDS.loading}</p>
      ) : (
        <section class={`verdict ${tone}`} aria-label={WORDS.verdict}>
          <p class="sentence">{verdictWords(verdict)}</p>
          {verdict.type === "actions" && <p class="note">{promiseWords(verdict.isWithin, ACTION_P95_MAX_MS)}</p>}
          {/* Told once for each stage: numbers that are read aloud every few seconds would be a nuisance. */}
          <p class="unseen" role="status">
            {verdictAloud(verdict)}
          </p>
        </section>
      )}
      {faults.map(({ name, reason }) => (
        <p key={name} class="trouble" role="status">
          {faultWords(name, reason)}
        </p>
      ))}
    </header>
  );
}
