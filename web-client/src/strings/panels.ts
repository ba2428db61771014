// What people read on the panels around the world. A translation is another table like this one.
import type { DeedFate, Direction } from "../playing.ts";
import { WORLD_WORDS } from "./world.ts";

/** How many characters may be said at once. */
export const SAY_MAX = 280;

export const CANVAS_LABEL =
  "The village. Walk with the arrow keys, pick up with E, talk with Enter, and press question mark for help.";

const ITEM_NAMES: ReadonlyMap<number, readonly [string, string]> = new Map([[1, ["berry", "berries"]]]);

/** "a berry", "3 berries". */
export function someOf(kind: number, count: number): string {
  const [one, many] = ITEM_NAMES.get(kind) ?? ["thing", "things"];
  return count === 1 ? `a ${one}` : `${count} ${many}`;
}

/** "right here", "1 step north", "31 steps east". */
export function awayWords(steps: number, direction: Direction | null): string {
  if (steps === 0 || direction === null) return "right here";
  return `${steps === 1 ? "1 step" : `${steps} steps`} ${WORLD_WORDS.directions[direction]}`;
}

/** What the browser does not keep. */
export const NOT_KEPT =
  "This browser keeps nothing for this page. What is saved is safe, but what still waits would be lost by a reload.";

export const MAP_FAILED = "The map could not be loaded. What was saved is safe; reload the page to try again.";

export const BAG_EMPTY = "Nothing in it yet. Stand next to something and pick it up.";
export const BAG_SAVED = "Whatever you see in your bag is saved.";
export const NOTHING_IN_REACH = "Nothing within reach. Walk up to something red: it may be a berry.";
export const NOBODY_HERE = "Nobody else is around.";
export const NOTHING_SAID = "Nobody here has said anything in the last half minute. What is said from now on stays here for this visit. Say hello!";
export const NOTHING_DONE = "Since you came in: nothing yet. What you do now stands here, with whether it is saved. What you did on earlier visits is not listed, but kept.";

export const OLDER_DEEDS = "Only your last deeds are listed. Older ones are kept all the same.";

/** How many characters are left, said only when it becomes tight. */
export function leftWords(length: number): string {
  const left = SAY_MAX - length;
  return left < 0 ? `${-left} ${left === -1 ? "letter" : "letters"} too many; ${SAY_MAX} fit.` : `${left} left`;
}

/** How it stands with a deed. */
export const FATES: Readonly<Record<DeedFate["type"], string>> = {
  waiting: "… waiting",
  saved: "✓ saved",
  refused: "✗ refused",
  given_up: "? given up",
};

export const PANEL_WORDS = {
  skip: "Skip to the village",
  help: "Help: keys and touch",
  helpTitle: "How to play",
  menu: "Menu",
  anotherCharacter: "Play another character",
  signOut: "Sign out",
  leaveSaved: "Everything is saved: you can leave at any time.",
  leaveNotKept: "Some of what you did still waits, and this browser keeps nothing: it may be lost when you leave.",
  leaveWaiting: "Some of what you did still waits. It is sent when you play this character here again.",
  close: "Close",
  reload: "Reload",
  noMap: "No map",
  connection: "Connection",
  hint: "What to try next",
  gotIt: "Got it",
  noHints: "No hints",
  saving: "… Saving",
  allSaved: "✓ All saved",
  nothingWaits: "✓ Nothing waits",
  unanswered: "… waiting for the village",
  bag: "Bag",
  places: (used: number, all: number): string => `${used} of ${all} places`,
  empty: "Empty",
  drop: "Drop",
  dropThat: (what: string): string => `Drop ${what}`,
  around: "Around you",
  inReach: "Within reach",
  pickUp: "Pick up",
  pickUpThat: (what: string): string => `Pick up ${what}`,
  people: (count: number): string => `People (${count})`,
  asleep: "asleep, ",
  deeds: "What you did",
  deedsNewest: "What you did, newest first",
  talk: "Talk",
  talkNote: "Heard within about 30 steps.",
  said: "What was said",
  you: "You",
  saySomething: "Say something",
  say: "Say",
  walk: "Walk",
  walkTo: (direction: string): string => `Walk ${direction}`,
  panels: "Panels",
  tabs: { talk: "Talk", bag: "Bag", around: "Around", deeds: "Saved" },
} as const;

/** How many deeds wait. */
export function waitingWords(waitingCount: number): string {
  return `… ${waitingCount} waiting`;
}
