// What was done, with how it stands with each deed.
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { FATES, NOTHING_DONE, PANEL_WORDS, savedWords } from "../../strings/panels.ts";
import { grouped } from "./grouped.ts";
import { Panel } from "./panel.tsx";

export function Deeds({ playing }: { readonly playing: Playing }): JSX.Element {
  const lines = grouped(playing.deeds.value);
  return (
    <Panel id="deeds" title={PANEL_WORDS.deeds} note={savedWords(playing.waitingCount.value)}>
      {lines.length === 0 ? (
        <p class="small">{NOTHING_DONE}</p>
      ) : (
        <ul class="lines scroll" tabIndex={0} data-keys="scroll" aria-label={PANEL_WORDS.deedsNewest}>
          {lines.map(({ key, what, fate }) => (
            <li key={key} class={`deed ${fate.type}`}>
              <span class="grow">
                {what}
                {(fate.type === "refused" || fate.type === "given_up") && <small>{fate.sentence}</small>}
              </span>
              <span class="fate">{FATES[fate.type]}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
