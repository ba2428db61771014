// What a client holds of the world: its copy of the view, kept current by the server's frames.
//
// Where it stands in the data path: the core hands each decoded frame to `receive`; what comes back is the sync token at
// which the copy now stands, or the divergence that makes it void until a snapshot comes. The invariant: after every
// adopted token the copy equals a fresh snapshot of its view at that tick.
import type {
  ChunkId,
  EntityId,
  Epoch,
  EpochTag,
  Frame,
  SyncToken,
  TokenPoint,
  TokenStamp,
  Welcome,
  WorldId,
} from "@holdfast/protocol";

import type { Divergence } from "./copy/divergence.ts";
import { type Parts, Place } from "./copy/place.ts";
import { frameSizeBytes } from "./copy/size.ts";

/**
 * How many bytes of parts may wait for the one that carries the token. A view is a few hundred KiB at most; a server
 * that sends more is not one whose frames can be applied, and the copy diverges (`too_large`).
 */
export const PENDING_BYTES_MAX = 4 * 1024 * 1024;

/** What became of a part of a frame. */
export type Received =
  /** It waits for the part with the token. */
  | { readonly type: "waits" }
  /** All parts are applied, and this is what the copy stands at. */
  | { readonly type: "adopted"; readonly token: SyncToken }
  /** The copy is void now. */
  | { readonly type: "diverged"; readonly divergence: Divergence };

/** The ownership under which a connection's tokens are given: the welcome's share of a sync token. */
interface Ownership {
  readonly world: WorldId;
  readonly epoch: Epoch;
  readonly tag: EpochTag;
}

/** A client's copy of what it may see. */
export class WorldCopy {
  private ownership: Ownership | null = null;
  private heldToken: SyncToken | null = null;
  private places = new Map<ChunkId, Place>();
  /** In which chunk each entity is; agrees with `places` at all times. */
  private chunkOf = new Map<EntityId, ChunkId>();
  private ownPlace = new Place();
  private pending: Frame[] = [];
  private pendingBytes = 0;

  /**
   * A connection begins: its tokens are given under this welcome's ownership. What is held stays (the first frame builds
   * upon it, or replaces it); parts that the last connection did not complete are dropped.
   */
  welcome({ world, epoch, tag }: Welcome): void {
    this.ownership = { world, epoch, tag };
    this.dropPending();
  }

  /** What Hello shows the server; null where the copy is void. */
  get held(): SyncToken | null {
    return this.heldToken;
  }

  /** Makes the copy void: nothing builds upon it any more, and only a snapshot brings it back. */
  forget(): void {
    this.heldToken = null;
    this.dropPending();
  }

  /**
   * Takes in one part of a frame. A part without a token waits; one with a token is applied together with all that
   * waited. Where the frame does not build upon what is held, or does not lead to what the server says it must, the copy
   * is void afterwards.
   */
  receive(part: Frame): Received {
    const received = this.take(part);
    if (received.type === "diverged") this.forget();
    return received;
  }

  private take(part: Frame): Received {
    const wrongBase = this.checkBase(part.from);
    if (wrongBase !== null) return diverged(wrongBase);
    this.pendingBytes += frameSizeBytes(part);
    if (this.pendingBytes > PENDING_BYTES_MAX) return diverged({ type: "too_large" });
    this.pending.push(part);
    if (part.token === null) return { type: "waits" };
    const parts = this.pending;
    this.dropPending();
    return this.adopt(parts, part.token);
  }

  private checkBase(from: TokenPoint | null): Divergence | null {
    const first = this.pending[0];
    if (first !== undefined && !samePoint(first.from, from)) return { type: "mixed_parts" };
    const held = this.heldToken === null ? null : { epoch: this.heldToken.epoch, tick: this.heldToken.tick };
    return from !== null && !samePoint(from, held) ? { type: "other_base", held, from } : null;
  }

  /** All that left first, then all that entered and changed, then the token. */
  private adopt(parts: readonly Frame[], stamp: TokenStamp): Received {
    if (this.ownership === null) return diverged({ type: "not_welcomed" });
    if (parts.every(({ from }) => from === null)) {
      this.places.clear();
      this.chunkOf.clear();
      this.ownPlace = new Place();
    }
    for (const part of parts) this.leave(part);
    for (const part of parts) {
      const wrong = this.enter(part);
      if (wrong !== null) return diverged(wrong);
    }
    for (const [chunk, place] of this.places) if (place.size === 0) this.places.delete(chunk);
    for (const part of parts) {
      const wrong = this.check(part);
      if (wrong !== null) return diverged(wrong);
    }
    const token = { ...this.ownership, tick: stamp.tick, center: stamp.center };
    this.heldToken = token;
    return { type: "adopted", token };
  }

