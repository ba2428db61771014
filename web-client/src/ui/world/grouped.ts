// Deeds as they are listed: newest first, and a walk as one line instead of one for each step.
import type { Deed } from "../../playing.ts";
import { walksJoined } from "../../walks.ts";

/** The lines for these deeds, which come oldest first. Only steps that are saved, or that all wait, become one. */
export function grouped(deeds: readonly Deed[]): Deed[] {
  return walksJoined(deeds, ["saved", "waiting"]).toReversed();
}
