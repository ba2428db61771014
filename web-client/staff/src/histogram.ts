// How often which values were measured, and what follows from it. Percentiles cannot be averaged, so what is wanted of
// several histograms is asked of their merger.
import { cellCountOf, isSameLayout, type Layout, valuesOf } from "./layout.ts";

/** A histogram; only the cells in which something was counted are kept. */
export class Histogram {
  readonly layout: Layout;
  /** The cells that are not empty, in ascending order. */
  readonly cells: Uint32Array;
  /** How many values are in each of them. */
  readonly counts: Float64Array;
  /** How many values there are in all. */
  readonly count: number;

  constructor(layout: Layout, cells: Uint32Array, counts: Float64Array) {
    this.layout = layout;
    this.cells = cells;
    this.counts = counts;
    this.count = counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * The value that this share of all values (0.95 for the 95th percentile) does not exceed: the largest one of its cell, as
   * `value_at_quantile` of Rust's hdrhistogram gives it. 0 where there are no values.
   */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(Math.min(share, 1) * this.count));
    let reached = 0;
    for (const [place, cell] of this.cells.entries()) {
      reached += this.counts[place] ?? 0;
      if (reached >= wanted) return valuesOf(this.layout, cell).last;
    }
    return 0;
  }

  /** The largest value; 0 where there are none. */
  get max(): number {
    const cell = this.cells.at(-1);
    return cell === undefined ? 0 : valuesOf(this.layout, cell).last;
  }
}

/** All values of these histograms in one; null where there are no histograms. Throws where their layouts differ. */
export function merged(histograms: readonly Histogram[]): Histogram | null {
  const [first] = histograms;
  if (first === undefined || histograms.length === 1) return first ?? null;
  const { layout } = first;
  const sums = new Float64Array(cellCountOf(layout));
  for (const { layout: other, cells, counts } of histograms) {
    if (!isSameLayout(layout, other)) throw new Error("histograms of different layouts cannot be merged");
    for (const [place, cell] of cells.entries()) sums[cell] = (sums[cell] ?? 0) + (counts[place] ?? 0);
  }
  const cells = Uint32Array.from(sums.keys()).filter((cell) => sums[cell] !== 0);
  return new Histogram(layout, cells, sums.filter((sum) => sum !== 0));
}
