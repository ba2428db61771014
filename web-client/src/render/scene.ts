// What is to be seen at one moment: all that a renderer is told. Places are in tiles, between them while something moves.
import type { Cover, TilePlace } from "../playing.ts";

/** Somebody. */
export interface Figure {
  readonly id: bigint;
  readonly archetype: string;
  /** Which of the complexions, from 0. */
  readonly complexion: number;
  readonly name: string;
  readonly isMe: boolean;
  isAsleep: boolean;
  x: number;
  y: number;
  facing: "n" | "e" | "s" | "w";
  /** The moment of a step, counted on while somebody walks; 0 while they stand. */
  stride: number;
}

/** Something that lies on the ground. */
export interface Thing {
  readonly id: bigint;
  readonly kind: number;
  readonly count: number;
  readonly x: number;
  readonly y: number;
  /** Whether somebody is picking it up, and the world has not said yet whether they get it. */
  isWanted: boolean;
}

/** Words over somebody, or in the air where nobody is any more. */
export interface Bubble {
  readonly text: string;
  readonly isMine: boolean;
  x: number;
  y: number;
  /** 1, and less while it fades. */
  opacity: number;
}

/** All that is to be seen. */
export interface Scene {
  /** Milliseconds; what moves by itself goes by them. */
  now: number;
  /** Whether people asked for little movement. */
  isCalm: boolean;
  /** The middle of what nothing covers, as far as the map reaches; null until one is somewhere: then there is nothing to see. */
  readonly camera: { readonly x: number; readonly y: number } | null;
  /** What lies over the screen. */
  readonly cover: Cover;
  readonly figures: Iterable<Figure>;
  readonly things: Iterable<Thing>;
  readonly bubbles: readonly Bubble[];
  /** Where a tap leads. */
  readonly target: TilePlace | null;
  /** What the mouse is over. */
  readonly hover: TilePlace | null;
  /** What a press of the key would pick up; `hasKey` where people have one. */
  readonly hint: { readonly x: number; readonly y: number; readonly hasKey: boolean } | null;
  /** Where one's own character durably is, and the tiles of its steps that are not answered, where that takes long. */
  readonly ghost: { readonly tile: TilePlace; readonly way: readonly TilePlace[] } | null;
}
