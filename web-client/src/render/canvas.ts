// The renderer that draws on a canvas's 2D context: no GPU is needed for it to be smooth.
//
// From the ground up: the chunks' ground, the water's glitter, markers, then everything that stands, from north to south,
// and over all of it what is to be read.
import type { TilePlace } from "../playing.ts";
import { Ground, type Terrain } from "../world/terrain.ts";
import { ChunkCache } from "./chunk_cache.ts";
import { drawFigure } from "./figure_sheet.ts";
import { CHUNK_TILES, isCliff } from "./ground.ts";
import { chance } from "./noise.ts";
import { NIGHT } from "./palette.ts";
import { drawDots, drawGlitter, drawMarker, drawSleep } from "./markers.ts";
import { drawTexts } from "./texts.ts";
import { FIGURE_HEIGHT, FIGURE_WIDTH } from "./figure_art.ts";
import type { Renderer } from "./renderer.ts";
import type { Figure, Scene, Thing } from "./scene.ts";
import { TextCache } from "./text_cache.ts";
import { itemPicture, type Picture, standingPicture } from "./things.ts";
import { originOf, type Viewport, viewportOf } from "./viewport.ts";

/** Something of the map that stands taller than its tile. */
interface Standing {
  readonly x: number;
  readonly y: number;
  readonly picture: Picture;
}

type Upright = Figure | Thing | Standing;

/** Whoever stands on the tile where something lies stands before it. */
function depthOf(each: Upright): number {
  return "kind" in each ? each.y - 0.5 : each.y;
}

/** What is drawn reaches at most so many tiles beyond its own. */
const REACH_TILES = 2;

/** Where a scene lies on the surface, in the screen's pixels. */
export interface Placed {
  readonly view: Viewport;
  readonly left: number;
  readonly top: number;
}

/** Draws on a canvas. */
export class CanvasRenderer implements Renderer {
  private readonly canvas: HTMLCanvasElement;
  private readonly to: CanvasRenderingContext2D;
  private readonly texts = new TextCache();
  private view = viewportOf(1, 1, 1);
  private ratio = 1;
  private placed: Placed = { view: this.view, left: 0, top: 0 };
  private map: { readonly terrain: Terrain; readonly chunks: ChunkCache; readonly standing: readonly (readonly Standing[])[] } | null = null;
  private readonly upright: Upright[] = [];
  private hasDrawn = false;

  constructor(canvas: HTMLCanvasElement, to: CanvasRenderingContext2D) {
    this.canvas = canvas;
    this.to = to;
  }

  setTerrain(terrain: Terrain): void {
    const standing: Standing[][] = [];
    for (let y = 0; y < terrain.height; y += 1) {
      const row: Standing[] = [];
      for (let x = 0; x < terrain.width; x += 1) {
        const stands = terrain.groundAt(x, y) === Ground.rock && !isCliff(terrain, x, y);
        if (stands) row.push({ x, y, picture: standingPicture(x, y) });
      }
      standing.push(row);
    }
    this.hasDrawn = false;
    this.map = { terrain, chunks: new ChunkCache(terrain), standing };
  }

  resize(width: number, height: number, devicePixelRatio: number): void {
    this.view = viewportOf(width, height, devicePixelRatio);
    this.ratio = devicePixelRatio;
    this.canvas.width = this.view.width;
    this.canvas.height = this.view.height;
    this.texts.resize(width, devicePixelRatio);
  }

  tileAt(x: number, y: number): TilePlace | null {
    if (this.map === null) return null;
    const { view, left, top } = this.placed;
    const tile = { x: Math.floor((x * this.ratio + left) / view.tile), y: Math.floor((y * this.ratio + top) / view.tile) };
    return this.map.terrain.has(tile) ? tile : null;
  }

  draw(scene: Scene): void {
    const { to, view } = this;
    to.imageSmoothingEnabled = false;
    to.fillStyle = NIGHT;
    to.fillRect(0, 0, view.width, view.height);
    if (scene.camera === null) return;
    const { terrain } = this.map ?? {};
    const { left, top } = originOf(view, scene.camera, terrain?.width ?? Infinity, terrain?.height ?? Infinity, scene.cover);
    this.placed = { view, left, top };
    this.drawGround(scene);
    if (scene.hover !== null) drawMarker(to, this.placed, scene.hover, "hover", 0);
    if (scene.target !== null) drawMarker(to, this.placed, scene.target, "target", scene.isCalm ? 0 : scene.now);
    if (scene.ghost !== null) drawDots(to, this.placed, scene.ghost.way);
    this.drawUpright(scene);
    drawTexts(to, this.placed, this.ratio, this.texts, scene);
  }

