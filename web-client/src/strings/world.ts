// What people read about the world and what they do in it. A translation is another table like this one.
import type { Direction } from "../playing.ts";

/** Every sentence and word that world/, render/ and input/ show. */
export interface WorldWords {
  readonly directions: Readonly<Record<Direction, string>>;
  readonly items: {
    /** So many pieces of a kind, in the middle of a sentence. */
    readonly named: (kind: number, count: number) => string;
    readonly something: string;
  };
  readonly deeds: {
    readonly aStep: string;
    readonly step: (direction: string) => string;
    /** Several steps in a row. */
    readonly walk: (stepCount: number) => string;
    readonly say: (text: string) => string;
    readonly look: string;
    readonly pickUp: (item: string) => string;
    readonly drop: (item: string) => string;
    /** What is only known by its verb's name. */
    readonly other: (verb: string) => string;
  };
  /** A refusal of which there is no sentence. */
  readonly unknownRefusal: string;
  /** The server failed over it, and will not try it again. */
  readonly serverFailed: string;
  /** Why something will never be answered, by the code's name, where that says more than the code's own sentence. */
  readonly givenUpSince: Readonly<Record<string, string>>;
  /** What follows the reason for which something will never be answered. */
  readonly givenUp: string;
  readonly notices: {
    readonly full: string;
    readonly manySteps: string;
    /** No further step is taken before some of these are answered. */
    readonly stepsWait: (stepCount: number) => string;
    readonly notInWorld: string;
    readonly notConnected: string;
    readonly noWay: string;
    readonly cannotStand: string;
    readonly nothingInReach: string;
    readonly itemGone: string;
    readonly sayEmpty: string;
    readonly sayTooLong: (max: number) => string;
    readonly sayNotPrintable: string;
    readonly tooLarge: string;
    readonly idle: (seconds: number) => string;
    readonly noMap: string;
  };
  /** The canvas, for who cannot see it. */
  readonly canvas: { readonly name: string; readonly role: string };
  /** On the key cap over what can be picked up. */
  readonly pickUpKey: string;
}

const OTHER_DEEDS: Readonly<Record<string, string>> = {
  move: "A step",
  say: "Something you said",
  look: "A look around",
  pick_up: "Picking something up",
  drop: "Dropping something",
};

export const WORLD_WORDS: WorldWords = {
  directions: {
    n: "north",
    ne: "north-east",
    e: "east",
    se: "south-east",
    s: "south",
    sw: "south-west",
    w: "west",
    nw: "north-west",
  },
  items: {
    named: (kind, count) => {
      const [one, many] = kind === 1 ? ["a berry", "berries"] : ["a thing", "things"];
      return count === 1 ? one : `${count} ${many}`;
    },
    something: "something",
  },
  deeds: {
    aStep: "A step",
    step: (direction) => `Step ${direction}`,
    walk: (stepCount) => `Walk ${stepCount} steps`,
    say: (text) => `Say “${text}”`,
    look: "Look around",
    pickUp: (item) => `Pick up ${item}`,
    drop: (item) => `Drop ${item}`,
    other: (verb) => OTHER_DEEDS[verb] ?? "Something from before the update",
  },
  unknownRefusal: "The world said no.",
  serverFailed: "This went wrong on our side and was not done. What was saved is safe; go on with something else.",
  givenUpSince: {
    update_required: "The new version cannot ask what became of it.",
    seq_gap: "The world has lost what came before it, and did not do it.",
  },
  givenUp: "Nothing more will be said about this one; look around to see how things stand.",
  notices: {
    full: "Sixty-four things wait for their answer already. They are kept; wait a moment before you do more.",
    manySteps: "Many of your steps wait for their answer. They are kept; wait until the world has caught up.",
    stepsWait: (stepCount) =>
      `The village does not answer. ${stepCount} steps wait here (the white dots) and go out by themselves; the pale figure is where you are saved.`,
    notInWorld: "You are not in the world yet. Nothing was done; try again in a moment.",
    notConnected: "You are not connected any more, so nothing was done. What you did before is kept; come back to go on.",
    noWay: "There is no way there.",
    cannotStand: "Nobody can stand there.",
    nothingInReach: "There is nothing within reach. Step next to a berry first.",
    itemGone: "It is not there any more.",
    sayEmpty: "There is nothing to say yet.",
    sayTooLong: (max) => `That is too long: at most ${max} characters can be said at once. Nothing was sent.`,
    sayNotPrintable: "That has characters that cannot be shown. Nothing was sent.",
    tooLarge: "That is too much at once. Nothing was sent.",
    idle: (seconds) => `You have done nothing for a while. In ${seconds} seconds your character falls asleep; any step keeps it awake.`,
    noMap: "The map could not be fetched. What was saved is safe; reload the page to see it.",
  },
  canvas: {
    name: "The village. Arrow keys or W A S D walk, E picks up what is near, Enter talks.",
    role: "map that you walk on",
  },
  pickUpKey: "E",
};
