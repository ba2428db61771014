// How others are shown: smoothly from tile to tile, although word of their steps comes in jumps and late by turns.
//
// What has come and is not shown yet is a small buffer. Whoever has much of it walks faster, whoever has little slower,
// so that the buffer settles at a size which carries over the lateness that there is: small on a steady line, larger on
// a jittering one. Nobody is ever shown where they have not been.
import type { TilePlace } from "../playing.ts";
import { Glide } from "./glide.ts";
import { STEP_MS } from "./prediction.ts";
import { isSameTile } from "./tile.ts";

/** After such a pause a step is a new beginning, and tells nothing of somebody's pace. */
const PAUSE_MS = 600;
/** This share of each new measurement goes into what is believed. */
const LEARN = 0.2;
/** Nobody steps more often than the world lets them. */
const PACE_MIN_MS = 100;
const PACE_MAX_MS = 400;
/** The buffer on a steady line, in tiles: half a step more or less than that is there by turns. */
const BUFFER_MIN_TILES = 0.75;
const BUFFER_MAX_TILES = 2.2;
/** How much faster one tile more than the buffer makes somebody. */
const HASTE = 0.35;
const SLOWEST = 0.5;
const FASTEST = 2.5;

/** Somebody else as they are shown. */
export class OtherMotion {
  readonly glide: Glide;
  private paceMs = STEP_MS;
  private jitterMs = 0;
  private arrivedAt = -Infinity;

  constructor(tile: TilePlace) {
    this.glide = new Glide(tile);
  }

  /** Word has come, at this time, of where they are. */
  arrive(now: number, tile: TilePlace): void {
    if (isSameTile(tile, this.glide.goal)) return;
    const passed = now - this.arrivedAt;
    this.arrivedAt = now;
    if (passed < PAUSE_MS) {
      this.jitterMs += (Math.abs(passed - this.paceMs) - this.jitterMs) * LEARN;
      this.paceMs += (clamp(passed, PACE_MIN_MS, PACE_MAX_MS) - this.paceMs) * LEARN;
    }
    this.glide.extend(tile);
  }

  /** Time passes. Returns the tiles that they set out for. */
  advance(ms: number): TilePlace[] {
    if (!this.glide.isMoving) return [];
    const buffer = Math.min(BUFFER_MIN_TILES + (1.5 * this.jitterMs) / this.paceMs, BUFFER_MAX_TILES);
    const speed = clamp(1 + HASTE * (this.glide.leftTiles - buffer), SLOWEST, FASTEST);
    return this.glide.advance((ms / this.paceMs) * speed);
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
