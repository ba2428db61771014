// The canvas and what happens on it frame by frame: time passes on the stage, the camera follows, and what has changed is
// drawn. It knows nothing of the client.
import type { EntityId } from "@holdfast/protocol";

import { type Cover, type Direction, type TilePlace, UNCOVERED } from "../playing.ts";
import { CanvasRenderer } from "../render/canvas.ts";
import type { Renderer } from "../render/renderer.ts";
import type { Scene } from "../render/scene.ts";
import { WORLD_WORDS } from "../strings/world.ts";
import { Camera, coverAfter, isSameCover } from "./camera.ts";
import { runFrames } from "./loop.ts";
import { mark, MARK_OTHER_PIXEL, MARK_OWN_PIXEL, MARK_PLAYABLE } from "./marks.ts";
import { type Begun, Stage } from "./stage.ts";
import type { Terrain } from "./terrain.ts";
import { isSameTile } from "./tile.ts";

/** Where nothing moves but water and breath, the screen is drawn so often. */
const IDLE_DRAW_MS = 100;

/** The canvas. */
export class Screen {
  readonly stage: Stage;
  /** Something has changed that is to be drawn. */
  isStale = true;
  /** Whether people use keys, as far as is known: then they are told which. */
  hasKeys = typeof matchMedia !== "function" || matchMedia("(hover: hover)").matches;
  /** What lies over the canvas. */
  cover: Cover = UNCOVERED;
  ghost: Scene["ghost"] = null;
  target: TilePlace | null = null;
  hint: TilePlace | null = null;
  /** Where the mouse is, in the page's pixels. */
  hover: { readonly x: number; readonly y: number } | null = null;

  private readonly canvas: HTMLCanvasElement;
  private readonly renderer: Renderer | null;
  private readonly camera = new Camera();
  private readonly before: (now: number) => void;
  private readonly stopFrames: () => void;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly resizes: ResizeObserver;
  /** As it is taken to be while the panels are on their way; null until there are any. */
  private shownCover: Cover | null = null;
  private begun: Begun[] = [];
  private drawnAt = -Infinity;
  private drawnHover: TilePlace | null = null;
  private ratio = 0;
  private hasTerrain = false;
  private isPlayable = false;
  /** Where one's own character was drawn when a key began to move it. */
  private ownBefore: { readonly x: number; readonly y: number } | null = null;

  /** `before` is called before each frame. */
  constructor(canvas: HTMLCanvasElement, me: EntityId, before: (now: number) => void) {
    this.canvas = canvas;
    this.stage = new Stage(me);
    this.before = before;
    const to = canvas.getContext("2d", { alpha: false });
    this.renderer = to === null ? null : new CanvasRenderer(canvas, to);
    name(canvas);
    this.resizes = new ResizeObserver(() => {
      this.ratio = 0;
    });
    this.resizes.observe(canvas);
    this.stopFrames = runFrames(document, (now, ms) => {
      this.frame(now, ms);
    });
  }

  setTerrain(terrain: Terrain): void {
    this.renderer?.setTerrain(terrain);
    this.hasTerrain = true;
    this.isStale = true;
  }

  /** The tile at this place of the canvas, in the page's pixels. */
  tileAt(x: number, y: number): TilePlace | null {
    return this.renderer?.tileAt(x, y) ?? null;
  }

  /** A key has just begun to move one's own character, which stood. */
  expectOwnPixel(): void {
    const figure = this.stage.own?.figure;
    if (figure !== undefined) this.ownBefore ??= { x: figure.x, y: figure.y };
  }

  /** Something is in the way of one's own character. */
  bump(direction: Direction): void {
    this.stage.turn(direction);
    if (!this.calm.matches) this.stage.bump(performance.now(), direction);
    this.isStale = true;
  }

  close(): void {
    this.stopFrames();
    this.resizes.disconnect();
  }

  private frame(now: number, ms: number): void {
    this.fit();
    this.before(now);
    const wasMoving = this.stage.isMoving;
    this.begun.push(...this.stage.advance(now, ms));
    const own = this.stage.own?.figure;
    if (own !== undefined) this.camera.follow(own.x, own.y, ms, this.calm.matches);
    const isCovering = this.shownCover !== null && !isSameCover(this.shownCover, this.cover);
    this.shownCover = this.cover !== UNCOVERED ? coverAfter(this.shownCover ?? this.cover, this.cover, ms, this.calm.matches) : null;
    const isMoving = isCovering || wasMoving || this.stage.isMoving || this.camera.isMoving;
    if (isMoving || this.isStale || this.hasHoverChanged() || now - this.drawnAt >= IDLE_DRAW_MS) this.draw(now);
  }

  private hasHoverChanged(): boolean {
    const tile = this.hoverTile();
    const { drawnHover } = this;
    return tile === null || drawnHover === null ? tile !== drawnHover : !isSameTile(tile, drawnHover);
  }

  private hoverTile(): TilePlace | null {
    return this.hover === null ? null : this.tileAt(this.hover.x, this.hover.y);
  }

  private draw(now: number): void {
    this.isStale = false;
    this.drawnAt = now;
    this.drawnHover = this.hoverTile();
    this.renderer?.draw({
      now,
      isCalm: this.calm.matches,
      camera: this.camera.isPlaced ? this.camera : null,
      cover: this.shownCover ?? this.cover,
      figures: this.stage.figures,
      things: this.stage.things,
      bubbles: this.stage.bubbles,
      target: this.target,
      hover: this.drawnHover,
      hint: this.hint === null ? null : { ...this.hint, hasKey: this.hasKeys },
      ghost: this.ghost,
    });
    this.setMarks();
  }

  /** Only what was drawn is marked. */
  private setMarks(): void {
    const own = this.stage.own?.figure;
    if (own !== undefined && this.hasTerrain && !this.isPlayable) {
      this.isPlayable = true;
      mark(MARK_PLAYABLE);
    }
    if (own !== undefined && this.ownBefore !== null && !isSameTile(own, this.ownBefore)) {
      this.ownBefore = null;
      mark(MARK_OWN_PIXEL);
    }
    for (const { id, tile } of this.begun) mark(MARK_OTHER_PIXEL, { id: id.toString(), x: tile.x, y: tile.y });
    this.begun = [];
  }

  /** The canvas fills its box with the screen's own pixels, also after the page was zoomed. */
  private fit(): void {
    if (this.ratio === devicePixelRatio) return;
    this.ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = this.canvas;
    this.renderer?.resize(clientWidth, clientHeight, devicePixelRatio);
    this.isStale = true;
  }
}

/**
 * The canvas takes the focus and is an application, so that a screen reader leaves the keys to the game while one is on
 * it, and nowhere else: what there is to know stands in the panels, as text.
 */
function name(canvas: HTMLCanvasElement): void {
  const words = WORLD_WORDS.canvas;
  if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", words.role);
  if (!canvas.hasAttribute("aria-label")) canvas.setAttribute("aria-label", words.name);
}
