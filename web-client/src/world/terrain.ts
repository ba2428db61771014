// The map as the server serves it: what each tile is of, and where one can walk. It never changes while it is shown.
import type { TilePlace } from "../playing.ts";

/** What tiles are of. Their numbers are the map's. */
export const Ground = { grass: 1, path: 2, water: 3, sand: 4, rock: 5, wall: 6 } as const;

const WALKABLE = 0x80;
const HEADER_BYTES = 4;

/** Bytes that are no map. */
export class TerrainError extends Error {
  override readonly name = "TerrainError";
}

/** The map. */
export class Terrain {
  readonly width: number;
  readonly height: number;
  /** Row by row. */
  private readonly tiles: Uint8Array;

  private constructor(width: number, height: number, tiles: Uint8Array) {
    this.width = width;
    this.height = height;
    this.tiles = tiles;
  }

  /** The map that these bytes are: width and height, two bytes each, and a byte for each tile. Throws a TerrainError. */
  static decode(bytes: ArrayBuffer): Terrain {
    if (bytes.byteLength < HEADER_BYTES) throw new TerrainError("the map has no header");
    const header = new DataView(bytes);
    const [width, height] = [header.getUint16(0, true), header.getUint16(2, true)];
    if (width === 0 || height === 0) throw new TerrainError("the map has no tiles");
    if (bytes.byteLength !== HEADER_BYTES + width * height) {
      throw new TerrainError(`${bytes.byteLength} bytes are no map of ${width} by ${height} tiles`);
    }
    return new Terrain(width, height, new Uint8Array(bytes, HEADER_BYTES));
  }

  has({ x, y }: TilePlace): boolean {
    return x >= 0 && y >= 0 && x < this.width && y < this.height;
  }

  /** What the tile is of. Beyond the border it goes on as it is there, so that no border has an edge. */
  groundAt(x: number, y: number): number {
    const column = Math.min(Math.max(x, 0), this.width - 1);
    const row = Math.min(Math.max(y, 0), this.height - 1);
    return (this.tiles[row * this.width + column] ?? 0) & ~WALKABLE;
  }

  isWalkable({ x, y }: TilePlace): boolean {
    return this.has({ x, y }) && ((this.tiles[y * this.width + x] ?? 0) & WALKABLE) !== 0;
  }
}
