// Randomness, as the state machines get it handed in.

/** Gives a number from 0 up to but not including 1, as `Math.random` does. */
export type Random = () => number;

/** A whole number below `bound`. */
export function randomBelow(bound: number, random: Random): number {
  return Math.floor(random() * bound);
}
