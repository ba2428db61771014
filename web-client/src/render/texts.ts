// What is to be read over the world: names, speech, and the key that picks something up.
import { WORLD_WORDS } from "../strings/world.ts";
import type { Placed } from "./canvas.ts";
import { FIGURE_HEIGHT } from "./figure_art.ts";
import { GOLD, INK } from "./palette.ts";
import type { Scene } from "./scene.ts";
import { drawTail, TAIL_PX, type TextCache } from "./text_cache.ts";

/** In a larger crowd nobody could read more names. */
const NAMES_MAX = 80;
/** How close to the screen's edge a bubble may be, in the page's pixels. */
const EDGE_PX = 8;

/** Draws all that is to be read. `ratio`: how many of the screen's pixels make up one of the page's. */
export function drawTexts(to: CanvasRenderingContext2D, placed: Placed, ratio: number, texts: TextCache, scene: Scene): void {
  drawNames(to, placed, texts, scene);
  if (scene.hint !== null) drawHint(to, placed, texts, scene, scene.hint);
  drawBubbles(to, placed, ratio, texts, scene);
}

/** Where the top of somebody's head is on the surface. */
function headOf({ view, left, top }: Placed, x: number, y: number): { readonly px: number; readonly py: number } {
  return { px: Math.round((x + 0.5) * view.tile - left), py: Math.round((y + 1) * view.tile - top) - (FIGURE_HEIGHT + 1) * view.scale };
}

/** Those further down are named where they stand; the names of those close behind them are moved up until all can be read. */
function drawNames(to: CanvasRenderingContext2D, placed: Placed, texts: TextCache, { figures }: Scene): void {
  let count = 0;
  const boxes: Box[] = [];
  for (const { x, y, name, isMe, isAsleep } of [...figures].toSorted((a, b) => b.y - a.y)) {
    const { px, py } = headOf(placed, x, y);
    if (px < -placed.view.tile || px > placed.view.width + placed.view.tile || py < 0 || py > placed.view.height) continue;
    count += 1;
    // One's own name is never the one that is left out.
    if (count > NAMES_MAX && !isMe) continue;
    const picture = texts.name(name, isMe ? "mine" : isAsleep ? "asleep" : "other");
    const { width, height } = picture;
    const left = px - Math.round(width / 2);
    let top = py - height;
    for (const box of boxes) if (doMeet(box, { left, top, width, height })) top = box.top - height;
    boxes.push({ left, top, width, height });
    to.drawImage(picture, left, top);
  }
}

function drawHint(to: CanvasRenderingContext2D, placed: Placed, texts: TextCache, { now, isCalm }: Scene, hint: NonNullable<Scene["hint"]>): void {
  const { view, left, top } = placed;
  const lift = isCalm ? 0 : Math.round(Math.sin(now / 260) * view.scale);
  if (hint.hasKey) {
    // At the tile's lower right corner it covers neither the thing nor a face, whoever stands above it.
    const key = texts.key(WORLD_WORDS.pickUpKey);
    const [right, bottom] = [(hint.x + 1) * view.tile - left, (hint.y + 1) * view.tile - top];
    to.drawImage(key, Math.round(right - key.width * 0.6), Math.round(bottom - key.height * 0.7) + lift);
    return;
  }
  const px = Math.round((hint.x + 0.5) * view.tile - left);
  const py = Math.round((hint.y + 0.25) * view.tile - top) + lift;
  // Who has no keys taps: an arrow points at what can be had.
  const { scale } = view;
  for (const [colour, grow] of [[INK, scale], [GOLD, 0]] as const) {
    to.fillStyle = colour;
    for (let row = 0; row < 3; row += 1) {
      const half = (3 - row) * scale;
      to.fillRect(px - half - grow, py - (4 - row) * scale - grow, 2 * half + 2 * grow, scale + 2 * grow);
    }
  }
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Those further down are drawn where they belong; who speaks behind them is moved up until all can be read. */
function drawBubbles(to: CanvasRenderingContext2D, placed: Placed, ratio: number, texts: TextCache, { bubbles }: Scene): void {
  const { view } = placed;
  const edge = Math.round(EDGE_PX * ratio);
  const tail = Math.round(TAIL_PX * ratio);
  const boxes: Box[] = [];
  for (const { text, isMine, x, y, opacity } of bubbles.toSorted((a, b) => b.y - a.y)) {
    const { px, py } = headOf(placed, x, y);
    if (px < -view.tile || px > view.width + view.tile || py < -view.tile || py > view.height + view.tile * 2) continue;
    const picture = texts.speech(text, isMine);
    const { width, height } = picture;
    const left = within(px - Math.round(width / 2), edge, view.width - width - edge);
    // The name stays to be read below it.
    let top = within(py - height - tail - Math.round(20 * ratio), edge, view.height - height - edge);
    for (const box of boxes) if (doMeet(box, { left, top, width, height })) top = Math.max(edge, box.top - height);
    boxes.push({ left, top: top - tail, width, height: height + tail });
    to.globalAlpha = opacity;
    to.drawImage(picture, left, top);
    drawTail(to, within(px, left + 3 * tail, left + width - 3 * tail), top + height, ratio, isMine);
    to.globalAlpha = 1;
  }
}

function doMeet(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

function within(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
