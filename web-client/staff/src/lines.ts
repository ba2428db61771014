// The lines of the charts: what is drawn, in which colour and how dashed. Colour alone would not do for everybody.
import type { Asked } from "./curves.ts";
import { percentileText, STAGE_SAYS } from "./strings.ts";
import { LATENCY, STAGES } from "./verdict.ts";

/** A line of a chart, and its place in the legend. */
export interface Line {
  readonly label: string;
  /** The end of the name of a colour in the style sheet: `--line-…`. */
  readonly colour: string;
  /** Lengths drawn and left out, in turn, in CSS pixels; empty for a whole line. */
  readonly dash: readonly number[];
  /** In CSS pixels. */
  readonly width: number;
}

const DASHES: Readonly<Record<(typeof STAGES)[number], readonly number[]>> = {
  action_queue: [2, 3],
  action_tick: [8, 3],
  action_commit: [],
  action_gate: [12, 3, 2, 3],
  action_socket: [5, 5],
};

/** The stages, in order. */
export const STAGE_LINES: readonly Line[] = STAGES.map((stage) => {
  const { name } = STAGE_SAYS[stage];
  return { label: name, colour: name, dash: DASHES[stage], width: 2 };
});

/** An action as a whole, and its stages. */
export const ACTION_LINES: readonly Line[] = [{ label: "the whole action", colour: "whole", dash: [], width: 3 }, ...STAGE_LINES];

/** What is asked for each of those. */
export const ACTION_NAMES: readonly string[] = [LATENCY, ...STAGES];

export const STAGE_P95S: readonly Asked[] = STAGES.map((name) => ({ name, share: 0.95 }));

const TIME_SHARES = [0.5, 0.95, 0.99] as const;

/** The percentiles of one histogram over time. */
export const SHARE_LINES: readonly Line[] = TIME_SHARES.map((share, place) => ({
  label: percentileText(share),
  colour: "whole",
  dash: [[2, 3], [], [8, 3]][place] ?? [],
  width: 2,
}));

/** What is asked for each of those. */
export function askedOf(name: string): readonly Asked[] {
  return TIME_SHARES.map((share) => ({ name, share }));
}
