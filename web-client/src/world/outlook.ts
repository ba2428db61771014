// How things stand: what is durable as it was seen last, and where what is unanswered will lead from there.
import type { UnansweredAction, WorldCopy } from "@holdfast/client";
import type { EntityId } from "@holdfast/protocol";

import type { TilePlace } from "../playing.ts";
import { verbOf } from "./deeds.ts";
import { predict } from "./prediction.ts";
import { look, NOTHING_SEEN, type Sight } from "./sight.ts";
import type { Terrain } from "./terrain.ts";
import { tileKey } from "./tile.ts";

/** Steps that have no answer for so long are shown as what they are: not yet taken. */
const STALL_MS = 700;

/** How things stand for one's own character. */
export class Outlook {
  private readonly me: EntityId;
  sight: Sight = NOTHING_SEEN;
  terrain: Terrain | null = null;
  /** The durable tile, and those that the unanswered steps lead over. Empty until one's own character is here. */
  way: readonly TilePlace[] = [];
  waitingMoves = 0;
  /** What one is picking up, without an answer yet. */
  wanted: ReadonlySet<EntityId> = new Set();
  /** The tiles on which others stand. */
  private taken: ReadonlySet<number> = new Set();
  private answeredAt = 0;

  constructor(me: EntityId) {
    this.me = me;
  }

  /** Where one's own character is predicted to stand; null until it is here. */
  get standing(): TilePlace | null {
    return this.way.at(-1) ?? null;
  }

  /** The copy has changed. */
  see(copy: WorldCopy): void {
    this.sight = look(copy, this.me);
    const taken = new Set<number>();
    for (const { id, position } of this.sight.people.values()) if (id !== this.me) taken.add(tileKey(position.tile));
    this.taken = taken;
  }

  /** The copy or what is unanswered has changed. */
  reckon(now: number, unanswered: readonly UnansweredAction[]): void {
    const moves: TilePlace[] = [];
    const wanted = new Set<EntityId>();
    for (const { action } of unanswered) {
      const verb = verbOf(action);
      if (verb?.type === "move") moves.push(verb.value.to);
      else if (verb?.type === "pick_up") wanted.add(verb.value.item);
    }
    // Fewer than before: the world has answered. None before: nothing has waited until now.
    if (moves.length < this.waitingMoves || this.waitingMoves === 0) this.answeredAt = now;
    this.waitingMoves = moves.length;
    this.wanted = wanted;
    const durable = this.sight.people.get(this.me)?.position.tile;
    this.way = durable === undefined ? [] : predict(durable, moves, this.canStand);
  }

  /** The unanswered steps, where they have waited so long that people should see which they are; null otherwise. */
  stalled(now: number, isPlaying: boolean): { readonly tile: TilePlace; readonly way: readonly TilePlace[] } | null {
    const [tile, ...way] = this.way;
    if (tile === undefined || way.length === 0) return null;
    return isPlaying && now - this.answeredAt <= STALL_MS ? null : { tile, way };
  }

  isTaken(tile: TilePlace): boolean {
    return this.taken.has(tileKey(tile));
  }

  readonly isWanted = (item: EntityId): boolean => this.wanted.has(item);

  /** Until the map is here, nobody can tell where one can walk. */
  readonly canStand = (tile: TilePlace): boolean => this.terrain !== null && this.terrain.isWalkable(tile) && !this.isTaken(tile);
}
