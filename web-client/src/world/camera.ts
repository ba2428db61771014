// Where one looks: at one's own character, and after it a little late, so that the world does not jerk at every step.

/** How long the camera takes for most of a distance. */
const LAG_MS = 110;
/** Beyond so many tiles it does not travel, it is there. */
const TRAVEL_TILES_MAX = 8;
/** What is left of a distance when it is as good as there: less than a pixel at any scale. */
const NEAR_TILES = 1 / 200;

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
