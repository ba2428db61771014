// What a first visit is told. A translation is another table like this one.
import type { Hint } from "../ui/world/hints.ts";

/** For keys, and for fingers. */
export interface HintWords {
  readonly keys: string;
  readonly touch: string;
}

export const HINT_SAYS: Readonly<Record<Hint, HintWords>> = {
  walk: { keys: "Walk with the arrow keys, or click where you want to go.", touch: "Walk with the arrows, or tap where you want to go." },
  pick_up: { keys: "Click a berry to fetch it, or stand next to one and press E.", touch: "Tap a berry to fetch it, or stand next to one and tap “Pick up”." },
  say: { keys: "Say something: press Enter, type, and press Enter again.", touch: "Say something: tap “Talk”." },
  saved: {
    keys: "“All saved” at the top means that nothing you did can get lost any more. “What you did” lists each deed.",
    touch: "“All saved” at the top means that nothing you did can get lost any more. “Saved” lists each deed.",
  },
};

/** The keys, for the help. */
export const KEY_HELP: readonly (readonly [string, string])[] = [
  ["Arrows or WASD", "Walk. Two at once go diagonally."],
  ["Click", "Walk there. On a berry: walk up and pick it up."],
  ["E", "Pick up what is next to you."],
  ["Enter", "Talk. Enter again says it, Esc goes back."],
  ["Tab", "Go through the panels and their buttons."],
  ["?", "Open or close this help."],
];

/** The gestures, for the help. */
export const TOUCH_HELP: readonly (readonly [string, string])[] = [
  ["Arrows", "Hold one to walk."],
  ["Tap the ground", "Walk there."],
  ["Tap a berry", "Walk up to it and pick it up."],
  ["Pick up", "Appears when something is next to you."],
  ["Talk, Bag, Around, Saved", "Open a panel; tap again to close it."],
];

export const HELP_BERRIES = "Berries can be carried and dropped again. There is nothing else to do with them yet.";

export const HELP_SAFE =
  "Is it safe? Every deed is listed with ✓ saved, … waiting or ✗ refused. What is saved stays, even if the server stops this very moment. What waits is kept here and sent again by itself.";
