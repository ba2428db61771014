// Everybody and everything as they are shown: between the durable copy, which jumps, and the eye, which must not.
import type { EntityId, Position } from "@holdfast/protocol";

import { complexionOf } from "../complexion.ts";
import type { Direction, TilePlace } from "../playing.ts";
import type { Bubble, Figure, Thing } from "../render/scene.ts";
import type { Glide } from "./glide.ts";
import { OtherMotion } from "./interpolation.ts";
import { OwnMotion } from "./prediction.ts";
import type { Person, Sight } from "./sight.ts";
import { DIRECTIONS, directionOf, STEP } from "./tile.ts";

/** How fast the feet move, in milliseconds a picture. */
const STRIDE_MS = 90;
/** How long it takes to bump into something and be back, how far that goes, and how soon it may happen again. */
const BUMP_MS = 160;
const BUMP_TILES = 0.14;
const BUMP_EVERY_MS = 450;
/** How long words take to fade once the world has let go of them. */
const FADE_MS = 400;
/** So many bubbles hang in the air at once; beyond that the oldest are only in the chat. */
const BUBBLES_MAX = 12;

interface Actor {
  readonly figure: Figure;
  readonly motion: OwnMotion | OtherMotion;
}

interface Speech {
  readonly bubble: Bubble;
  readonly speaker: EntityId;
  /** When the world let go of it; null while it hangs in the air. */
  goneAt: number | null;
}

/** Somebody who has begun to move to another tile. */
export interface Begun {
  readonly id: EntityId;
  readonly tile: TilePlace;
}

/** All that is shown. */
export class Stage {
  private readonly me: EntityId;
  private readonly actors = new Map<EntityId, Actor>();
  private readonly thingsById = new Map<EntityId, Thing>();
  private readonly speeches = new Map<EntityId, Speech>();
  private strideMs = 0;
  private bumpedAt = -Infinity;
  /** Which way a bump goes that is not over yet. */
  private bumping: { readonly dx: number; readonly dy: number } | null = null;
  /** Iterated anew each time, without a list being made of it. */
  readonly figures: Iterable<Figure> = { [Symbol.iterator]: () => figuresOf(this.actors.values()) };

  constructor(me: EntityId) {
    this.me = me;
  }

  get things(): Iterable<Thing> {
    return this.thingsById.values();
  }

  /** The latest words of each who speaks, oldest first. */
  get bubbles(): readonly Bubble[] {
    return [...this.speeches.values()].map(({ bubble }) => bubble).slice(-BUBBLES_MAX);
  }

  /** One's own character; null until it is here. */
  get own(): { readonly figure: Figure; readonly motion: OwnMotion } | null {
    const actor = this.actors.get(this.me);
    return actor?.motion instanceof OwnMotion ? { figure: actor.figure, motion: actor.motion } : null;
  }

  /** The copy has changed. */
  see(now: number, { people, items, words }: Sight, wanted: ReadonlySet<EntityId>): void {
    for (const id of this.actors.keys()) if (!people.has(id)) this.actors.delete(id);
    for (const person of people.values()) this.seePerson(now, person);
    for (const [id, { x, y }] of this.thingsById) {
      const tile = items.get(id)?.position.tile;
      if (tile?.x !== x || tile.y !== y) this.thingsById.delete(id);
    }
    for (const [id, { item, position }] of items) {
      const isWanted = wanted.has(id);
      const known = this.thingsById.get(id);
      if (known === undefined) this.thingsById.set(id, { id, ...item, ...position.tile, isWanted });
      else known.isWanted = isWanted;
    }
    // Nothing is drawn while nobody looks, and much may be said meanwhile.
    this.fade(now);
    const latest = new Map<EntityId, EntityId>();
    for (const [id, { utterance }] of words) if (id > (latest.get(utterance.speaker) ?? -1n)) latest.set(utterance.speaker, id);
    for (const [id, speech] of this.speeches) if (latest.get(speech.speaker) !== id) speech.goneAt ??= now;
    for (const id of [...latest.values()].toSorted((a, b) => Number(a - b))) {
      const spoken = words.get(id);
      if (spoken === undefined || this.speeches.has(id)) continue;
      const { speaker, text } = spoken.utterance;
      const bubble = { text, isMine: speaker === this.me, ...spoken.position.tile, opacity: 1 };
      this.speeches.set(id, { bubble, speaker, goneAt: null });
    }
  }

