// The chunks' ground, painted once each.
import type { Terrain } from "../world/terrain.ts";
import { CHUNK_PX, paintGround } from "./ground.ts";

/** How many are kept: several screens full. Beyond that the one that was drawn longest ago goes. */
const CHUNKS_MAX = 48;

/** Pictures of chunks. */
export class ChunkCache {
  /** Those that were drawn last come last. */
  private readonly pictures = new Map<number, HTMLCanvasElement>();
  private readonly terrain: Terrain;

  constructor(terrain: Terrain) {
    this.terrain = terrain;
  }

  /** The ground of the chunk in this column and row, a pixel for each of ours. */
  picture(column: number, row: number): HTMLCanvasElement {
    const key = row * 0x1_0000 + column;
    const picture = this.pictures.get(key) ?? this.paint(column, row);
    this.pictures.delete(key);
    this.pictures.set(key, picture);
    const [oldest] = this.pictures.keys();
    if (this.pictures.size > CHUNKS_MAX && oldest !== undefined) this.pictures.delete(oldest);
    return picture;
  }

  /** Paints the chunk where it is not there yet, for when it will be seen. Whether it did: once a frame is enough. */
  prepare(column: number, row: number): boolean {
    const isThere = this.pictures.has(row * 0x1_0000 + column);
    if (!isThere) this.picture(column, row);
    return !isThere;
  }

  private paint(column: number, row: number): HTMLCanvasElement {
    const picture = document.createElement("canvas");
    picture.width = CHUNK_PX;
    picture.height = CHUNK_PX;
    const to = picture.getContext("2d");
    if (to !== null) {
      const image = to.createImageData(CHUNK_PX, CHUNK_PX);
      paintGround(this.terrain, column, row, new Uint32Array(image.data.buffer));
      to.putImageData(image, 0, 0);
    }
    return picture;
  }
}
