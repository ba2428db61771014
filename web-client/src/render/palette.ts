// The village's colours, in one place: those of its sign-in page, and the greens, blues and earths that go with them.

export const INK = "#2b2118";
export const PAPER = "#fffaf0";
export const CREAM = "#f4e9d2";
export const GOLD = "#ffd87a";
/** What is beyond the map, and what is seen before there is one. */
export const NIGHT = "#24364a";

/** A pixel as a canvas has it in memory: red first. */
export function pixelOf(hex: string): number {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return (0xff00_0000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

/** The ground's colours: the usual one, a lighter and a darker. */
export interface Tones {
  readonly base: number;
  readonly light: number;
  readonly dark: number;
}

function tones(base: string, light: string, dark: string): Tones {
  return { base: pixelOf(base), light: pixelOf(light), dark: pixelOf(dark) };
}

export const GRASS = tones("#5a9150", "#68a05a", "#4d8248");
export const PATH = tones("#cdb384", "#d9c296", "#bb9f6f");
export const SAND = tones("#e6d3a0", "#f0e0b4", "#d6c08a");
export const WATER = tones("#3d7fa8", "#4a8fb6", "#336f98");
export const FLOOR = tones("#b58a58", "#c19764", "#a0774a");
export const STONE = tones("#8d867b", "#a9a297", "#6d665c");
export const PLASTER = tones("#dfcda8", "#ebdcbb", "#c7b48c");
export const TIMBER = tones("#7c5636", "#936a45", "#5d3f28");

export const PIXELS = {
  ink: pixelOf(INK),
  tuft: pixelOf("#3f7040"),
  tuftLight: pixelOf("#80b76c"),
  foam: pixelOf("#cfe8ec"),
  shallow: pixelOf("#6aaac6"),
  bank: pixelOf("#3b5a3c"),
  pathEdge: pixelOf("#a1885c"),
  flowers: ["#f4e9d2", "#f2c14e", "#e58a8a", "#b9a2e0"].map(pixelOf),
} as const;
