// What one carries: twelve places, each with its way out.
import type { JSX } from "preact";

import type { BagSlot, Playing } from "../../playing.ts";
import { BAG_EMPTY, BAG_SAVED, PANEL_WORDS, someOf } from "../../strings/panels.ts";
import { pictureOf } from "../pictures/items.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { Panel } from "./panel.tsx";

interface Props {
  readonly playing: Playing;
  readonly toVillage: () => void;
}

export function Bag({ playing, toVillage }: Props): JSX.Element {
  const slots = playing.bag.value;
  const usedCount = slots.filter(({ item }) => item !== null).length;
  return (
    <Panel id="bag" title={PANEL_WORDS.bag} note={PANEL_WORDS.places(usedCount, slots.length)}>
      <ul class="slots">
        {slots.map((slot) => (
          <li key={slot.slot} class={slot.item === null ? "slot empty" : "slot"}>
            <Slot slot={slot} drop={(item) => (playing.drop(item), toVillage())} />
          </li>
        ))}
      </ul>
      <p class="small">{usedCount === 0 ? BAG_EMPTY : `✓ ${BAG_SAVED}`}</p>
    </Panel>
  );
}

function Slot({ slot: { item }, drop }: { readonly slot: BagSlot; readonly drop: (item: bigint) => void }): JSX.Element {
  if (item === null) return <span class="unseen">{PANEL_WORDS.empty}</span>;
  const { id, kind, count } = item;
  return (
    <>
      <Pixels picture={pictureOf(kind)} size={30} />
      <span class="unseen">{someOf(kind, count)}</span>
      {count > 1 && (
        <span class="count" aria-hidden="true">
          {count}
        </span>
      )}
      <button type="button" class="small-button" aria-label={PANEL_WORDS.dropThat(someOf(kind, count))} onClick={() => drop(id)}>
        {PANEL_WORDS.drop}
      </button>
    </>
  );
}
