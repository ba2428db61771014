// Where one's own character is going to stand, before the world has said so.
//
// The world decides moves one after the other, each from where the last one led. So does this: it begins at the durable
// tile and follows the unanswered moves, as far as the terrain and other people allow. A move that the world has already
// taken leads nowhere from where it ended, and so it does no harm that its verdict comes a little later than its effect.
import type { TilePlace } from "../playing.ts";
import { Glide } from "./glide.ts";
import type { CanStand } from "./path.ts";
import { isSameTile, stepsBetween } from "./tile.ts";

/** How many tiles a second one walks: the rate at which the world takes moves. */
export const WALK_TILES_A_SECOND = 8;

/** How long one step takes. */
export const STEP_MS = 1_000 / WALK_TILES_A_SECOND;

/** The tiles that the moves will lead over, the durable one first. */
export function predict(durable: TilePlace, moves: readonly TilePlace[], canStand: CanStand): TilePlace[] {
  const way = [durable];
  let at = durable;
  for (const to of moves) {
    if (stepsBetween(at, to) !== 1 || !canStand(to)) continue;
    at = to;
    way.push(at);
  }
  return way;
}

/** One's own character as it is shown. */
export class OwnMotion {
  readonly glide: Glide;

  constructor(tile: TilePlace) {
    this.glide = new Glide(tile);
  }

  /** A step was taken just now. */
  step(to: TilePlace): void {
    this.glide.extend(to);
  }

  /** What is predicted has changed by what the world said: where that is not where it is going, it glides there. */
  settle(goal: TilePlace): void {
    if (!isSameTile(goal, this.glide.goal)) this.glide.redirect(goal);
  }

  /** Time passes. Falling behind is made up for gently. */
  advance(ms: number): void {
    const late = Math.max(0, this.glide.leftTiles - 1);
    this.glide.advance((ms / STEP_MS) * (1 + late / 2));
  }
}
