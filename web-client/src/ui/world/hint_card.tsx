// One thing to try, at a first visit.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { HINT_SAYS } from "../../strings/hints.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";
import { hintAfter } from "./hints.ts";
import type { Visits } from "./visits.ts";

/** How long what asks for nothing stays. */
const READ_MS = 12_000;

export function HintCard({ visits }: { readonly visits: Visits }): JSX.Element | null {
  const hint = hintAfter(visits.done.value);
  useEffect(() => {
    if (hint !== "saved") return undefined;
    const timer = setTimeout(() => visits.putAway(hint), READ_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [hint]);
  if (hint === null) return null;
  const { keys, touch } = HINT_SAYS[hint];
  return (
    <section class="hint" aria-label={PANEL_WORDS.hint}>
      <p role="status">
        <span class="for-keys">{keys}</span>
        <span class="for-touch">{touch}</span>
      </p>
      <button type="button" class="quiet" onClick={() => (hint === "saved" ? visits.putAway(hint) : visits.putAllAway())}>
        {hint === "saved" ? PANEL_WORDS.gotIt : PANEL_WORDS.noHints}
      </button>
    </section>
  );
}
