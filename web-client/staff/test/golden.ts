// Histograms as Rust's hdrhistogram 7.6 writes them, with what it says of them: what the page must read just so. Each was
// made with the bounds of the server's (1 to 60,000,000 with three digits).

/** One of them. */
export interface Golden {
  readonly name: string;
  readonly v2: string;
  readonly count: number;
  /** At 0.5, 0.95, 0.99 and 0.999. */
  readonly quantiles: readonly number[];
  readonly max: number;
}

export const GOLDEN: readonly Golden[] = [
  {
    name: "nothing",
    v2: "HISTFAAAAB94nJNpmSzMwMDAyAABzFAazGee3M5g/wEqAgBJjQOY",
    count: 0,
    quantiles: [0, 0, 0, 0],
    max: 0,
  },
  {
    name: "one value",
    v2: "HISTFAAAACF4nJNpmSzMwMDAzAABMJoRzJnczmD/ASKwWJgJAFMWBFI=",
    count: 1,
    quantiles: [1234, 1234, 1234, 1234],
    max: 1234,
  },
  {
    name: "zero",
    v2: "HISTFAAAACF4nJNpmSzMwMDAxAABzFCaEcyZ3M5g/wEiwMIEAE1SA58=",
    count: 3,
    quantiles: [0, 1, 1, 1],
    max: 1,
  },
  {
    name: "beyond the highest",
    v2: "HISTFAAAACR4nJNpmSzMwMDAxgABzFCaEcyZ3M5g/wEqwnSyh4kDAGEmBP4=",
    count: 5,
    quantiles: [60030975, 60030975, 60030975, 60030975],
    max: 60030975,
  },
  {
    name: "a thousand",
    v2: "HISTFAAAAEd4nO2IwQkAIRADc5HD53H4tRff9iVYgI1agqIW4FMkGWaXxKfiABsxY9Z/RikZoc7B8RcH8tGKI3kJGinltmDP3acBNCMhUQ==",
    count: 1000,
    quantiles: [5003, 9503, 9903, 9991],
    max: 10007,
  },
];
