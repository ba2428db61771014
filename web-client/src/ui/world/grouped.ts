// Deeds as they are listed: newest first, and a walk as one line instead of one for each step.
import type { Deed, DeedFate } from "../../playing.ts";

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
  let stepCount = 0;
  for (const { key, verb, what, fate } of deeds) {
    const isStep = verb === "move" && (fate.type === "saved" || fate.type === "waiting");
    const last = lines.at(-1);
    if (isStep && stepCount > 0 && last?.fate.type === fate.type) {
      stepCount += 1;
      lines[lines.length - 1] = { ...last, what: `Walk ${stepCount} steps` };
    } else {
      stepCount = isStep ? 1 : 0;
      lines.push({ key, what, fate });
    }
  }
  return lines.toReversed();
}
