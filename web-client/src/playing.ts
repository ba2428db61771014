// What the page knows of a world that is being played, and what it can ask of it: the seam between the village as it is
// drawn and heard (world/) and the panels around it (ui/).
//
// Everything is a signal, written by world/ alone, and everything that is asked for is one of the methods: no panel
// reaches past them to the client or its copy.
import type { ConnectionState, GivenUp } from "@holdfast/client";
import type { ReadonlySignal } from "@preact/signals";

/** One tile of the map; (0, 0) is the north-western corner. */
export interface TilePlace {
  readonly x: number;
  readonly y: number;
}

/** One's own character. */
export interface Me {
  readonly id: bigint;
  readonly name: string;
  readonly archetype: string;
  /** Where it is, as far as it is durable; a step that is still under way does not count. */
  readonly tile: TilePlace;
  /** 0 to 100. */
  readonly health: number;
  /** 0 to 100. */
  readonly energy: number;
}

/** A place in the bag. */
export interface BagSlot {
  /** 0 to 11. */
  readonly slot: number;
  /** What is in it, durably; null where it is empty. */
  readonly item: { readonly id: bigint; readonly kind: number; readonly count: number } | null;
}

/** Something that was said nearby, oldest first. It stays in the list when it has faded from the air. */
export interface ChatLine {
  readonly id: bigint;
  readonly speaker: bigint;
  readonly name: string;
  readonly text: string;
  readonly isMine: boolean;
}

/** Something within reach, which can be picked up: nearest first. */
export interface Reachable {
  readonly id: bigint;
  readonly kind: number;
  readonly count: number;
  readonly tile: TilePlace;
}

/** Somebody in view. */
export interface Neighbour {
  readonly id: bigint;
  readonly name: string;
  readonly archetype: string;
  readonly isAsleep: boolean;
  readonly tile: TilePlace;
  /** How many steps away. */
  readonly steps: number;
  /** Which way; null on one's own tile. */
  readonly direction: Direction | null;
}

/** How it stands with something that was done. */
export type DeedFate =
  /** It is kept here and on its way, but nothing is promised yet. */
  | { readonly type: "waiting" }
  /** It is durable. */
  | { readonly type: "saved" }
  /** The world said no, durably; the sentence is for people. */
  | { readonly type: "refused"; readonly sentence: string }
  /** It will never be answered as this page's; the sentence says why, and what is known of it. */
  | { readonly type: "given_up"; readonly givenUp: GivenUp; readonly sentence: string };

/**
 * One action of one's own, from the key to its answer; saved steps in a row are one. The newest come last; old ones are
 * dropped, waiting ones never.
 */
export interface Deed {
  /** Unique among the deeds of this page. */
  readonly key: string;
  /** The verb's stable name, as "pick_up". */
  readonly verb: string;
  /** What it is, in words: "Step north", "Say “Hello”", "Pick up a berry". */
  readonly what: string;
  /** How many steps it is; 0 where it is something else. */
  readonly stepCount: number;
  readonly fate: DeedFate;
}

/** A passing word to the player: what could not be done and why, or a warning. */
export interface Notice {
  readonly key: number;
  readonly sentence: string;
}

/**
 * The event that `document` gets when somebody asks for the chat by the keyboard: the panel with the chat moves the focus
 * to its field.
 */
export const CHAT_WANTED = "holdfast:chat-wanted";

/** How much of a corner something covers, in the page's pixels from that corner; 0 where it is free. */
export interface CoveredCorner {
  readonly width: number;
  readonly height: number;
}

/** How much of the canvas lies under panels, in the page's pixels from its edges: one's own character keeps out of there. */
export interface Cover {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
  readonly bottomLeft: CoveredCorner;
  readonly bottomRight: CoveredCorner;
}

/** Nothing lies over the canvas. */
export const UNCOVERED: Cover = { top: 0, right: 0, bottom: 0, left: 0, bottomLeft: { width: 0, height: 0 }, bottomRight: { width: 0, height: 0 } };

/** The eight ways to step. */
export type Direction = "n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw";

/** A world that is being played. */
export interface Playing {
  /** How it stands with the connection. */
  readonly connection: ReadonlySignal<ConnectionState>;
  /** Milliseconds until it is tried again by itself, counting down by the second; null where nothing is waited for. */
  readonly retryInMs: ReadonlySignal<number | null>;
  /** Null until the first snapshot is here. */
  readonly me: ReadonlySignal<Me | null>;
  /** Always all 12 places. */
  readonly bag: ReadonlySignal<readonly BagSlot[]>;
  /** The last 50 lines. */
  readonly chat: ReadonlySignal<readonly ChatLine[]>;
  readonly reachable: ReadonlySignal<readonly Reachable[]>;
  /** The 40 nearest, nearest first. */
  readonly neighbours: ReadonlySignal<readonly Neighbour[]>;
  /** What was done in this visit: the last 30 deeds, and all that wait. */
  readonly deeds: ReadonlySignal<readonly Deed[]>;
  /** How many deeds wait for their answer. */
  readonly waitingCount: ReadonlySignal<number>;
  /** The latest notice; null when it has passed. */
  readonly notice: ReadonlySignal<Notice | null>;
  /** False where the browser keeps nothing for us: what waits would not outlive a reload, and people are told. */
  readonly isKept: ReadonlySignal<boolean>;

  /** Starts and stops walking in a direction, as long as a key is held; several held ones make a diagonal. */
  hold(direction: Direction): void;
  release(direction: Direction): void;
  /** One step, as by a tap on an arrow. */
  step(direction: Direction): void;
  /** Walks there, around what is in the way; a notice where that is not possible. */
  walkTo(tile: TilePlace): void;
  /** Says something; false where it is empty or too long, with a notice. */
  say(text: string): boolean;
  /** Picks up what is given, or the nearest thing in reach. */
  pickUp(item?: bigint): void;
  drop(item: bigint): void;
  /** The panels lie otherwise over the canvas. */
  cover(cover: Cover): void;
  /** After nobody tries any more: a fresh session. */
  retry(): void;
  /** Ends the session by the player's wish. */
  leave(): void;
  /** Ends the page's part in it; the session can be resumed by another page. */
  close(): void;
}

/** Starts a world on a canvas: what world/ offers and main.tsx calls. */
export type Play = (options: {
  readonly canvas: HTMLCanvasElement;
  /** The build that the page was made with, 16 bytes. */
  readonly build: Uint8Array;
  /** The WebSocket of the server that the page is from. */
  readonly socketUrl: string;
  /** Opens a connection to such an address; one that was prepared may be open already. */
  readonly openSocket: (url: string) => WebSocket;
  /** Where the world's servers are reached, as the server of the page says; empty where it cannot be asked. */
  readonly addresses: Promise<readonly string[]>;
  readonly character: bigint;
  /** Asked before each connection; null where nobody is signed in. It never gives `expired` again. */
  readonly accessToken: (expired: string | null) => Promise<string | null>;
  /** The map, as the server serves it. */
  readonly terrain: Promise<ArrayBuffer>;
}) => Playing;
