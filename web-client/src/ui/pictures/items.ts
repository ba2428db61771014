// A picture for each kind of thing. A kind that has none of its own gets a parcel.
import type { PixelPicture } from "./pixels.tsx";

const BERRY: PixelPicture = {
  colours: { g: "#3f8a45", d: "#2f6b3c", r: "#c4352b", l: "#ef7a6b", k: "#7a1510" },
  rows: [
    "......gg..",
    "..ggg.g...",
    "...gggg...",
    "..rrrdrr..",
    ".rllrrrrr.",
    ".rlrrrrrk.",
    ".rrrrrrrk.",
    ".rrrrrrkk.",
    "..rrrrkk..",
    "...kkkk...",
  ],
};

const PARCEL: PixelPicture = {
  colours: { b: "#b98a4e", d: "#7a5628", l: "#e3c58a" },
  rows: [
    "..........",
    ".bbbllbbb.",
    ".bbbllbbb.",
    ".bbbllbbb.",
    ".llllllll.",
    ".dddlldddd",
    ".bbbllbbb.",
    ".bbbllbbb.",
    ".dddddddd.",
    "..........",
  ],
};

const PICTURES: ReadonlyMap<number, PixelPicture> = new Map([[1, BERRY]]);

export function pictureOf(kind: number): PixelPicture {
  return PICTURES.get(kind) ?? PARCEL;
}
