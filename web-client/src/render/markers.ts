// What is drawn of plain rectangles: markers on the ground, glitter on the water, the breath of those who sleep.
import type { TilePlace } from "../playing.ts";
import { Ground, type Terrain } from "../world/terrain.ts";
import type { Placed } from "./canvas.ts";
import { chance } from "./noise.ts";
import { CREAM, GOLD, INK } from "./palette.ts";
import type { Figure } from "./scene.ts";
import { zedPicture } from "./things.ts";

/** The four corners of a tile: where a tap leads, or what the mouse is over. */
export function drawMarker(to: CanvasRenderingContext2D, { view, left, top }: Placed, { x, y }: TilePlace, kind: "hover" | "target", now: number): void {
  const { scale, tile } = view;
  const inset = (kind === "target" ? 1 + Math.round((Math.sin(now / 160) + 1) / 2) : 0) * scale;
  const [x0, y0] = [x * tile - left + inset, y * tile - top + inset];
  const size = tile - 2 * inset;
  const corner = 4 * scale;
  const bars = (grow: number): void => {
    for (const [right, lower] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
      const [cx, cy] = [x0 + right * (size - scale), y0 + lower * (size - scale)];
      to.fillRect(cx - right * (corner - scale) - grow, cy - grow, corner + 2 * grow, scale + 2 * grow);
      to.fillRect(cx - grow, cy - lower * (corner - scale) - grow, scale + 2 * grow, corner + 2 * grow);
    }
  };
  to.globalAlpha = kind === "hover" ? 0.55 : 1;
  to.fillStyle = INK;
  bars(Math.ceil(scale / 2));
  to.fillStyle = kind === "hover" ? CREAM : GOLD;
  bars(0);
  to.globalAlpha = 1;
}

/** A dot for each step that has no answer yet. */
export function drawDots(to: CanvasRenderingContext2D, { view, left, top }: Placed, way: readonly TilePlace[]): void {
  const { scale, tile } = view;
  for (const { x, y } of way) {
    const [px, py] = [Math.round((x + 0.5) * tile - left), Math.round((y + 0.8) * tile - top)];
    to.fillStyle = INK;
    to.fillRect(px - 2 * scale, py - 2 * scale, 4 * scale, 4 * scale);
    to.fillStyle = CREAM;
    to.fillRect(px - scale, py - scale, 2 * scale, 2 * scale);
  }
}

/** How long a glint moves before it begins anew. */
const GLINT_MS = 2_400;

/** Glints that drift over the water, some of its tiles at a time. */
export function drawGlitter(to: CanvasRenderingContext2D, { view, left, top }: Placed, terrain: Terrain, now: number): void {
  const { scale, tile, width, height } = view;
  to.fillStyle = "rgb(207 232 236 / 0.55)";
  const [west, north] = [Math.max(0, Math.floor(left / tile)), Math.max(0, Math.floor(top / tile))];
  const east = Math.min(terrain.width - 1, Math.floor((left + width) / tile));
  const south = Math.min(terrain.height - 1, Math.floor((top + height) / tile));
  for (let y = north; y <= south; y += 1) {
    for (let x = west; x <= east; x += 1) {
      if (terrain.groundAt(x, y) !== Ground.water) continue;
      const phase = (now / GLINT_MS + chance(x, y)) % 1;
      if (phase > 0.45) continue;
      const length = phase < 0.08 || phase > 0.37 ? 2 : 4;
      const px = 3 + Math.floor(chance(x + 3, y) * 5 + phase * 8);
      const py = 3 + Math.floor(chance(x, y + 3) * 9);
      to.fillRect(x * tile - left + px * scale, y * tile - top + py * scale, length * scale, scale);
    }
  }
}

const BREATH_MS = 3_000;

/** Two Zs that rise from whoever sleeps. */
export function drawSleep(to: CanvasRenderingContext2D, { view, left, top }: Placed, { x, y }: Figure, now: number): void {
  const { scale, tile } = view;
  for (const late of [0, 0.5]) {
    const phase = (now / BREATH_MS + late) % 1;
    const px = Math.round((x + 0.5) * tile - left) + (5 + Math.round(phase * 4)) * scale;
    const py = Math.round(y * tile - top) - Math.round(phase * 9 + 1) * scale;
    const { canvas } = zedPicture();
    to.globalAlpha = 1 - phase * 0.8;
    to.drawImage(canvas, px, py, canvas.width * scale, canvas.height * scale);
  }
  to.globalAlpha = 1;
}
