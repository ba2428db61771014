// The ground of one chunk, pixel by pixel.
//
// The borders between grass, path, sand and water are not where the tiles end: each pixel asks for the ground a little
// beside it, by a drift that is the same everywhere, so that shores and paths run as nature has them. What stands on the
// ground and fills its tile (walls, rock at the border) is drawn on the tiles as they are. Trees and boulders stand taller
// than their tile and are no ground (tree.ts).
import { Ground, type Terrain } from "../world/terrain.ts";
import { chance, drift } from "./noise.ts";
import { FLOOR, GRASS, PATH, PIXELS, PLASTER, SAND, STONE, TIMBER, type Tones, WATER } from "./palette.ts";

/** How many pixels a tile measures. */
export const TILE_PX = 16;
/** How many tiles a chunk measures. */
export const CHUNK_TILES = 16;
export const CHUNK_PX = TILE_PX * CHUNK_TILES;

/** How far from its tile's border a ground may reach or stay behind, in pixels. */
const SWAY_PX = 3.5;
/** How far a pixel looks for another ground: the breadth of a shore. */
const MARGIN = 4;
/** Indoors is where walls are on all sides within so many tiles. */
const ROOM_TILES_MAX = 8;
const INDOORS = 100;
const BRIDGE = 101;

/** Whether rock on this tile is part of the border's cliff rather than something that stands there by itself. */
export function isCliff(terrain: Terrain, x: number, y: number): boolean {
  const isBorder = x <= 0 || y <= 0 || x >= terrain.width - 1 || y >= terrain.height - 1;
  return isBorder && terrain.groundAt(x, y) === Ground.rock;
}

/** Paints the chunk in this column and row: its pixels, row by row. */
export function paintGround(terrain: Terrain, column: number, row: number, pixels: Uint32Array): void {
  const soil = new Soil(terrain, column * CHUNK_PX, row * CHUNK_PX);
  for (let y = 0; y < CHUNK_PX; y += 1) {
    for (let x = 0; x < CHUNK_PX; x += 1) pixels[y * CHUNK_PX + x] = soil.pixel(x, y);
  }
  for (let y = 0; y < CHUNK_TILES; y += 1) {
    for (let x = 0; x < CHUNK_TILES; x += 1) {
      paintUpon(terrain, column * CHUNK_TILES + x, row * CHUNK_TILES + y, pixels, (y * CHUNK_PX + x) * TILE_PX);
    }
  }
}

/**
 * What the pixels of a chunk and around it are of. What drifts slowly is worked out for every second pixel each way: a
 * chunk is painted while somebody walks, and must not be felt.
 */
class Soil {
  private readonly left: number;
  private readonly top: number;
  private readonly size = CHUNK_PX + 2 * MARGIN;
  private readonly grounds: Uint8Array;
  private readonly levels: Float32Array;

  constructor(terrain: Terrain, left: number, top: number) {
    this.left = left;
    this.top = top;
    this.grounds = this.makeGrounds(softGrounds(terrain, left / TILE_PX - 1, top / TILE_PX - 1));
    this.levels = this.makeLevels();
  }

