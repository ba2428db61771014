// Steps that follow each other and stand the same are one walk: people remember a walk, not its steps.
import type { Deed, DeedFate } from "./playing.ts";
import { WORLD_WORDS } from "./strings/world.ts";

/** The deeds with their walks joined, in the same order, where the steps of one have all this fate or one of these. */
export function walksJoined(deeds: readonly Deed[], fates: readonly DeedFate["type"][]): Deed[] {
  const joined: Deed[] = [];
  for (const deed of deeds) {
    const last = joined.at(-1);
    const goesOn = last !== undefined && last.stepCount > 0 && deed.stepCount > 0 && last.fate.type === deed.fate.type && fates.includes(deed.fate.type);
    if (goesOn) {
      const stepCount = last.stepCount + deed.stepCount;
      joined[joined.length - 1] = { ...last, stepCount, what: WORLD_WORDS.deeds.walk(stepCount) };
    } else joined.push(deed);
  }
  return joined;
}
