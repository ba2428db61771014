// What the world asks of whatever draws it.
import type { TilePlace } from "../playing.ts";
import type { Terrain } from "../world/terrain.ts";
import type { Scene } from "./scene.ts";

/** Draws the world. */
export interface Renderer {
  /** The map is here. Before that, and without it, drawing is safe and shows what there is. */
  setTerrain(terrain: Terrain): void;
  /** The surface's size in the page's pixels, and how many of the screen's make up one of those. */
  resize(width: number, height: number, devicePixelRatio: number): void;
  draw(scene: Scene): void;
  /** The tile at this place of the surface, in the page's pixels, as it was drawn last; null where there is none. */
  tileAt(x: number, y: number): TilePlace | null;
}
