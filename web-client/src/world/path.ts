// The way from one tile to another: A* over the eight directions, around what is in the way.
import type { TilePlace } from "../playing.ts";
import { STEP, stepsBetween, tileKey } from "./tile.ts";

/** How many tiles are looked at; beyond that there is no way, or none that anybody would walk by a tap. */
export const TILES_LOOKED_AT_MAX = 8_192;

/** Whether one can stand on a tile. */
export type CanStand = (tile: TilePlace) => boolean;

const WAYS = Object.values(STEP);
/** A diagonal step takes no longer, but of two ways as short the straight one looks better. */
const DIAGONAL_COST = 1.001;

interface Node {
  readonly tile: TilePlace;
  readonly before: Node | null;
  readonly cost: number;
  readonly estimate: number;
}

/**
 * Whether a step leads from a tile to a neighbouring one. The world also lets people squeeze diagonally between two
 * corners; that looks like walking through a wall, and nobody's way leads there.
 */
export function canStep(from: TilePlace, to: TilePlace, canStand: CanStand): boolean {
  if (!canStand(to)) return false;
  if (from.x === to.x || from.y === to.y) return true;
  return canStand({ x: from.x, y: to.y }) || canStand({ x: to.x, y: from.y });
}

/**
 * The tiles to walk over, the last one at most `near` steps from the goal; empty where one is there already, null where
 * there is no way.
 */
export function findPath(from: TilePlace, goal: TilePlace, near: number, canStand: CanStand): TilePlace[] | null {
  const open = new Heap();
  const best = new Map<number, number>([[tileKey(from), 0]]);
  open.push({ tile: from, before: null, cost: 0, estimate: stepsBetween(from, goal) });
  for (let lookedAt = 0; lookedAt < TILES_LOOKED_AT_MAX; lookedAt += 1) {
    const node = open.pop();
    if (node === null) return null;
    if (stepsBetween(node.tile, goal) <= near) return wayTo(node);
    // A cheaper way to this tile was found after this one was noted.
    if (node.cost > (best.get(tileKey(node.tile)) ?? 0)) continue;
    for (const { dx, dy } of WAYS) {
      const tile = { x: node.tile.x + dx, y: node.tile.y + dy };
      if (!canStep(node.tile, tile, canStand)) continue;
      const cost = node.cost + (dx !== 0 && dy !== 0 ? DIAGONAL_COST : 1);
      const key = tileKey(tile);
      if (cost >= (best.get(key) ?? Infinity)) continue;
      best.set(key, cost);
      open.push({ tile, before: node, cost, estimate: cost + stepsBetween(tile, goal) });
    }
  }
  return null;
}

function wayTo(end: Node): TilePlace[] {
  const tiles: TilePlace[] = [];
  for (let node = end; node.before !== null; node = node.before) tiles.push(node.tile);
  return tiles.toReversed();
}

/** A binary heap: the node with the lowest estimate comes first. */
class Heap {
  private readonly nodes: Node[] = [];

  push(node: Node): void {
    let place = this.nodes.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.nodes[above];
      if (parent === undefined || parent.estimate <= node.estimate) break;
      this.nodes[place] = parent;
      place = above;
    }
    this.nodes[place] = node;
  }

  pop(): Node | null {
    const first = this.nodes[0];
    const last = this.nodes.pop();
    if (first === undefined || last === undefined) return null;
    if (this.nodes.length > 0) this.sink(last);
    return first;
  }

  private sink(node: Node): void {
    let place = 0;
    for (;;) {
      const left = place * 2 + 1;
      const [a, b] = [this.nodes[left], this.nodes[left + 1]];
      const child = b !== undefined && a !== undefined && b.estimate < a.estimate ? b : a;
      if (child === undefined || child.estimate >= node.estimate) break;
      this.nodes[place] = child;
      place = child === a ? left : left + 1;
    }
    this.nodes[place] = node;
  }
}