  private makeGrounds(soft: Uint8Array): Uint8Array {
    const { size } = this;
    const half = size / 2 + 1;
    const [swayX, swayY] = [new Float32Array(half * half), new Float32Array(half * half)];
    for (let y = 0; y < half; y += 1) {
      for (let x = 0; x < half; x += 1) {
        const [gx, gy] = [this.left + 2 * x - MARGIN, this.top + 2 * y - MARGIN];
        swayX[y * half + x] = (drift(gx, gy, 7) - 0.5) * 2 * SWAY_PX;
        swayY[y * half + x] = (drift(gx + 900, gy, 7) - 0.5) * 2 * SWAY_PX;
      }
    }
    const grounds = new Uint8Array(size * size);
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        // An odd pixel lies in the middle of those around it, so that borders run without combs.
        const place = (y >> 1) * half + (x >> 1);
        const right = x & 1;
        const below = (y & 1) * half;
        const dx = between(swayX, place, right, below);
        const dy = between(swayY, place, right, below);
        grounds[y * size + x] = groundOf(soft, x - MARGIN, y - MARGIN, dx, dy);
      }
    }
    return grounds;
  }

  /** How light the grass is. */
  private makeLevels(): Float32Array {
    const half = CHUNK_PX / 2;
    const levels = new Float32Array(half * half);
    for (let y = 0; y < half; y += 1) {
      for (let x = 0; x < half; x += 1) {
        const gx = this.left + 2 * x;
        const gy = this.top + 2 * y;
        const grain = chance(gx >> 1, gy >> 1);
        levels[y * half + x] = drift(gx, gy, 34) * 0.55 + drift(gx + 50, gy, 13) * 0.28 + grain * 0.17;
      }
    }
    return levels;
  }

  private at(x: number, y: number): number {
    return this.grounds[(y + MARGIN) * this.size + x + MARGIN] ?? 0;
  }

  /** How many pixels it is to another ground, straight; `MARGIN + 1` where it is further. */
  private toOther(x: number, y: number, ground: number): number {
    for (let far = 1; far <= MARGIN; far += 1) {
      const isSame =
        this.at(x - far, y) === ground && this.at(x + far, y) === ground && this.at(x, y - far) === ground && this.at(x, y + far) === ground;
      if (!isSame) return far;
    }
    return MARGIN + 1;
  }

  pixel(x: number, y: number): number {
    const ground = this.at(x, y);
    const gx = this.left + x;
    const gy = this.top + y;
    switch (ground) {
      case Ground.water:
        return this.water(x, y, gx, gy);
      case Ground.path:
        return this.toOther(x, y, ground) === 1 ? PIXELS.pathEdge : speckled(PATH, gx, gy, 0.05);
      case Ground.sand:
        return this.at(x, y + 1) === Ground.water || this.at(x, y - 1) === Ground.water ? SAND.dark : speckled(SAND, gx, gy, 0.04);
      case INDOORS:
        return plank(gx, gy);
      case BRIDGE:
        return this.bridge(x, y, gx, gy);
      default:
        return this.grass(x, y, gx, gy);
    }
  }

  private water(x: number, y: number, gx: number, gy: number): number {
    const far = this.toOther(x, y, Ground.water);
    if (far === 1) return PIXELS.foam;
    if (far <= 3 + Math.round(drift(gx, gy, 5))) return PIXELS.shallow;
    return toned(WATER, drift(gx, gy * 2, 18));
  }

  private bridge(x: number, y: number, gx: number, gy: number): number {
    const far = [1, 2, 3].find((off) => this.at(x, y - off) === Ground.water || this.at(x, y + off) === Ground.water);
    if (far === 1) return PIXELS.ink;
    if (far !== undefined) return far === 2 ? TIMBER.light : TIMBER.base;
    // Its boards lie across.
    return plank(gy + 3, gx);
  }

  private grass(x: number, y: number, gx: number, gy: number): number {
    if (this.at(x, y + 1) === Ground.water || this.at(x, y - 1) === Ground.water) return PIXELS.bank;
    return blade(gx, gy) ?? toned(GRASS, this.levels[(y >> 1) * (CHUNK_PX / 2) + (x >> 1)] ?? 0);
  }
}

const SOFT_TILES = CHUNK_TILES + 2;

/** The mean of a value and those to its right and below. */
function between(values: Float32Array, place: number, right: number, below: number): number {
  return ((values[place] ?? 0) + (values[place + right] ?? 0) + (values[place + below] ?? 0) + (values[place + right + below] ?? 0)) / 4;
}

/** The ground of a pixel that sways by so much. Places are from the chunk's upper left corner. */
function groundOf(soft: Uint8Array, x: number, y: number, swayX: number, swayY: number): number {
  const inner = soft[softPlace(x, y)] ?? 0;
  const swayed = soft[softPlace(x + swayX, y + swayY)] ?? 0;
  // What people have built ends where its tile does.
  return inner >= INDOORS || swayed >= INDOORS ? inner : swayed;
}

function softPlace(x: number, y: number): number {
  return (Math.floor(y / TILE_PX) + 1) * SOFT_TILES + Math.floor(x / TILE_PX) + 1;
}

