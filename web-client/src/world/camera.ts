// Where one looks: at one's own character, and after it a little late, so that the world does not jerk at every step.
import type { Cover, CoveredCorner } from "../playing.ts";

/** How long the camera takes for most of a distance. */
const LAG_MS = 110;
/** Beyond so many tiles it does not travel, it is there. */
const TRAVEL_TILES_MAX = 8;
/** What is left of a distance when it is as good as there: less than a pixel at any scale. */
const NEAR_TILES = 1 / 200;

/** Panels that are nearer than this to where they are going are there, in the page's pixels. */
const NEAR_PX = 0.5;

/** What lies over the screen, on its way from one arrangement of panels to another: the world does not jump aside either. */
export function coverAfter(from: Cover, to: Cover, ms: number, isCalm: boolean): Cover {
  const share = isCalm ? 1 : 1 - Math.exp(-ms / LAG_MS);
  const between = (a: number, b: number): number => (Math.abs(b - a) < NEAR_PX ? b : a + (b - a) * share);
  const corner = (a: CoveredCorner, b: CoveredCorner): CoveredCorner => ({ width: between(a.width, b.width), height: between(a.height, b.height) });
  return {
    top: between(from.top, to.top),
    right: between(from.right, to.right),
    bottom: between(from.bottom, to.bottom),
    left: between(from.left, to.left),
    bottomLeft: corner(from.bottomLeft, to.bottomLeft),
    bottomRight: corner(from.bottomRight, to.bottomRight),
  };
}

/** Whether two are the same. */
export function isSameCover(a: Cover, b: Cover): boolean {
  return (
    a.top === b.top &&
    a.right === b.right &&
    a.bottom === b.bottom &&
    a.left === b.left &&
    isSameCorner(a.bottomLeft, b.bottomLeft) &&
    isSameCorner(a.bottomRight, b.bottomRight)
  );
}

function isSameCorner(a: CoveredCorner, b: CoveredCorner): boolean {
  return a.width === b.width && a.height === b.height;
}

/** The camera: the middle of what is seen, in tiles. */
export class Camera {
  x = 0;
  y = 0;
  /** Whether it is anywhere yet. */
  isPlaced = false;
  isMoving = false;

  /** Time passes, and one's own character is there. */
  follow(x: number, y: number, ms: number, isCalm: boolean): void {
    const far = Math.max(Math.abs(x - this.x), Math.abs(y - this.y));
    const isThere = !this.isPlaced || isCalm || far > TRAVEL_TILES_MAX || far < NEAR_TILES;
    const share = isThere ? 1 : 1 - Math.exp(-ms / LAG_MS);
    this.isMoving = !isThere;
    this.isPlaced = true;
    this.x += (x - this.x) * share;
    this.y += (y - this.y) * share;
  }
}
