// Tiles, and the eight ways between them.
import type { Direction, TilePlace } from "../playing.ts";

/** How far each direction leads. */
export const STEP: Readonly<Record<Direction, { readonly dx: number; readonly dy: number }>> = {
  n: { dx: 0, dy: -1 },
  ne: { dx: 1, dy: -1 },
  e: { dx: 1, dy: 0 },
  se: { dx: 1, dy: 1 },
  s: { dx: 0, dy: 1 },
  sw: { dx: -1, dy: 1 },
  w: { dx: -1, dy: 0 },
  nw: { dx: -1, dy: -1 },
};

/** Clockwise from north: a direction's place is its number on the wire. */
export const DIRECTIONS: readonly Direction[] = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

/** How many steps two tiles are apart; a diagonal one counts as one. */
export function stepsBetween(a: TilePlace, b: TilePlace): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}

export function isSameTile(a: TilePlace, b: TilePlace): boolean {
  return a.x === b.x && a.y === b.y;
}

/** The direction of a difference of places; null where there is none. */
export function directionOf(dx: number, dy: number): Direction | null {
  const [x, y] = [Math.sign(dx), Math.sign(dy)];
  return DIRECTIONS.find((direction) => STEP[direction].dx === x && STEP[direction].dy === y) ?? null;
}

/** The tile that one step leads to. */
export function tileAfter({ x, y }: TilePlace, direction: Direction): TilePlace {
  const { dx, dy } = STEP[direction];
  return { x: x + dx, y: y + dy };
}

/** The one of the eight directions that leads nearest to a far tile; null between a tile and itself. */
export function directionTowards(from: TilePlace, to: TilePlace): Direction | null {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  // Within an eighth of a turn of an axis it is straight.
  const isFlat = Math.abs(dy) * 2.414 < Math.abs(dx);
  const isSteep = Math.abs(dx) * 2.414 < Math.abs(dy);
  return directionOf(isSteep ? 0 : dx, isFlat ? 0 : dy);
}

/** A number for a tile, to look it up by. */
export function tileKey({ x, y }: TilePlace): number {
  return y * 0x1_0000 + x;
}
