// What was done, with how it stands with each deed.
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { FATES, NOTHING_DONE, OLDER_DEEDS, PANEL_WORDS } from "../../strings/panels.ts";
import { ANSWERED_DEEDS_MAX } from "../../world/deeds.ts";
import { grouped } from "./grouped.ts";
import { Panel } from "./panel.tsx";
import type { Saved } from "./saved.ts";

interface Props {
  readonly playing: Playing;
  readonly saved: ReadonlySignal<Saved>;
  readonly toVillage: () => void;
}

export function Deeds({ playing, saved, toVillage }: Props): JSX.Element {
  const lines = grouped(playing.deeds.value);
  return (
    <Panel id="deeds" title={PANEL_WORDS.deeds} note={saved.value.words}>
      {lines.length === 0 ? (
        <p class="small">{NOTHING_DONE}</p>
      ) : (
        <ul class="lines scroll" tabIndex={0} data-keys="scroll" aria-label={PANEL_WORDS.deedsNewest} onClick={toVillage}>
          {lines.map(({ key, what, fate }) => (
            <li key={key} class={`deed ${fate.type}`}>
              <span class="grow">
                {what}
                {(fate.type === "refused" || fate.type === "given_up") && <small>{fate.sentence}</small>}
              </span>
              <span class="fate">{FATES[fate.type]}</span>
            </li>
          ))}
          {lines.length >= ANSWERED_DEEDS_MAX && <li class="small">{OLDER_DEEDS}</li>}
        </ul>
      )}
    </Panel>
  );
}