  private drawGround(scene: Scene): void {
    const { to, map, placed } = this;
    if (map === null) return;
    const { view, left, top } = placed;
    const chunk = view.tile * CHUNK_TILES;
    const { terrain, chunks } = map;
    const [rows, columns] = [Math.ceil(terrain.height / CHUNK_TILES), Math.ceil(terrain.width / CHUNK_TILES)];
    const [north, south] = [Math.floor(top / chunk), Math.floor((top + view.height - 1) / chunk)];
    const [west, east] = [Math.floor(left / chunk), Math.floor((left + view.width - 1) / chunk)];
    // What is about to come into view is painted ahead, one chunk a frame at most, and not before the first frame is out.
    let hasPrepared = !this.hasDrawn;
    this.hasDrawn = true;
    for (let row = Math.max(0, north - 1); row <= Math.min(rows - 1, south + 1); row += 1) {
      for (let column = Math.max(0, west - 1); column <= Math.min(columns - 1, east + 1); column += 1) {
        if (row >= north && row <= south && column >= west && column <= east) {
          to.drawImage(chunks.picture(column, row), column * chunk - left, row * chunk - top, chunk, chunk);
        } else hasPrepared ||= chunks.prepare(column, row);
      }
    }
    if (!scene.isCalm) drawGlitter(to, placed, terrain, scene.now);
  }

  /** Everything that stands, those further north first: whoever is nearer hides them. */
  private drawUpright(scene: Scene): void {
    const { upright, placed } = this;
    const { view, left, top } = placed;
    const [west, east] = [left / view.tile - REACH_TILES, (left + view.width) / view.tile + REACH_TILES];
    const [north, south] = [top / view.tile - REACH_TILES, (top + view.height) / view.tile + REACH_TILES];
    const isSeen = ({ x, y }: TilePlace): boolean => x >= west && x <= east && y >= north && y <= south;
    upright.length = 0;
    let me: Figure | null = null;
    for (const figure of scene.figures) {
      if (figure.isMe) me = figure;
      if (isSeen(figure)) upright.push(figure);
    }
    for (const thing of scene.things) if (isSeen(thing)) upright.push(thing);
    const rows = this.map?.standing ?? [];
    for (let y = Math.max(0, Math.floor(north)); y <= Math.min(rows.length - 1, Math.ceil(south)); y += 1) {
      for (const standing of rows[y] ?? []) if (isSeen(standing)) upright.push(standing);
    }
    upright.sort((a, b) => depthOf(a) - depthOf(b));
    for (const each of upright) {
      if ("picture" in each) this.drawStanding(each, me);
      else if ("archetype" in each) this.drawSomebody(each, scene);
      else this.drawThing(each);
    }
    if (scene.ghost !== null && me !== null) this.drawGhost(me, scene.ghost.tile);
  }

  private drawPicture({ canvas, footX, footY }: Picture, x: number, y: number): void {
    const { view, left, top } = this.placed;
    const px = Math.round((x + 0.5) * view.tile - left) - footX * view.scale;
    const py = Math.round((y + 1) * view.tile - top) - footY * view.scale;
    this.to.drawImage(canvas, px, py, canvas.width * view.scale, canvas.height * view.scale);
  }

  /** A tree does not hide who one is. */
  private drawStanding({ x, y, picture }: Standing, me: Figure | null): void {
    const hidesMe = me !== null && Math.abs(me.x - x) < 1 && me.y < y && me.y > y - 1.6;
    if (hidesMe) this.to.globalAlpha = 0.55;
    this.drawPicture(picture, x, y);
    this.to.globalAlpha = 1;
  }

  private drawThing({ kind, x, y, isWanted }: Thing): void {
    if (isWanted) this.to.globalAlpha = 0.45;
    this.drawPicture(itemPicture(kind), x, y);
    this.to.globalAlpha = 1;
  }

  private drawSomebody(figure: Figure, { now, isCalm }: Scene): void {
    this.drawBody(figure, figure.x, figure.y);
    if (figure.isAsleep) drawSleep(this.to, this.placed, figure, isCalm ? 0 : now + chance(Number(figure.id & 0xffffn), 1) * 3_000);
  }

  private drawBody(figure: Figure, x: number, y: number): void {
    const { view, left, top } = this.placed;
    const px = Math.round((x + 0.5) * view.tile - left) - (FIGURE_WIDTH / 2) * view.scale;
    // The feet stand a little above the tile's lower edge.
    const py = Math.round((y + 1) * view.tile - top) - (FIGURE_HEIGHT + 1) * view.scale;
    drawFigure(this.to, figure, px, py, view.scale);
  }

  private drawGhost(me: Figure, tile: TilePlace): void {
    this.to.globalAlpha = 0.4;
    this.drawBody({ ...me, stride: 0 }, tile.x, tile.y);
    this.to.globalAlpha = 1;
  }
}
