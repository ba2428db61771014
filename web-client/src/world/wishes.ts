// What the one who plays wants, and what is asked of the world for it: steps by keys, taps and fingers, ways that are
// walked to their end, words, and things to be picked up, also where one has to go there first.
//
// It knows the world by the outlook, and asks for everything by `act`; whether that is taken in, and what becomes of it,
// is play.ts's.
import type { ActionName, EntityId, VillageVerb } from "@holdfast/protocol";

import { listenToKeys } from "../input/keyboard.ts";
import { listenToPointer } from "../input/pointer.ts";
import { CHAT_WANTED, type Direction, type TilePlace } from "../playing.ts";
import { WORLD_WORDS } from "../strings/world.ts";
import type { Outlook } from "./outlook.ts";
import type { Screen } from "./screen.ts";
import { REACH_STEPS, reachableFrom } from "./signals.ts";
import { checkSpeech } from "./speech.ts";
import { directionTowards, isSameTile, stepsBetween } from "./tile.ts";
import { type Next, Walk } from "./walk.ts";

const { notices } = WORLD_WORDS;

/** Where wishes come from, and where they go. */
export interface WishContext {
  readonly outlook: Outlook;
  readonly screen: Pick<Screen, "bump" | "expectOwnPixel" | "hasKeys" | "hover" | "isStale" | "stage" | "tileAt">;
  /** Asks for something, a move from where it begins. Null where it was not taken in, which is told already. */
  readonly act: (verb: VillageVerb, from: TilePlace | null) => ActionName | null;
  /** Tells something in passing. */
  readonly tell: (sentence: string) => void;
}

/** The wishes of the one who plays. */
export class Wishes {
  private readonly context: WishContext;
  private readonly walk = new Walk();
  /** What is to be picked up once one is there. */
  private errand: EntityId | null = null;
  /** Where the finger is that one walks towards. */
  private steering: { readonly x: number; readonly y: number } | null = null;

  constructor(context: WishContext) {
    this.context = context;
  }

  /** Where the chosen way leads; null where none is walked. */
  get goal(): TilePlace | null {
    return this.walk.goal;
  }

  /** Whether somebody wants to walk on and cannot, since so many steps wait already. */
  isHeldBack(waitingMoves: number): boolean {
    return this.walk.isHeldBack(waitingMoves);
  }

  /** Hears keys and pointers until the returned function is called. */
  listen(canvas: HTMLCanvasElement): () => void {
    const { screen } = this.context;
    const stopKeys = listenToKeys(document, {
      hold: (direction) => {
        screen.hasKeys = true;
        this.hold(direction);
      },
      release: (direction) => {
        this.release(direction);
      },
      releaseAll: () => {
        this.walk.releaseAll();
      },
      pickUp: () => {
        screen.hasKeys = true;
        this.pickUp();
      },
      talk: () => document.dispatchEvent(new CustomEvent(CHAT_WANTED)),
    });
    const stopPointer = listenToPointer(canvas, {
      tap: (x, y, isTouch) => {
        screen.hasKeys = !isTouch;
        this.tap(screen.tileAt(x, y));
      },
      steer: (place) => {
        this.steering = place;
        if (place === null) this.walk.releaseAll();
      },
      hover: (place) => {
        screen.hover = place;
      },
    });
    return () => {
      stopKeys();
      stopPointer();
    };
  }

  /** Before each drawing: the next step, where it is time for one. */
  goOn(now: number): void {
    this.steer();
    this.stepOn(now);
  }

  /** The world has refused a step. */
  stepRefused(): void {
    this.walk.refused();
  }

  /** Towards the finger, wherever that is by now. */
  private steer(): void {
    const { standing } = this.context.outlook;
    const tile = this.steering === null ? null : this.context.screen.tileAt(this.steering.x, this.steering.y);
    if (standing === null || tile === null) return;
    const direction = directionTowards(standing, tile);
    if (direction === null) this.walk.releaseAll();
    else this.walk.holdOnly(direction);
  }

  /** The next step, where it is time for one. */
  private stepOn(now: number): void {
    const { standing, waitingMoves, canStand } = this.context.outlook;
    if (standing === null) return;
    const next = this.walk.next(now, standing, waitingMoves, canStand);
    if (next !== null) this.follow(next, standing);
  }

  private follow(next: NonNullable<Next>, standing: TilePlace): void {
    switch (next.type) {
      case "step": {
        const isAtRest = this.context.screen.stage.own?.motion.glide.isMoving === false;
        if (this.context.act({ type: "move", value: { to: next.to } }, standing) === null) {
          this.walk.stop();
          return;
        }
        if (next.isByKey && isAtRest) this.context.screen.expectOwnPixel();
        break;
      }
      case "turn":
        this.context.screen.bump(next.direction);
        break;
      case "full":
        this.context.tell(notices.manySteps);
        break;
      case "arrived": {
        const { errand } = this;
        this.errand = null;
        if (errand !== null) this.pickUp(errand);
        break;
      }
      case "no_way":
        this.errand = null;
        this.context.tell(notices.noWay);
        break;
    }
  }

  private tap(tile: TilePlace | null): void {
    if (tile === null) return;
    const item = [...this.context.outlook.sight.items.values()].find(({ position }) => isSameTile(position.tile, tile));
    if (item !== undefined) this.pickUp(item.id);
    else this.walkTo(tile);
  }

  hold(direction: Direction): void {
    this.errand = null;
    this.walk.hold(direction);
    // Not with the next frame, but now: a frame is a tenth of what people feel.
    this.stepOn(performance.now());
  }

  release(direction: Direction): void {
    this.walk.release(direction);
  }

  step(direction: Direction): void {
    this.errand = null;
    this.walk.step(direction);
    this.stepOn(performance.now());
  }

  walkTo(tile: TilePlace): void {
    this.errand = null;
    // To somebody one walks up, not into.
    const isTaken = this.context.outlook.isTaken(tile);
    if (!isTaken && this.context.outlook.terrain?.isWalkable(tile) === false) this.context.tell(notices.cannotStand);
    else this.walk.walkTo(tile, isTaken ? 1 : 0);
  }

  say(text: string): boolean {
    const words = text.trim();
    const wrong = checkSpeech(words);
    if (wrong !== null) this.context.tell(wrong);
    return wrong === null && this.context.act({ type: "say", value: { text: words } }, null) !== null;
  }

  pickUp(item?: bigint): void {
    const { standing, sight, isWanted } = this.context.outlook;
    if (standing === null) {
      this.context.tell(notices.notInWorld);
      return;
    }
    const id = item ?? reachableFrom(sight, isWanted, standing)[0]?.id;
    const tile = id === undefined ? undefined : sight.items.get(id)?.position.tile;
    if (id === undefined || tile === undefined) {
      this.context.tell(item === undefined ? notices.nothingInReach : notices.itemGone);
    } else if (stepsBetween(tile, standing) <= REACH_STEPS) {
      if (!isWanted(id)) this.context.act({ type: "pick_up", value: { item: id } }, null);
    } else {
      this.walk.walkTo(tile, REACH_STEPS);
      this.errand = id;
    }
  }

  drop(item: bigint): void {
    this.context.act({ type: "drop", value: { item } }, null);
  }
}
