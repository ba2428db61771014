// What the ground of a test's world is made of, as its server serves it, and ways over it: how a test knows where somebody
// can stand.
import { Terrain } from "../src/world/terrain.ts";

/** A tile of the map. */
export interface Tile {
  readonly x: number;
  readonly y: number;
}

/** The keys that walk. */
export type Arrow = "ArrowUp" | "ArrowRight" | "ArrowDown" | "ArrowLeft";

const ARROWS = [
  ["ArrowUp", 0, -1],
  ["ArrowRight", 1, 0],
  ["ArrowDown", 0, 1],
  ["ArrowLeft", -1, 0],
] as const;

/** The eight tiles around one. */
const AROUND = [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => ({ x, y }))).filter(({ x, y }) => x !== 0 || y !== 0);

/** The ground. */
export class Ground {
  readonly width: number;
  readonly height: number;
  private readonly terrain: Terrain;

  private constructor(terrain: Terrain) {
    this.terrain = terrain;
    this.width = terrain.width;
    this.height = terrain.height;
  }

  static async of(url: string): Promise<Ground> {
    const world = (await (await fetch(`${url}/api/world`)).json()) as { readonly content: { readonly terrain: string } };
    const bytes = await (await fetch(`${url}${world.content.terrain}`)).arrayBuffer();
    return new Ground(Terrain.decode(bytes));
  }

  isWalkable(tile: Tile): boolean {
    return this.terrain.isWalkable(tile);
  }

  /** The walkable tiles around one. */
  around({ x, y }: Tile): readonly Tile[] {
    return AROUND.map((by) => ({ x: x + by.x, y: y + by.y })).filter((tile) => this.isWalkable(tile));
  }

  /** The keys that lead from one tile to another, without a diagonal and around those who stand in the way. */
  keys(from: Tile, to: Tile, taken: readonly Tile[] = []): readonly Arrow[] {
    const keyOf = ({ x, y }: Tile): number => y * this.width + x;
    const seen = new Map<number, readonly Arrow[]>([[keyOf(from), []]]);
    for (const tile of taken) seen.set(keyOf(tile), []);
    for (let edge = [from]; edge.length > 0; ) {
      const next: Tile[] = [];
      for (const tile of edge) {
        const way = seen.get(keyOf(tile)) ?? [];
        if (tile.x === to.x && tile.y === to.y) return way;
        for (const [arrow, dx, dy] of ARROWS) {
          const there = { x: tile.x + dx, y: tile.y + dy };
          if (seen.has(keyOf(there)) || !this.isWalkable(there)) continue;
          seen.set(keyOf(there), [...way, arrow]);
          next.push(there);
        }
      }
      edge = next;
    }
    throw new Error(`there is no way from ${from.x}, ${from.y} to ${to.x}, ${to.y}`);
  }
}
