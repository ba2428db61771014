// What the ground of a test's world is made of, as its server serves it, and ways over it: how a test knows where somebody
// can stand.
import { findPath } from "../src/world/path.ts";
import { Terrain } from "../src/world/terrain.ts";

/** A tile of the map. */
export interface Tile {
  readonly x: number;
  readonly y: number;
}

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

  /** How many steps it is from one tile to another, around what is in the way; infinitely many where there is no way. */
  steps(from: Tile, to: Tile): number {
    return findPath(from, to, 0, (tile) => this.isWalkable(tile))?.length ?? Infinity;
  }
}
