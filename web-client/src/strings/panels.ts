// What people read on the panels around the world. A translation is another table like this one.

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

/** "Berry", as a heading. */
export function titleOf(kind: number): string {
  const [one] = ITEM_NAMES.get(kind) ?? ["thing"];
  return one.charAt(0).toUpperCase() + one.slice(1);
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

/** How it stands with all that was done. */
export function savedWords(waitingCount: number): string {
  return waitingCount === 0 ? "All saved" : `${waitingCount} waiting`;
}
