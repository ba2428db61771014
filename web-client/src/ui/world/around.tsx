// What is near: things within reach, and people around.
import type { JSX } from "preact";

import { itemPictureOf } from "../../item_pictures.ts";
import type { Playing } from "../../playing.ts";
import { awayWords, NOBODY_HERE, NOTHING_IN_REACH, PANEL_WORDS, someOf } from "../../strings/panels.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { portraitOf } from "../pictures/portraits.ts";
import { Panel } from "./panel.tsx";

interface Props {
  readonly playing: Playing;
  readonly toVillage: () => void;
}

export function Around({ playing, toVillage }: Props): JSX.Element {
  const things = playing.reachable.value;
  const people = playing.neighbours.value;
  return (
    <Panel id="around" title={PANEL_WORDS.around}>
      <h3>{PANEL_WORDS.inReach}</h3>
      {things.length === 0 ? (
        <p class="small">{NOTHING_IN_REACH}</p>
      ) : (
        <ul class="lines">
          {things.map(({ id, kind, count }) => (
            <li key={String(id)}>
              <Pixels picture={itemPictureOf(kind)} size={24} />
              <span class="grow">{someOf(kind, count)}</span>
              <button type="button" class="small-button" aria-label={PANEL_WORDS.pickUpThat(someOf(kind, count))} onClick={() => (playing.pickUp(id), toVillage())}>
                {PANEL_WORDS.pickUp}
              </button>
            </li>
          ))}
        </ul>
      )}
      <details open>
        <summary>
          <h3>{PANEL_WORDS.people(people.length)}</h3>
        </summary>
        {people.length === 0 ? (
          <p class="small">{NOBODY_HERE}</p>
        ) : (
          <ul class="lines">
            {people.map(({ id, name, archetype, isAsleep, steps, direction }) => (
              <li key={String(id)}>
                <Pixels picture={portraitOf(archetype, id)} size={24} />
                <span class="grow">
                  {name}
                  <small>
                    {isAsleep ? PANEL_WORDS.asleep : ""}
                    {awayWords(steps, direction)}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        )}
      </details>
    </Panel>
  );
}