/** The ground beneath whatever stands on each tile of a chunk, and on those around it. */
function softGrounds(terrain: Terrain, left: number, top: number): Uint8Array {
  const soft = new Uint8Array(SOFT_TILES * SOFT_TILES);
  for (let y = 0; y < SOFT_TILES; y += 1) {
    for (let x = 0; x < SOFT_TILES; x += 1) soft[y * SOFT_TILES + x] = beneath(terrain, left + x, top + y);
  }
  return soft;
}

function beneath(terrain: Terrain, x: number, y: number): number {
  const ground = terrain.groundAt(x, y);
  if (ground === Ground.path && isIndoors(terrain, x, y)) return INDOORS;
  if (ground === Ground.path && isBridge(terrain, x, y)) return BRIDGE;
  return ground === Ground.rock || ground === Ground.wall ? Ground.grass : ground;
}

function isIndoors(terrain: Terrain, x: number, y: number): boolean {
  const meetsWall = (dx: number, dy: number): boolean => {
    for (let far = 1; far <= ROOM_TILES_MAX; far += 1) {
      const ground = terrain.groundAt(x + dx * far, y + dy * far);
      if (ground !== Ground.path) return ground === Ground.wall;
    }
    return false;
  };
  const sides = [meetsWall(1, 0), meetsWall(-1, 0), meetsWall(0, 1), meetsWall(0, -1)].filter(Boolean).length;
  // In a doorway and in line with one, three sides are walled.
  return sides >= 3;
}

/** A path with water on both sides of it. */
function isBridge(terrain: Terrain, x: number, y: number): boolean {
  const isWet = (dx: number, dy: number): boolean => terrain.groundAt(x + dx, y + dy) === Ground.water;
  return (isWet(0, -1) && isWet(0, 1)) || (isWet(-1, 0) && isWet(1, 0));
}

function toned({ base, light, dark }: Tones, level: number): number {
  return level > 0.62 ? light : level < 0.34 ? dark : base;
}

function speckled(tones: Tones, gx: number, gy: number, share: number): number {
  const speck = chance(gx, gy);
  if (speck < share) return tones.dark;
  return speck > 1 - share ? tones.light : toned(tones, 0.22 + drift(gx, gy, 16) * 0.3 + drift(gx, gy, 5) * 0.17);
}

function plank(gx: number, gy: number): number {
  const board = Math.floor(gy / 5);
  if (gy % 5 === 4) return FLOOR.dark;
  const joint = (gx + Math.floor(chance(board, 5) * 32)) % 32;
  return joint === 0 ? FLOOR.dark : chance(board, Math.floor((gx + board * 11) / 32)) > 0.55 ? FLOOR.light : FLOOR.base;
}

/** A blade of grass or a flower, where one grows. */
function blade(gx: number, gy: number): number | null {
  const column = gx >> 3;
  const row = gy >> 3;
  const grows = chance(column, row + 7_000);
  if (grows > 0.3) return null;
  const x = (gx & 7) - 1 - Math.floor(grows * 10);
  const y = (gy & 7) - 1 - Math.floor(chance(row, column) * 4);
  if (grows < 0.022) {
    const petal = PIXELS.flowers[Math.floor(chance(column, row) * PIXELS.flowers.length)] ?? PIXELS.tuftLight;
    if (Math.abs(x - 1) + Math.abs(y - 1) === 1) return petal;
    return x === 1 && y === 1 ? PIXELS.flowers[1] ?? petal : null;
  }
  // Two blades that lean apart.
  if (y === 0 && (x === 0 || x === 2)) return PIXELS.tuftLight;
  return (y === 1 && (x === 0 || x === 2)) || (y === 2 && x === 1) ? PIXELS.tuft : null;
}

/** What fills the tile: a wall, the border's cliff, or the shade of either. */
function paintUpon(terrain: Terrain, x: number, y: number, pixels: Uint32Array, start: number): void {
  const ground = terrain.groundAt(x, y);
  const put = (px: number, py: number, pixel: number): void => {
    pixels[start + py * CHUNK_PX + px] = pixel;
  };
  if (ground === Ground.wall) paintWall(terrain, x, y, put);
  else if (isCliff(terrain, x, y)) paintCliff(terrain, x, y, put);
  else if (terrain.groundAt(x, y - 1) === Ground.wall) {
    for (let py = 0; py < 4; py += 1) {
      for (let px = 0; px < TILE_PX; px += 1) put(px, py, shaded(pixels[start + py * CHUNK_PX + px] ?? 0));
    }
  }
}

