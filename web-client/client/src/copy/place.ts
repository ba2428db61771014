// One place of a copy: a chunk, or what is the client's own. Entities by id, each its parts by tag.
import type { EntityId, EntityWrite, PartTag } from "@holdfast/protocol";

import { entityHash } from "./hash.ts";

/**
 * An entity's parts, as the game encoded them. They are never changed in place: whenever something of an entity
 * changes it gets another map, so that whatever was made of its parts can be kept by the map's identity.
 */
export type Parts = ReadonlyMap<PartTag, Uint8Array>;

/** What is in one place. */
export class Place {
  private readonly entities = new Map<EntityId, Parts>();

  get size(): number {
    return this.entities.size;
  }

  has(id: EntityId): boolean {
    return this.entities.has(id);
  }

  get(id: EntityId): Parts | undefined {
    return this.entities.get(id);
  }

  /** One part of an entity. */
  part(id: EntityId, tag: PartTag): Uint8Array | undefined {
    return this.entities.get(id)?.get(tag);
  }

  /** All that is here, in no order. */
  all(): Iterable<[EntityId, Parts]> {
    return this.entities.entries();
  }

  ids(): Iterable<EntityId> {
    return this.entities.keys();
  }

  /** The sum of the entities' hashes, modulo 2^32. */
  hash(): number {
    let sum = 0;
    for (const [id, parts] of this.entities) sum = (sum + entityHash(id, parts)) >>> 0;
    return sum;
  }

  /** Whether exactly those on the roster are here. */
  holdsExactly(roster: readonly EntityId[]): boolean {
    return this.size === new Set(roster).size && roster.every((id) => this.has(id));
  }

  remove(id: EntityId): void {
    this.entities.delete(id);
  }

  /** Drops whoever is not on the roster, and says who that was. */
  keepOnly(roster: readonly EntityId[]): EntityId[] {
    const staying = new Set(roster);
    const gone = [...this.ids()].filter((id) => !staying.has(id));
    for (const id of gone) this.entities.delete(id);
    return gone;
  }

  /** Replaces what arrives whole and updates what changed. False where that which changed is not here. */
  write({ id, whole, parts }: EntityWrite): boolean {
    const before = this.entities.get(id);
    if (!whole && before === undefined) return false;
    const after = new Map(whole ? [] : before);
    // What is decoded shares the message's memory: a part of a few bytes must not hold on to all of a snapshot.
    for (const { tag, body } of parts) after.set(tag, body.slice());
    this.entities.set(id, after);
    return true;
  }

  /** In what this differs from the place that it should equal, one line for each entity. */
  differences(shouldBe: Place, name: string): string[] {
    const wrong = [...shouldBe.all()]
      .filter(([id, parts]) => describe(this.get(id)) !== describe(parts))
      .map(([id, parts]) => `${name}: entity ${id} is ${describe(this.get(id))}, should be ${describe(parts)}`);
    const extra = [...this.ids()].filter((id) => !shouldBe.has(id)).map((id) => `${name}: entity ${id} should not be there`);
    return [...wrong, ...extra];
  }
}

function describe(parts: Parts | undefined): string {
  if (parts === undefined) return "not there";
  const each = [...parts].toSorted(([a], [b]) => a - b).map(([tag, body]) => `${tag}: [${body.join(" ")}]`);
  return `{${each.join(", ")}}`;
}
