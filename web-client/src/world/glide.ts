// Something that moves from tile to tile without a jump: where it is shown, and the tiles that it is on its way to.
import type { TilePlace } from "../playing.ts";
import { isSameTile, stepsBetween } from "./tile.ts";

/** Over a longer distance nobody walks: whoever is that far away joined there, and is set and not slid. */
export const SLIDE_TILES_MAX = 3;

/** How many tiles may be ahead. What moves further falls so far behind that it is set. */
export const AHEAD_TILES_MAX = 8;

/** A place on its way. */
export class Glide {
  /** In tiles, between them while it moves. */
  x: number;
  y: number;
  /** At most `AHEAD_TILES_MAX`. */
  private ahead: TilePlace[] = [];
  /** The tile that it was on its way to when it moved last. */
  private under: TilePlace;

  constructor(tile: TilePlace) {
    this.x = tile.x;
    this.y = tile.y;
    this.under = tile;
  }

  /** Where it will stand. */
  get goal(): TilePlace {
    return this.ahead.at(-1) ?? this.under;
  }

  /** What it moves to next; null where it stands. */
  get next(): TilePlace | null {
    return this.ahead[0] ?? null;
  }

  get isMoving(): boolean {
    return this.ahead.length > 0;
  }

  /** How many tiles it has to go, with what is left of the first one. */
  get leftTiles(): number {
    const [first] = this.ahead;
    return first === undefined ? 0 : distance(this, first) + this.ahead.length - 1;
  }

  /** It is there, at once. */
  set(tile: TilePlace): void {
    this.ahead = [];
    this.under = tile;
    this.x = tile.x;
    this.y = tile.y;
  }

  /** It goes on to this tile after all others. */
  extend(tile: TilePlace): void {
    if (isSameTile(tile, this.goal)) return;
    if (stepsBetween(tile, this.goal) > SLIDE_TILES_MAX || this.ahead.length >= AHEAD_TILES_MAX) this.set(tile);
    else this.ahead.push(tile);
  }

  /** It turns from wherever it was going, and goes straight there. */
  redirect(tile: TilePlace): void {
    if (isSameTile(tile, this.goal)) return;
    if (distance(this, tile) > SLIDE_TILES_MAX) this.set(tile);
    else this.ahead = [tile];
  }

  /** Moves by so many tiles. Returns the tiles that it set out for. */
  advance(tiles: number): TilePlace[] {
    const begun: TilePlace[] = [];
    let left = tiles;
    while (left > 0) {
      const [next] = this.ahead;
      if (next === undefined) break;
      if (!isSameTile(next, this.under)) begun.push(next);
      this.under = next;
      const toGo = distance(this, next);
      if (toGo <= left) {
        this.x = next.x;
        this.y = next.y;
        this.ahead.shift();
        left -= toGo;
      } else {
        this.x += ((next.x - this.x) / toGo) * left;
        this.y += ((next.y - this.y) / toGo) * left;
        left = 0;
      }
    }
    return begun;
  }
}

/** As steps are counted: a diagonal takes no longer. */
function distance(a: TilePlace, b: TilePlace): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}
