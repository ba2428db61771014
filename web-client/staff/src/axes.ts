// How the charts' axes run, and how they are labelled.
import type uPlot from "uplot";

import { shareOfX, xOfShare } from "./curves.ts";
import { roundText, shareText } from "./strings.ts";

/** What along x is: how rare, or when. */
export type Along = "percentile" | "time";

/** The percentiles that have a label. */
const LABELLED_SHARES = [0, 0.5, 0.9, 0.99, 0.999, 0.9999];

/** The axis of times reaches down to here, in milliseconds: what is faster is nobody's trouble. */
const LEAST_SHOWN_MS = 0.1;

/** uPlot's number for a logarithmic scale. */
const LOGARITHMIC = 3;

/** The scales of a chart. Percentiles have a logarithmic one upwards too; over time, twice as high is twice as long. */
export function scalesOf(along: Along): uPlot.Scales {
  if (along === "percentile") {
    return {
      x: { time: false, distr: LOGARITHMIC, range: [1, xOfShare(0.9999)] },
      y: { distr: LOGARITHMIC, range: (_, __, max) => [LEAST_SHOWN_MS, upTo(max)] },
    };
  }
  return { x: { time: true }, y: { range: (_, __, max) => [0, (max || 1) * 1.1] } };
}

/** The axes of a chart, in these colours. */
export function axesOf(along: Along, ink: string, grid: string): uPlot.Axis[] {
  const look = { stroke: ink, font: "12px system-ui, sans-serif", size: 32, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const y: uPlot.Axis = { ...look, size: 56, values: (_, splits) => splits.map(roundText) };
  if (along === "time") return [{ ...look, space: 64, values: (_, splits) => splits.map(clockText) }, y];
  const x: uPlot.Axis = {
    ...look,
    splits: () => LABELLED_SHARES.map(xOfShare),
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map((at) => shareText(shareOfX(at))),
  };
  return [x, { ...y, splits: (_, __, min, max) => decades(min, max), filter: (_, splits) => splits }];
}

/** The next power of ten from here on, at least one millisecond. */
function upTo(max: number | null): number {
  return 10 ** Math.max(0, Math.ceil(Math.log10(max ?? 1)));
}

function decades(min: number, max: number): number[] {
  const first = Math.round(Math.log10(min));
  return Array.from({ length: Math.round(Math.log10(max)) - first + 1 }, (_, place) => 10 ** (first + place));
}

function clockText(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: seconds % 60 === 0 ? undefined : "2-digit" });
}
