// What one's own character does next on foot: by keys that are held, by taps, or along a way that was chosen.
//
// It decides one step at a time and no faster than the world takes them; who asks it says where the character is
// predicted to stand and how many of its steps have no answer yet.
import type { Direction, TilePlace } from "../playing.ts";
import { type CanStand, canStep, findPath } from "./path.ts";
import { STEP_MS } from "./prediction.ts";
import { directionOf, STEP, stepsBetween, tileAfter } from "./tile.ts";

/** While a key is held or a way is walked, no further step is taken ahead of so many answers: a stop is a stop. */
export const AHEAD_STEPS_MAX = 4;

/** Single steps are all kept, also where the world stands still; but nobody means to walk blindly further than this. */
export const KEPT_STEPS_MAX = 32;

/** Single steps that were asked for faster than one walks. Beyond that they are not meant one by one. */
export const OWED_STEPS_MAX = 16;

/** How often a way is looked for anew where somebody stands in it. */
const REPLAN_EVERY_MS = 300;
const REPLANS_MAX = 6;
/** How often the world may refuse a step of a way: it knows of something that is not seen here. */
const REFUSALS_MAX = 6;

/** What comes next. */
export type Next =
  /** A step to this tile. */
  | { readonly type: "step"; readonly to: TilePlace; readonly direction: Direction; readonly isByKey: boolean }
  /** One looks that way, but something is in the way. */
  | { readonly type: "turn"; readonly direction: Direction }
  /** As many steps as may wait for their answers do. */
  | { readonly type: "full" }
  /** The chosen way is walked to its end. */
  | { readonly type: "arrived" }
  /** There is no way there, or none any more. */
  | { readonly type: "no_way" }
  | null;

interface Route {
  readonly goal: TilePlace;
  readonly near: number;
  way: TilePlace[];
  replanCount: number;
  refusalCount: number;
  replanAt: number;
}

/** The feet of one's own character. */
export class Walk {
  private readonly held = new Set<Direction>();
  /** At most `OWED_STEPS_MAX`; the oldest first. */
  private owed: Direction[] = [];
  private route: Route | null = null;
  private nextAt = -Infinity;

  /** Where the chosen way leads; null where none is walked. */
  get goal(): TilePlace | null {
    return this.route?.goal ?? null;
  }

  /** Whether one wants to walk on, and only the answers to so many steps are waited for. */
  isHeldBack(waitingSteps: number): boolean {
    return waitingSteps >= AHEAD_STEPS_MAX && (this.held.size > 0 || this.route !== null);
  }

  /** A key is down. It is at least one step, however short. */
  hold(direction: Direction): void {
    if (this.held.has(direction)) return;
    this.held.add(direction);
    this.step(direction);
  }

  release(direction: Direction): void {
    this.held.delete(direction);
  }

  /** Goes on in this direction and no other, as a finger points. */
  holdOnly(direction: Direction): void {
    for (const each of this.held) if (each !== direction) this.held.delete(each);
    this.hold(direction);
  }

  /** No key is held any more. */
  releaseAll(): void {
    this.held.clear();
  }

  /** One step. */
  step(direction: Direction): void {
    this.route = null;
    if (this.owed.length < OWED_STEPS_MAX) this.owed.push(direction);
  }

  /** Walks until it is at most `near` steps from there. */
  walkTo(goal: TilePlace, near: number): void {
    this.owed = [];
    this.route = { goal, near, way: [], replanCount: 0, refusalCount: 0, replanAt: -Infinity };
  }

  /** Stands still. */
  stop(): void {
    this.held.clear();
    this.owed = [];
    this.route = null;
  }

  /** The world has refused a step: what the way was made of has changed. */
  refused(): void {
    if (this.route === null) return;
    this.route.way = [];
    this.route.refusalCount += 1;
  }

  /** What to do now; null where there is nothing, or it is too early. */
  next(now: number, at: TilePlace, waitingSteps: number, canStand: CanStand): Next {
    if (now < this.nextAt) return null;
    const next = this.decide(now, at, waitingSteps, canStand);
    // Steps follow each other evenly, however the frames fall in which this is asked.
    if (next?.type === "step") this.nextAt = now - this.nextAt < STEP_MS ? this.nextAt + STEP_MS : now + STEP_MS;
    return next;
  }

  private decide(now: number, at: TilePlace, waitingSteps: number, canStand: CanStand): Next {
    const [owed] = this.owed;
    if (owed !== undefined) {
      if (waitingSteps >= KEPT_STEPS_MAX) {
        this.owed = [];
        return { type: "full" };
      }
      // Keys that are held together make one step.
      const together = this.held.has(owed) ? [...this.held] : [owed];
      for (const direction of together) this.pay(direction);
      return towards(at, together, canStand);
    }
    if (waitingSteps >= AHEAD_STEPS_MAX) return null;
    if (this.held.size > 0) return towards(at, [...this.held], canStand);
    return this.route === null ? null : this.along(this.route, now, at, canStand);
  }

  /** A step in this direction is not owed any more; others in the same direction are. */
  private pay(direction: Direction): void {
    const place = this.owed.indexOf(direction);
    if (place >= 0) this.owed.splice(place, 1);
  }

  private along(route: Route, now: number, at: TilePlace, canStand: CanStand): Next {
    if (stepsBetween(at, route.goal) <= route.near) {
      this.route = null;
      return { type: "arrived" };
    }
    if (route.refusalCount >= REFUSALS_MAX) {
      this.route = null;
      return { type: "no_way" };
    }
    while (route.way[0] !== undefined && stepsBetween(route.way[0], at) === 0) route.way.shift();
    const [first] = route.way;
    if (first === undefined || stepsBetween(first, at) > 1 || !canStep(at, first, canStand)) {
      if (now < route.replanAt) return null;
      route.replanAt = now + REPLAN_EVERY_MS;
      route.replanCount += 1;
      route.way = findPath(at, route.goal, route.near, canStand) ?? [];
    }
    const to = route.way[0];
    if (to === undefined) {
      // The first time there is no way at all; later, somebody may only be passing.
      if (route.replanCount > 1 && route.replanCount < REPLANS_MAX) return null;
      this.route = null;
      return { type: "no_way" };
    }
    const direction = directionOf(to.x - at.x, to.y - at.y);
    return direction === null ? null : { type: "step", to, direction, isByKey: false };
  }
}

/** A step in the directions taken together; along a wall where only a part of it is possible. */
function towards(at: TilePlace, directions: readonly Direction[], canStand: CanStand): Next {
  const dx = Math.sign(directions.reduce((sum, direction) => sum + STEP[direction].dx, 0));
  const dy = Math.sign(directions.reduce((sum, direction) => sum + STEP[direction].dy, 0));
  const wanted = directionOf(dx, dy);
  if (wanted === null) return null;
  const parts = dx !== 0 && dy !== 0 ? [wanted, directionOf(dx, 0), directionOf(0, dy)] : [wanted];
  for (const direction of parts) {
    if (direction === null) continue;
    const to = tileAfter(at, direction);
    if (canStep(at, to, canStand)) return { type: "step", to, direction, isByKey: true };
  }
  return { type: "turn", direction: wanted };
}
