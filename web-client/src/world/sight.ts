// What there is to see in the copy, read from the game's parts.
//
// Parts are decoded once: a copy never changes an entity's parts in place, so what was read from them stays true for as
// long as the very same map is there.
import type { Parts, WorldCopy } from "@holdfast/client";
import {
  type Carried,
  decodeVillagePart,
  type EntityId,
  type Item,
  type Looks,
  type Position,
  type Utterance,
  type VillagePart,
  type Vitals,
} from "@holdfast/protocol";

/** An entity's parts as values. */
export interface Decoded {
  position?: Position;
  looks?: Looks;
  vitals?: Vitals;
  item?: Item;
  carried?: Carried;
  utterance?: Utterance;
  asleep?: object;
}

/** Somebody in view. */
export interface Person {
  readonly id: EntityId;
  readonly name: string;
  readonly archetype: string;
  readonly position: Position;
  readonly isAsleep: boolean;
}

/** Something that lies on the ground. */
export interface GroundItem {
  readonly id: EntityId;
  readonly item: Item;
  readonly position: Position;
}

/** Words in the air. */
export interface Words {
  readonly id: EntityId;
  readonly utterance: Utterance;
  readonly position: Position;
}

/** Something in the bag. */
export interface BagItem {
  readonly id: EntityId;
  readonly item: Item;
  readonly carried: Carried;
}

/** All that is in view, and one's own. */
export interface Sight {
  readonly people: ReadonlyMap<EntityId, Person>;
  readonly items: ReadonlyMap<EntityId, GroundItem>;
  readonly words: ReadonlyMap<EntityId, Words>;
  readonly bag: readonly BagItem[];
  readonly vitals: Vitals | null;
}

export const NOTHING_SEEN: Sight = { people: new Map(), items: new Map(), words: new Map(), bag: [], vitals: null };

const read = new WeakMap<Parts, Decoded>();

function decoded(parts: Parts): Decoded {
  const known = read.get(parts);
  if (known !== undefined) return known;
  const values: Decoded = {};
  for (const [tag, body] of parts) {
    const part = partOf(tag, body);
    if (part !== null) Object.assign(values, { [part.type]: part.value });
  }
  read.set(parts, values);
  return values;
}

/** Null where this page knows no such part: it is not shown, and everything else is. */
function partOf(tag: number, body: Uint8Array): VillagePart | null {
  try {
    return decodeVillagePart(tag, body);
  } catch {
    return null;
  }
}

/** Looks at everything that the copy of `me`'s client holds. */
export function look(copy: WorldCopy, me: EntityId): Sight {
  const people = new Map<EntityId, Person>();
  const items = new Map<EntityId, GroundItem>();
  const words = new Map<EntityId, Words>();
  for (const [, place] of copy.chunks()) {
    for (const [id, parts] of place.all()) {
      const { position, looks, item, utterance, asleep } = decoded(parts);
      if (position === undefined) continue;
      if (looks !== undefined) people.set(id, { id, ...looks, position, isAsleep: asleep !== undefined });
      else if (item !== undefined) items.set(id, { id, item, position });
      else if (utterance !== undefined) words.set(id, { id, utterance, position });
    }
  }
  const bag: BagItem[] = [];
  for (const [id, parts] of copy.own.all()) {
    const { item, carried } = decoded(parts);
    if (item !== undefined && carried !== undefined) bag.push({ id, item, carried });
  }
  const own = copy.own.get(me);
  return { people, items, words, bag, vitals: (own === undefined ? undefined : decoded(own).vitals) ?? null };
}
