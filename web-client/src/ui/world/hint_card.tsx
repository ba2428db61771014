// One thing to try, at a first visit.
import type { JSX } from "preact";

import { HINT_SAYS } from "../../strings/hints.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";
import { hintAfter } from "./hints.ts";
import type { Visits } from "./visits.ts";

export function HintCard({ visits }: { readonly visits: Visits }): JSX.Element | null {
  const hint = hintAfter(visits.done.value);
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
