// How much of the world is in view, and where on the surface each tile is.
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
}

/** The viewport of a surface of this size in the page's pixels. */
export function viewportOf(width: number, height: number, devicePixelRatio: number): Viewport {
  const across = Math.min(Math.max(width / TILE_ROOMY_PX, ACROSS_MIN), ACROSS_MAX);
  const [w, h] = [Math.max(1, Math.round(width * devicePixelRatio)), Math.max(1, Math.round(height * devicePixelRatio))];
  const scale = Math.max(1, Math.round(Math.min(w / (across * TILE_PX), h / (DOWN * TILE_PX))));
  return { width: w, height: h, scale, tile: scale * TILE_PX };
}

/**
 * Where the surface's first pixel is, on a world of pixels: so that `center` (in tiles) is in the middle, but nothing
 * beyond the map is seen; a map that is smaller than the surface stands in its middle.
 */
export function originOf(viewport: Viewport, center: { readonly x: number; readonly y: number }, mapWidth: number, mapHeight: number): { left: number; top: number } {
  const along = (middle: number, shown: number, tiles: number): number => {
    const all = tiles * viewport.tile;
    if (all <= shown) return Math.round((all - shown) / 2);
    return Math.round(Math.min(Math.max((middle + 0.5) * viewport.tile - shown / 2, 0), all - shown));
  };
  return { left: along(center.x, viewport.width, mapWidth), top: along(center.y, viewport.height, mapHeight) };
}
