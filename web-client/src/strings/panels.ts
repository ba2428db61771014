// What people read on the panels around the world. A translation is another table like this one.
import type { DeedFate } from "../playing.ts";

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

/** "here", "1 step away". */
export function awayWords(steps: number): string {
  if (steps === 0) return "right here";
  return steps === 1 ? "1 step away" : `${steps} steps away`;
}

/** What the browser does not keep. */
export const NOT_KEPT =
  "This browser keeps nothing for this page. What is saved is safe, but what still waits would be lost by a reload.";

export const MAP_FAILED = "The map could not be loaded. What was saved is safe; reload the page to try again.";

export const BAG_EMPTY = "Nothing in it yet. Stand next to something and pick it up.";
export const BAG_SAVED = "Whatever you see in your bag is saved.";
export const NOTHING_IN_REACH = "Nothing within reach. Walk up to something red: it may be a berry.";
export const NOBODY_HERE = "Nobody else is in sight.";
export const NOTHING_SAID = "Nobody has said anything yet. Say hello!";
export const NOTHING_DONE = "You have done nothing yet. Everything you do stands here, with whether it is saved.";

/** How many characters are left, said only when it becomes tight. */
export function leftWords(length: number): string {
  const left = SAY_MAX - length;
  return left < 0 ? `${-left} too many` : `${left} left`;
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
  health: "Health",
  energy: "Energy",
  ofHundred: (name: string, value: number): string => `${name}: ${value} of 100`,
  saving: "… Saving",
  bag: "Bag",
  places: (used: number, all: number): string => `${used} of ${all} places`,
  empty: "Empty",
  drop: "Drop",
  dropThat: (what: string): string => `Drop ${what}`,
  around: "Around you",
  inReach: "Within reach",
  pickUp: "Pick up",
  pickUpThat: (what: string): string => `Pick up ${what}`,
  inSight: (count: number): string => `In sight (${count})`,
  asleep: "asleep, ",
  deeds: "What you did",
  deedsNewest: "What you did, newest first",
  talk: "Talk",
  talkNote: "Everybody nearby hears it.",
  said: "What was said",
  you: "You",
  saySomething: "Say something",
  say: "Say",
  walk: "Walk",
  walkTo: (direction: string): string => `Walk ${direction}`,
  panels: "Panels",
  tabs: { talk: "Talk", bag: "Bag", around: "Around", deeds: "Saved" },
} as const;

/** How it stands with all that was done. */
export function savedWords(waitingCount: number): string {
  return waitingCount === 0 ? "✓ All saved" : `… ${waitingCount} waiting`;
}
