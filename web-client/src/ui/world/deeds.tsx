// What was done, with how it stands with each deed.
import type { JSX } from "preact";

import type { DeedFate, Playing } from "../../playing.ts";
import { NOTHING_DONE, savedWords } from "../../strings/panels.ts";
import { grouped } from "./grouped.ts";
import { Panel } from "./panel.tsx";

export function Deeds({ playing }: { readonly playing: Playing }): JSX.Element {
  const lines = grouped(playing.deeds.value);
  return (
    <Panel id="deeds" title="What you did" note={savedWords(playing.waitingCount.value)}>
      {lines.length === 0 ? (
        <p class="small">{NOTHING_DONE}</p>
      ) : (
        <ul class="lines scroll" tabIndex={0} aria-label="What you did, newest first">
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

const FATES: Readonly<Record<DeedFate["type"], string>> = {
  waiting: "… waiting",
  saved: "✓ saved",
  refused: "✗ refused",
  given_up: "? given up",
};
