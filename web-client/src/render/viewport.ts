// How much of the world is in view, and where on the surface each tile is.
import type { Cover, TilePlace } from "../playing.ts";
import { TILE_PX } from "./ground.ts";

/** About so many tiles are in view from west to east: on a phone, and on a desktop. */
const ACROSS_MIN = 11;
const ACROSS_MAX = 20;
/** And about so many from north to south, where the surface is wide. */
const DOWN = 12;
/** A tile is about so large where there is room for more of them, in the page's pixels. */
const TILE_ROOMY_PX = 64;

/** How the world lies on a surface. Positions on it are in the screen's pixels. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  /** How many of the screen's pixels one of ours measures: whole, so that all of ours are alike. */
  readonly scale: number;
  /** How many a tile measures. */
  readonly tile: number;
  /** How many make up one of the page's pixels. */
  readonly ratio: number;
}

/** The viewport of a surface of this size in the page's pixels. */
export function viewportOf(width: number, height: number, devicePixelRatio: number): Viewport {
  const across = Math.min(Math.max(width / TILE_ROOMY_PX, ACROSS_MIN), ACROSS_MAX);
  const [w, h] = [Math.max(1, Math.round(width * devicePixelRatio)), Math.max(1, Math.round(height * devicePixelRatio))];
  const scale = Math.max(1, Math.round(Math.min(w / (across * TILE_PX), h / (DOWN * TILE_PX))));
  return { width: w, height: h, scale, tile: scale * TILE_PX, ratio: devicePixelRatio };
}

/** Over so many tiles beside a covered corner one rises from below it: nothing jumps where somebody walks past. */
const RISE_TILES = 2;

/** So much is to be seen below the feet. */
const FEET_TILES = 0.2;

/**
 * Where the surface's first pixel is, on a world of pixels: so that `center` (in tiles) is in the middle of what nothing
 * covers, and nothing beyond the map is seen there; a map that is smaller stands in its middle. Beyond the map one sees
 * the night rather than that `center` is covered.
 */
export function originOf(viewport: Viewport, center: TilePlace, mapWidth: number, mapHeight: number, cover: Cover): { left: number; top: number } {
  const { width, height, tile, ratio } = viewport;
  const along = (middle: number, shown: number, tiles: number, before: number, after: number): number => {
    const free = Math.max(tile, shown - before - after);
    const all = tiles * tile;
    if (all <= free) return (all - free) / 2 - before;
    return Math.min(Math.max((middle + 0.5) * tile - before - free / 2, 0 - before), all - free - before);
  };
  const left = along(center.x, width, mapWidth, cover.left * ratio, cover.right * ratio);
  const top = along(center.y, height, mapHeight, cover.top * ratio, cover.bottom * ratio);
  const [fromLeft, below] = [(center.x + 0.5) * tile - left, (center.y + 1 + FEET_TILES) * tile];
  const rises = [
    { corner: cover.bottomLeft, from: fromLeft },
    { corner: cover.bottomRight, from: width - fromLeft },
  ].map(({ corner, from }) => {
    if (corner.height <= 0) return 0;
    const far = (from - corner.width * ratio - tile / 2) / (RISE_TILES * tile);
    const lowest = height - corner.height * ratio;
    // How much further down the surface begins, so that the character's feet are above the corner.
    return Math.max(0, below - top - lowest) * Math.min(Math.max(1 - far, 0), 1);
  });
  return { left: Math.round(left), top: Math.round(top + Math.max(...rises)) };
}
