// What kinds of things look like, wherever they are seen: on the ground and in the bag. One letter a pixel.

/** A picture's rows, and the colour of each letter; all other letters are nothing. */
export interface ItemPicture {
  readonly rows: readonly string[];
  readonly colours: Readonly<Record<string, string>>;
}

const COLOURS = { o: "#2b2118", r: "#c2353b", k: "#8f2130", p: "#e8737a", w: "#f4e9d2", g: "#3f7a3a", l: "#74b25f", y: "#ffd87a" };

const BERRIES: ItemPicture = {
  colours: COLOURS,
  rows: [
    ".....oo.....",
    "....ogo.oo..",
    ".oooglooggo.",
    "orrrogglllo.",
    "orprroglloo.",
    "orrrrkorrro.",
    ".okrkorprrro",
    "..oooorrrrko",
    ".....okrrko.",
    "......oooo..",
  ],
};

const BUNDLE: ItemPicture = {
  colours: COLOURS,
  rows: ["...oooo...", "..oyyyyo..", "...oyyo...", "..owwwwo..", ".owwwwwwo.", "owwwwwwwwo", "owwwwwwwwo", ".owwwwwwo.", "..oooooo.."],
};

const PICTURES: ReadonlyMap<number, ItemPicture> = new Map([[1, BERRIES]]);

/** The picture of a kind; one that has none of its own is a bundle. */
export function itemPictureOf(kind: number): ItemPicture {
  return PICTURES.get(kind) ?? BUNDLE;
}
