// What one carries: twelve places, each with its way out.
import type { JSX } from "preact";

import { itemPictureOf } from "../../item_pictures.ts";
import type { BagSlot, Playing } from "../../playing.ts";
import { BAG_EMPTY, BAG_SAVED, PANEL_WORDS, someOf } from "../../strings/panels.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { Panel } from "./panel.tsx";

interface Props {
  readonly playing: Playing;
  readonly toVillage: () => void;
}

export function Bag({ playing, toVillage }: Props): JSX.Element {
  const drop = (item: bigint, isByPointer: boolean): void => {
    playing.drop(item);
    // Who clicks goes on playing by keys: the next Enter is to talk and not to drop.
    if (isByPointer) toVillage();
  };
  const slots = playing.bag.value;
  const usedCount = slots.filter(({ item }) => item !== null).length;
  return (
    <Panel id="bag" title={PANEL_WORDS.bag} note={PANEL_WORDS.places(usedCount, slots.length)}>
      <ul class="slots">
        {slots.map((slot) => (
          <li key={slot.slot} class={slot.item === null ? "slot empty" : "slot"}>
            <Slot slot={slot} drop={drop} />
          </li>
        ))}
      </ul>
      <p class="small">{usedCount === 0 ? BAG_EMPTY : `✓ ${BAG_SAVED}`}</p>
    </Panel>
  );
}

function Slot({ slot: { item }, drop }: { readonly slot: BagSlot; readonly drop: (item: bigint, isByPointer: boolean) => void }): JSX.Element {
  if (item === null) return <span class="unseen">{PANEL_WORDS.empty}</span>;
  const { id, kind, count } = item;
  return (
    <>
      <Pixels picture={itemPictureOf(kind)} size={30} />
      <span class="unseen">{someOf(kind, count)}</span>
      {count > 1 && (
        <span class="count" aria-hidden="true">
          {count}
        </span>
      )}
      <button type="button" class="small-button" aria-label={PANEL_WORDS.dropThat(someOf(kind, count))} onClick={({ detail }) => drop(id, detail > 0)}>
        {PANEL_WORDS.drop}
      </button>
    </>
  );
}
