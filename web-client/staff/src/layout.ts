// Which values a histogram counts together: its cells, numbered as HdrHistogram numbers them in every language.
//
// Values up to 2 · 10^digits have a cell each; beyond that, each doubling of a value doubles how many share a cell, so that
// a cell is never wider than one part in 10^digits of what is in it.

/** The cells of a histogram. */
export interface Layout {
  /** The smallest value that is told from 0; at least 1. */
  readonly lowest: number;
  /** The largest value that is counted as itself. */
  readonly highest: number;
  /** How many decimal digits of a value are kept: 0 to 5. */
  readonly digits: number;
}

/** Whether the same values have the same cells. */
export function isSameLayout(one: Layout, other: Layout): boolean {
  return one.lowest === other.lowest && one.highest === other.highest && one.digits === other.digits;
}

/** Where the cells of a layout lie, in powers of two. */
interface Scale {
  readonly unitMagnitude: number;
  readonly halfMagnitude: number;
}

function scaleOf({ lowest, digits }: Layout): Scale {
  return { unitMagnitude: Math.floor(Math.log2(lowest)), halfMagnitude: Math.ceil(Math.log2(2 * 10 ** digits)) - 1 };
}

/** How many cells it takes to reach the highest value. */
export function cellCountOf(layout: Layout): number {
  const { unitMagnitude, halfMagnitude } = scaleOf(layout);
  let bucketCount = 1;
  for (let beyond = 2 ** (halfMagnitude + 1 + unitMagnitude); beyond <= layout.highest; beyond *= 2) bucketCount += 1;
  return (bucketCount + 1) * 2 ** halfMagnitude;
}

/** The smallest and the largest value that this cell counts. */
export function valuesOf(layout: Layout, cell: number): { readonly first: number; readonly last: number } {
  const { unitMagnitude, halfMagnitude } = scaleOf(layout);
  const half = 2 ** halfMagnitude;
  const doublings = Math.max(0, Math.floor(cell / half) - 1);
  const width = 2 ** (doublings + unitMagnitude);
  const first = (cell - doublings * half) * width;
  return { first, last: first + width - 1 };
}
