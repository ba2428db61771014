// What a measurement prints.

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Prints a line for these times, in milliseconds; throws where there are fewer than it takes to say something. */
export function printed(what: string, times: readonly number[], countMin: number): void {
  if (times.length < countMin) throw new Error(`${what}: only ${times.length} were measured, ${countMin} are needed`);
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => percentile(times, share).toFixed(0));
  console.log(`${what}: p50 ${p50} ms, p95 ${p95} ms, longest ${max} ms (n = ${times.length})`);
}
