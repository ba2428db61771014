// A face for each kind of character. A kind that has none of its own gets the villager's. A character's portrait has the
// colours that the character has in the village.
import { complexionOf, COMPLEXIONS, darker } from "../../complexion.ts";
import type { PixelPicture } from "./pixels.tsx";

const INK = "#2b2118";

const VILLAGER: PixelPicture = {
  colours: { h: "#5a3220", s: "#e8b88a", e: INK, m: "#a85a48", c: "#b5432f", d: "#8a2f22", b: "#f4e9d2" },
  rows: [
    "....hhhhhh....",
    "...hhhhhhhh...",
    "..hhhhhhhhhh..",
    "..hhsssssshh..",
    "..hssssssssh..",
    "..hsesssessh..",
    "..ssesssesss..",
    "...ssssssss...",
    "...sssmmsss...",
    "....ssssss....",
    "...ccssssdc...",
    "..cccbssbccc..",
    ".cccccbbccccc.",
    ".ccdccccccdcc.",
  ],
};

const GARDENER: PixelPicture = {
  colours: { y: "#e3bd5a", o: "#b98a2e", h: "#8a4a22", s: "#c98f63", e: INK, m: "#8a4636", c: "#4a7d3a", d: "#2f5a2a" },
  rows: [
    ".....yyyy.....",
    "....yyyyyy....",
    "....yooooy....",
    ".yyyyyyyyyyyy.",
    "yyyyyyyyyyyyyy",
    "..hsssssssshh.",
    "..hsesssessh..",
    "..hsesssessh..",
    "..hssssssssh..",
    "..hhssmmsshh..",
    "..h.ssssss.h..",
    "...cdssssdc...",
    "..ccdddddd.c..",
    ".cccddddddccc.",
  ],
};

const FISHER: PixelPicture = {
  colours: { k: "#2f5a8a", l: "#4a7fb5", s: "#8d5a3a", e: INK, g: "#d9d2c0", c: "#d8a53a", d: "#a87820" },
  rows: [
    "....kkkkkk....",
    "...kkkkkkkk...",
    "..kkkkkkkkkk..",
    "..llllllllll..",
    "..ssssssssss..",
    "..sssessesss..",
    "..sssessesss..",
    "..gssssssssg..",
    "..ggggssgggg..",
    "...gggssggg...",
    "....gggggg....",
    "...cccggccc...",
    "..cccdccdccc..",
    ".ccccdccdcccc.",
  ],
};

const PORTRAITS: ReadonlyMap<string, PixelPicture> = new Map([["villager", VILLAGER], ["gardener", GARDENER], ["fisher", FISHER]]);

/** The face of a kind, or of a character of that kind. */
export function portraitOf(archetype: string, id: bigint | null): PixelPicture {
  const { colours, rows } = PORTRAITS.get(archetype) ?? VILLAGER;
  if (id === null) return { colours, rows };
  const { hair, skin, coat } = COMPLEXIONS[complexionOf(id)] ?? COMPLEXIONS[0];
  // Straw and oilskin are of one colour, whoever wears them.
  const worn = archetype === "fisher" ? {} : { c: coat, d: darker(coat) };
  return { colours: { ...colours, ...worn, h: hair, s: skin }, rows };
}