type Put = (px: number, py: number, pixel: number) => void;

function paintWall(terrain: Terrain, x: number, y: number, put: Put): void {
  const isWall = (dx: number, dy: number): boolean => terrain.groundAt(x + dx, y + dy) === Ground.wall;
  const hasFace = !isWall(0, 1);
  const [west, east, north] = [isWall(-1, 0), isWall(1, 0), isWall(0, -1)];
  for (let py = 0; py < TILE_PX; py += 1) {
    for (let px = 0; px < TILE_PX; px += 1) {
      const isFace = hasFace && py >= 6;
      put(px, py, isFace ? facePixel(px, py, x, west, east) : topPixel(px, py, west, east, north, hasFace));
    }
  }
}

function topPixel(px: number, py: number, west: boolean, east: boolean, north: boolean, hasFace: boolean): number {
  if ((px === 0 && !west) || (px === 15 && !east) || (py === 0 && !north) || (hasFace && py === 5)) return PIXELS.ink;
  if ((px === 1 && !west) || (py === 1 && !north)) return TIMBER.light;
  return (west || east ? py : px) % 4 === 3 ? TIMBER.dark : TIMBER.base;
}

function facePixel(px: number, py: number, x: number, west: boolean, east: boolean): number {
  if (py === 15 || (px === 0 && !west) || (px === 15 && !east)) return PIXELS.ink;
  if (py === 6) return TIMBER.dark;
  // A post on every second tile and at each corner.
  const isPost = (px <= 2 && (x % 2 === 0 || !west)) || (px >= 13 && !east);
  if (isPost || py === 14) return px === 2 || px === 13 ? TIMBER.dark : TIMBER.base;
  if (py <= 8) return PLASTER.dark;
  return chance(x * 16 + px, py) > 0.9 ? PLASTER.dark : py <= 10 ? PLASTER.base : PLASTER.light;
}

function paintCliff(terrain: Terrain, x: number, y: number, put: Put): void {
  const isRock = (dx: number, dy: number): boolean => terrain.groundAt(x + dx, y + dy) === Ground.rock;
  const hasFace = y < terrain.height - 1 && !isRock(0, 1);
  for (let py = 0; py < TILE_PX; py += 1) {
    for (let px = 0; px < TILE_PX; px += 1) {
      const [gx, gy] = [x * TILE_PX + px, y * TILE_PX + py];
      const isEdge = (px === 15 && !isRock(1, 0)) || (px === 0 && !isRock(-1, 0)) || (py === 15 && hasFace) || (py === 0 && !isRock(0, -1));
      if (isEdge) put(px, py, PIXELS.ink);
      else if (hasFace && py > 8) put(px, py, chance(gx >> 1, 3) > 0.5 ? STONE.dark : STONE.base);
      else put(px, py, crag(gx, gy));
    }
  }
}

/** Stones that lie close together: each pixel belongs to the nearest of those around. */
function crag(gx: number, gy: number): number {
  let [nearest, second, brightness] = [Infinity, Infinity, 0];
  const [column, row] = [Math.floor(gx / 8), Math.floor(gy / 8)];
  for (let dy = -1; dy <= 1; dy += 1) {
    for (let dx = -1; dx <= 1; dx += 1) {
      const [cx, cy] = [column + dx, row + dy];
      const [sx, sy] = [(cx + chance(cx, cy)) * 8, (cy + chance(cy, cx + 40)) * 8];
      const far = Math.hypot(gx - sx, gy - sy);
      if (far < nearest) {
        second = nearest;
        nearest = far;
        brightness = chance(cx + 9, cy) + (sy - gy) / 14;
      } else if (far < second) second = far;
    }
  }
  if (second - nearest < 0.9) return STONE.dark;
  return brightness > 0.75 ? STONE.light : STONE.base;
}

/** The same pixel in the shade. */
function shaded(pixel: number): number {
  const dim = (shift: number): number => Math.round(((pixel >>> shift) & 0xff) * 0.72) << shift;
  return (0xff00_0000 | dim(0) | dim(8) | dim(16)) >>> 0;
}
