// What the panels are told, as signals that change only where something has: a panel that shows the bag is not drawn
// again because somebody took a step.
import { type ConnectionState, CONNECTING } from "@holdfast/client";
import type { EntityId } from "@holdfast/protocol";
import { type Signal, signal } from "@preact/signals";

import type { BagSlot, ChatLine, Deed, Me, Neighbour, Notice, Reachable, TilePlace } from "../playing.ts";
import type { Sight } from "./sight.ts";
import { directionTowards, stepsBetween } from "./tile.ts";

/** How many places a bag has. */
export const BAG_SLOTS = 12;
/** How many steps one reaches. */
export const REACH_STEPS = 1;
/** So many of those in view are told of, the nearest: nobody reads a longer list. */
export const NEIGHBOURS_MAX = 40;
/** How long a notice stands. */
export const NOTICE_MS = 5_000;
/** So long it stands at least, also where something else was done meanwhile. */
export const NOTICE_READ_MS = 1_500;

/** The signals, and how they are set. */
export class WorldSignals {
  readonly connection = signal<ConnectionState>(CONNECTING);
  readonly retryInMs = signal<number | null>(null);
  readonly me = signal<Me | null>(null);
  readonly bag = signal<readonly BagSlot[]>(bagOf([]));
  readonly chat = signal<readonly ChatLine[]>([]);
  readonly reachable = signal<readonly Reachable[]>([]);
  readonly neighbours = signal<readonly Neighbour[]>([]);
  readonly deeds = signal<readonly Deed[]>([]);
  readonly waitingCount = signal(0);
  readonly notice = signal<Notice | null>(null);
  readonly isKept = signal(true);
  private noticeCount = 0;
  private noticedAt = -Infinity;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setInterval> | undefined;

  /** Shows a sentence for a while. */
  say(sentence: string): void {
    this.noticeCount += 1;
    this.notice.value = { key: this.noticeCount, sentence };
    this.noticedAt = performance.now();
    this.endNoticeIn(NOTICE_MS);
  }

  /** Something was done: what was said before it is passed, as soon as it could be read. */
  passNotice(): void {
    if (this.notice.peek() === null) return;
    this.endNoticeIn(Math.max(0, this.noticedAt + NOTICE_READ_MS - performance.now()));
  }

  private endNoticeIn(ms: number): void {
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => {
      this.notice.value = null;
    }, ms);
  }

  /** It stands otherwise with the connection. */
  setConnection(state: ConnectionState): void {
    this.connection.value = state;
    clearInterval(this.retryTimer);
    const { nextTryAt } = state;
    const count = (): void => {
      this.retryInMs.value = nextTryAt === null ? null : Math.max(0, Math.ceil((nextTryAt - performance.now()) / 1_000)) * 1_000;
    };
    count();
    // Often enough that no second is skipped, whenever the first one ends.
    if (nextTryAt !== null) this.retryTimer = setInterval(count, 200);
  }

  /** What is in view has changed. */
  see(sight: Sight, id: EntityId, isWanted: (item: EntityId) => boolean, standing: TilePlace): void {
    const { people, vitals, bag } = sight;
    const own = people.get(id);
    if (own !== undefined) {
      const { name, archetype, position } = own;
      set(this.me, { id, name, archetype, tile: position.tile, health: vitals?.health ?? 0, energy: vitals?.energy ?? 0 });
    }
    set(this.bag, bagOf(bag));
    set(this.reachable, reachableFrom(sight, isWanted, standing));
    const neighbours: Neighbour[] = [];
    for (const { id: other, name, archetype, isAsleep, position } of people.values()) {
      const steps = stepsBetween(position.tile, standing);
      if (other !== id) neighbours.push({ id: other, name, archetype, isAsleep, tile: position.tile, steps, direction: directionTowards(standing, position.tile) });
    }
    neighbours.sort((a, b) => a.steps - b.steps || (a.id < b.id ? -1 : 1));
    set(this.neighbours, neighbours.slice(0, NEIGHBOURS_MAX));
  }

  setDeeds(deeds: readonly Deed[], waitingCount: number): void {
    this.deeds.value = deeds;
    this.waitingCount.value = waitingCount;
  }

  close(): void {
    clearTimeout(this.noticeTimer);
    clearInterval(this.retryTimer);
  }
}

/** What can be picked up from there and is not asked for yet: nearest first. */
export function reachableFrom({ items }: Sight, isWanted: (item: EntityId) => boolean, standing: TilePlace): Reachable[] {
  const near: { readonly reachable: Reachable; readonly far: number }[] = [];
  for (const { id, item, position } of items.values()) {
    const { tile } = position;
    if (stepsBetween(tile, standing) > REACH_STEPS || isWanted(id)) continue;
    near.push({ reachable: { id, ...item, tile }, far: Math.abs(tile.x - standing.x) + Math.abs(tile.y - standing.y) });
  }
  return near.toSorted((a, b) => a.far - b.far || (a.reachable.id < b.reachable.id ? -1 : 1)).map(({ reachable }) => reachable);
}

function bagOf(items: Sight["bag"]): BagSlot[] {
  return Array.from({ length: BAG_SLOTS }, (_, slot) => {
    const found = items.find(({ carried }) => carried.slot === slot);
    return { slot, item: found === undefined ? null : { id: found.id, ...found.item } };
  });
}

function set<Value>(to: Signal<Value>, value: Value): void {
  if (!isSame(to.peek(), value)) to.value = value;
}

/** Whether two plain values say the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [one, other] = [Object.entries(a), Object.entries(b)];
  return one.length === other.length && one.every(([name, value], place) => {
    const [otherName, otherValue] = other[place] ?? [];
    return name === otherName && isSame(value, otherValue);
  });
}