  private seePerson(now: number, person: Person): void {
    const { id, name, archetype, position, isAsleep } = person;
    const known = this.actors.get(id);
    if (known === undefined || known.figure.name !== name) {
      const isMe = id === this.me;
      const complexion = complexionOf(id);
      const facing = facingOf(position);
      const figure = { id, archetype, complexion, name, isMe, isAsleep, ...position.tile, facing, stride: 0 };
      this.actors.set(id, { figure, motion: isMe ? new OwnMotion(position.tile) : new OtherMotion(position.tile) });
      return;
    }
    const { figure, motion } = known;
    figure.isAsleep = isAsleep;
    if (motion instanceof OwnMotion) return;
    motion.arrive(now, position.tile);
    if (!motion.glide.isMoving) figure.facing = facingOf(position);
  }

  /** One's own character looks that way. */
  turn(direction: Direction): void {
    const { own } = this;
    if (own !== null) own.figure.facing = sideOf(direction);
  }

  /** One's own character bumps into what is in the way; while it is asked to, again and again. */
  bump(now: number, direction: Direction): void {
    if (now - this.bumpedAt < BUMP_EVERY_MS) return;
    this.bumpedAt = now;
    this.bumping = STEP[direction];
  }

  /** How far one's own character leans into what is in the way. */
  private lean(now: number): void {
    const { own, bumping } = this;
    if (own === null || bumping === null) return;
    const passed = (now - this.bumpedAt) / BUMP_MS;
    if (passed >= 1) this.bumping = null;
    // Whoever walks on by now is where they walk.
    if (own.motion.glide.isMoving) return;
    const far = passed > 0 && passed < 1 ? Math.sin(passed * Math.PI) * BUMP_TILES : 0;
    own.figure.x = own.motion.glide.x + bumping.dx * far;
    own.figure.y = own.motion.glide.y + bumping.dy * far;
  }

  /** Time passes. Returns who else has begun to move, and where to. */
  advance(now: number, ms: number): Begun[] {
    this.strideMs += ms;
    const stride = Math.floor(this.strideMs / STRIDE_MS);
    const begun: Begun[] = [];
    for (const [id, { figure, motion }] of this.actors) {
      if (motion.glide.isMoving) {
        for (const tile of motion.advance(ms) ?? []) begun.push({ id, tile });
        moved(figure, motion.glide, stride);
      } else if (figure.stride !== 0) figure.stride = 0;
    }
    this.lean(now);
    this.fade(now);
    return begun;
  }

  private fade(now: number): void {
    for (const [id, { bubble, speaker, goneAt }] of this.speeches) {
      if (goneAt !== null) bubble.opacity = 1 - (now - goneAt) / FADE_MS;
      if (bubble.opacity <= 0) this.speeches.delete(id);
      const figure = this.actors.get(speaker)?.figure;
      if (figure === undefined) continue;
      bubble.x = figure.x;
      bubble.y = figure.y;
    }
  }

  /** Whether the next frame differs from this one. */
  get isMoving(): boolean {
    if (this.bumping !== null) return true;
    for (const { figure, motion } of this.actors.values()) if (motion.glide.isMoving || figure.stride !== 0) return true;
    for (const { goneAt } of this.speeches.values()) if (goneAt !== null) return true;
    return false;
  }
}

function* figuresOf(actors: Iterable<Actor>): IterableIterator<Figure> {
  for (const { figure } of actors) yield figure;
}

/** Where somebody is by now, and which way they look. */
function moved(figure: Figure, glide: Glide, stride: number): void {
  const direction = directionOf(round(glide.x - figure.x), round(glide.y - figure.y));
  if (direction !== null) figure.facing = sideOf(direction);
  figure.x = glide.x;
  figure.y = glide.y;
  // Neighbours do not march in step.
  figure.stride = 1 + ((stride + figure.complexion) % 4);
}

/** What is less than that is no movement but arithmetic. */
function round(difference: number): number {
  return Math.abs(difference) < 1e-6 ? 0 : difference;
}

function facingOf({ facing }: Position): Figure["facing"] {
  return sideOf(DIRECTIONS[facing] ?? "s");
}

/** Who goes diagonally is seen from the side. */
function sideOf(direction: Direction): Figure["facing"] {
  return direction === "n" || direction === "s" ? direction : direction.endsWith("e") ? "e" : "w";
}
