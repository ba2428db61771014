// The numbers behind the charts: rows of equal length, the first of which is along x. Null: there is no value there.
import type { Histogram } from "./histogram.ts";
import { type History, over, type Span } from "./history.ts";

/** Rows of numbers, the first along x. */
export interface Rows {
  readonly x: readonly number[];
  readonly ys: readonly (readonly (number | null)[])[];
}

/** How many points a curve has for each tenfold of its x. */
const POINTS_PER_DECADE = 24;
/** The curves end at 99.99 %. */
const DECADES = 4;

const EVEN_POINTS = Array.from({ length: DECADES * POINTS_PER_DECADE + 1 }, (_, point) => 10 ** (point / POINTS_PER_DECADE));
/** What people ask for must be a point of its own, and not nearly one. */
const EXACT_SHARES = [0.5, 0.95];

/** Milliseconds less than this have no place on a logarithmic axis: a thousandth, the smallest that is told from none. */
const LEAST_MS = 0.001;

/** Where a share of all values (0.99) is along x: the rarer what exceeds it, the further right. */
export function xOfShare(share: number): number {
  // Without what the subtraction leaves behind: 20, and not a little less.
  return Math.round(1_000 / (1 - share)) / 1_000;
}

/** What share of all values is there. */
export function shareOfX(x: number): number {
  return 1 - 1 / x;
}

/** The percentiles of each name over a span, in milliseconds. A curve ends where one value is all that is beyond. */
export function percentileRows(history: History, names: readonly string[], span: Span): Rows {
  const x = [...EVEN_POINTS, ...EXACT_SHARES.map(xOfShare)].toSorted((a, b) => a - b);
  const ys = names.map((name) => {
    const histogram = over(history, name, span);
    return x.map((at) => (histogram === null || at > histogram.count ? null : Math.max(LEAST_MS, msOf(histogram, shareOfX(at)))));
  });
  return { x, ys };
}

/** Something asked of each interval of a name. */
export interface Asked {
  readonly name: string;
  readonly share: number;
}

/** What was asked of each interval, in milliseconds; along x are the intervals' ends, in seconds since 1970. */
export function timeRows({ series }: History, asked: readonly Asked[]): Rows {
  const intervals = asked.map(({ name }) => new Map(series.get(name)?.recent.map(({ toMs, histogram }) => [toMs, histogram])));
  const ends = [...new Set(intervals.flatMap((byEnd) => [...byEnd.keys()]))].toSorted((a, b) => a - b);
  const ys = asked.map(({ share }, row) =>
    ends.map((end) => {
      const histogram = intervals[row]?.get(end);
      return histogram === undefined || histogram.count === 0 ? null : msOf(histogram, share);
    }),
  );
  return { x: ends.map((end) => end / 1_000), ys };
}

function msOf(histogram: Histogram, share: number): number {
  return histogram.quantile(share) / 1_000;
}
