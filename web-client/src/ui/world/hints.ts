// What a first visit is told, one thing after the other: each goes when it was done.
import type { Deed } from "../../playing.ts";

/** The things to try, in order. */
export const HINTS = ["walk", "pick_up", "say", "saved"] as const;

export type Hint = (typeof HINTS)[number];

/** What each looks like when it was done: a deed of this verb that is durable. */
const DONE_BY: Readonly<Partial<Record<Hint, string>>> = { walk: "move", pick_up: "pick_up", say: "say" };

/** Which things were done, as far as these deeds tell; added to those that were done before. */
export function doneAfter(done: ReadonlySet<Hint>, deeds: readonly Deed[]): ReadonlySet<Hint> {
  const isDone = (hint: Hint): boolean => deeds.some(({ verb, fate }) => verb === DONE_BY[hint] && fate.type === "saved");
  const more = HINTS.filter((hint) => !done.has(hint) && isDone(hint));
  return more.length === 0 ? done : new Set([...done, ...more]);
}

/** What to tell now; null where all is done. */
export function hintAfter(done: ReadonlySet<Hint>): Hint | null {
  return HINTS.find((hint) => !done.has(hint)) ?? null;
}

/** The hints that these names name. */
export function hintsNamed(names: unknown): ReadonlySet<Hint> {
  return new Set(Array.isArray(names) ? HINTS.filter((hint) => names.includes(hint)) : []);
}
