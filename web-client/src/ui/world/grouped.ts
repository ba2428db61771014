// Deeds as they are listed: newest first, and a walk as one line instead of one for each step.
import type { Deed, DeedFate } from "../../playing.ts";
import { WORLD_WORDS } from "../../strings/world.ts";

/** A line of the list. */
export interface DeedLine {
  readonly key: string;
  readonly what: string;
  readonly fate: DeedFate;
}

/** The lines for these deeds, which come oldest first. Only steps that are saved, or that all wait, become one. */
export function grouped(deeds: readonly Deed[]): DeedLine[] {
  const lines: DeedLine[] = [];
  /** How many steps the last line stands for; none where it is no walk that goes on. */
  let walkedCount = 0;
  for (const { key, what, stepCount, fate } of deeds) {
    const isWalk = stepCount > 0 && (fate.type === "saved" || fate.type === "waiting");
    const last = lines.at(-1);
    if (isWalk && walkedCount > 0 && last?.fate.type === fate.type) {
      walkedCount += stepCount;
      lines[lines.length - 1] = { ...last, what: WORLD_WORDS.deeds.walk(walkedCount) };
    } else {
      walkedCount = isWalk ? stepCount : 0;
      lines.push({ key, what, fate });
    }
  }
  return lines.toReversed();
}