  private leave({ lost, rosters, own }: Frame): void {
    for (const chunk of lost) {
      for (const id of this.places.get(chunk)?.ids() ?? []) this.chunkOf.delete(id);
      this.places.delete(chunk);
    }
    for (const { chunk, ids } of rosters) {
      for (const id of this.places.get(chunk)?.keepOnly(ids) ?? []) this.chunkOf.delete(id);
    }
    if (own.roster !== null) this.ownPlace.keepOnly(own.roster);
  }

  private enter({ chunks, own }: Frame): Divergence | null {
    for (const { chunk, entities } of chunks) {
      for (const entity of entities) {
        if (entity.whole) this.moveTo(entity.id, chunk);
        if (!this.placeOf(chunk).write(entity)) return { type: "unknown_entity", chunk, id: entity.id };
      }
    }
    for (const entity of own.entities) {
      if (!this.ownPlace.write(entity)) return { type: "unknown_entity", chunk: null, id: entity.id };
    }
    return null;
  }

  private placeOf(chunk: ChunkId): Place {
    const there = this.places.get(chunk);
    if (there !== undefined) return there;
    const place = new Place();
    this.places.set(chunk, place);
    return place;
  }

  /** An entity is in one chunk at a time: whoever arrives whole leaves wherever it was. */
  private moveTo(id: EntityId, chunk: ChunkId): void {
    const before = this.chunkOf.get(id);
    this.chunkOf.set(id, chunk);
    if (before !== undefined && before !== chunk) this.places.get(before)?.remove(id);
  }

  private check({ rosters, own, hashes }: Frame): Divergence | null {
    for (const { chunk, ids } of rosters) {
      const exact = this.places.get(chunk)?.holdsExactly(ids) ?? ids.length === 0;
      if (!exact) return { type: "membership", chunk };
    }
    if (own.roster !== null && !this.ownPlace.holdsExactly(own.roster)) return { type: "membership", chunk: null };
    for (const { chunk, hash } of hashes) {
      const found = this.chunkHash(chunk);
      if (found !== hash) return { type: "hash", chunk, expected: hash, found };
    }
    return null;
  }

  private dropPending(): void {
    this.pending = [];
    this.pendingBytes = 0;
  }

  /** What the copy's chunk hashes to; an empty or unknown chunk hashes to zero. */
  chunkHash(chunk: ChunkId): number {
    return this.places.get(chunk)?.hash() ?? 0;
  }

  /** The chunks in which there is anything, in no order. */
  chunks(): Iterable<[ChunkId, Place]> {
    return this.places.entries();
  }

  /** The entity's parts as everybody in whose view it is sees them, and its chunk. */
  entity(id: EntityId): { readonly chunk: ChunkId; readonly parts: Parts } | undefined {
    const chunk = this.chunkOf.get(id);
    const parts = chunk === undefined ? undefined : this.places.get(chunk)?.get(id);
    return chunk === undefined || parts === undefined ? undefined : { chunk, parts };
  }

  /** What is the client's alone: its character's private parts, and what it carries. */
  get own(): Place {
    return this.ownPlace;
  }

  /** How many entities are in the view. */
  get entityCount(): number {
    return this.chunkOf.size;
  }

  /** In what this copy differs from the one that it should equal, whatever their tokens say: one line for each entity. */
  differences(shouldBe: WorldCopy): string[] {
    const lines = this.ownPlace.differences(shouldBe.ownPlace, "own");
    const nothing = new Place();
    for (const chunk of new Set([...this.places.keys(), ...shouldBe.places.keys()])) {
      const [mine, theirs] = [this.places.get(chunk) ?? nothing, shouldBe.places.get(chunk) ?? nothing];
      lines.push(...mine.differences(theirs, `chunk ${chunk}`));
    }
    return lines;
  }
}

function diverged(divergence: Divergence): Received {
  return { type: "diverged", divergence };
}

function samePoint(a: TokenPoint | null, b: TokenPoint | null): boolean {
  if (a === null || b === null) return a === b;
  return a.epoch === b.epoch && a.tick === b.tick;
}
