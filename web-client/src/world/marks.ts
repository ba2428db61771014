// Marks in the browser's timeline, by which it can be measured how long people wait for what they see. They are set right
// after a drawing, never before.

/** The first drawing with the map and one's own character. */
export const MARK_PLAYABLE = "holdfast:playable";
/** The first drawing that shows one's own movement caused by a key. */
export const MARK_OWN_PIXEL = "holdfast:own-pixel";
/** The first drawing at which another character has begun to move to a new tile; its detail says whose and which. */
export const MARK_OTHER_PIXEL = "holdfast:other-pixel";

/** How many marks of a name stand in the timeline; then all of that name go. Observers have seen them by then. */
const MARKS_MAX = 256;

const counts = new Map<string, number>();

/** Sets a mark. */
export function mark(name: string, detail: unknown = null): void {
  const count = counts.get(name) ?? 0;
  if (count >= MARKS_MAX) performance.clearMarks(name);
  counts.set(name, count >= MARKS_MAX ? 1 : count + 1);
  performance.mark(name, { detail });
}
