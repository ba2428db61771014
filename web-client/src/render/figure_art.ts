// What people look like: small pictures, a letter for each pixel's colour.
//
// h hair  s skin  d skin in the shade  e eye  c coat  k coat in the shade  a apron or trimming  t trousers  b boots
// w hat  v hat in the shade  o outline  . nothing

/** The way somebody is seen: from the front, from behind, or from the side, looking right. */
export type Side = "front" | "back" | "side";

export const FIGURE_WIDTH = 12;
export const FIGURE_HEIGHT = 18;

const HEAD: Readonly<Record<Side, readonly string[]>> = {
  front: [
    "...oooooo...",
    "..ohhhhhho..",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhsssshho.",
    ".ohssssssho.",
    ".osesssseso.",
    ".osssssssso.",
    "..osddddso..",
    "...oooooo...",
  ],
  back: [
    "...oooooo...",
    "..ohhhhhho..",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    "..ohhhhhho..",
    "...oooooo...",
  ],
  side: [
    "...oooooo...",
    "..ohhhhhho..",
    ".ohhhhhhhho.",
    ".ohhhhhhhho.",
    ".ohhhhsssso.",
    ".ohhhssssso.",
    ".ohhsssseso.",
    ".ohssssssso.",
    "..osddddso..",
    "...oooooo...",
  ],
};

/** The closed eyes of whoever sleeps, in place of the front's row of eyes. */
export const CLOSED_EYES = { row: 6, pixels: ".osddssddso." } as const;

const BODY: Readonly<Record<Side, readonly string[]>> = {
  front: ["..oaaaaaao..", ".osccccckso.", ".osccccckso.", "..okkkkkko..", "..otttttto.."],
  back: ["..oaaaaaao..", ".osccccckso.", ".osccccckso.", "..okkkkkko..", "..otttttto.."],
  side: ["...oaaaao...", "..occccko...", "..occsscko..", "...okkkko...", "...otttto..."],
};

const LEGS_FRONT = ["..ottootto..", "..obboobbo..", "...oo..oo..."];
const LEGS_FRONT_STRIDE = ["..ottootto..", "..obboooo...", "...oo......."];
const LEGS_SIDE = ["...otttto...", "...obbbbo...", "....oooo...."];
const LEGS_SIDE_STRIDE = ["..ottotto...", ".obbo.obbo..", "..oo...oo..."];

/** The legs' three pictures: standing, and either foot before the other. */
export const LEGS: Readonly<Record<Side, readonly (readonly string[])[]>> = {
  front: [LEGS_FRONT, LEGS_FRONT_STRIDE, mirrored(LEGS_FRONT_STRIDE)],
  back: [LEGS_FRONT, LEGS_FRONT_STRIDE, mirrored(LEGS_FRONT_STRIDE)],
  side: [LEGS_SIDE, LEGS_SIDE_STRIDE, LEGS_SIDE],
};

/** What an archetype wears: rows that take the place of the plain ones, from a row on. */
interface Wear {
  readonly hat: { readonly [Each in Side]?: readonly string[] };
  readonly body: { readonly [Each in Side]?: readonly string[] };
}

const STRAW_HAT = ["....oooo....", "...owwwwo...", "..owwwwwwo..", "..oaaaaaao..", "owwwwwwwwwwo", ".ovvvvvvvvo."];
const CAP = ["...oooooo...", "..owwwwwwo..", ".owwwwwwwwo.", ".ovvvvvvvvo."];
const CAP_SIDE = ["...oooooo...", "..owwwwwwo..", ".owwwwwwwwo.", ".ovvvvvvvvvo"];

const WEAR: Readonly<Record<string, Wear>> = {
  gardener: {
    hat: { front: STRAW_HAT, back: STRAW_HAT, side: STRAW_HAT },
    body: {
      front: ["..ocaccaco..", ".ocaaaaaaco.", ".osaaaaaaso.", "..oaaaaaao..", "..oaaaaaao.."],
      back: ["..occaacco..", ".occcaaccko.", ".oscaaaakso.", "..oaaaaaao..", "..oaaaaaao.."],
      side: ["...ocaaco...", "..occaaaao..", "..occssaao..", "...oaaaao...", "...oaaaao..."],
    },
  },
  fisher: {
    hat: { front: CAP, back: CAP, side: CAP_SIDE },
    body: {
      front: ["..oaaccaao..", ".osccaackso.", ".osccaackso.", "..occcccko..", "..okkkkkko.."],
      back: ["..oaaaaaao..", ".osccccckso.", ".osccccckso.", "..occcccko..", "..okkkkkko.."],
      side: ["...oaacco...", "..occccko...", "..occsscko..", "..occccko...", "..okkkkko..."],
    },
  },
};

/** The rows of somebody of this archetype, without the legs. */
export function upperRows(archetype: string, side: Side): readonly string[] {
  // The name is a server's: what every object has by itself is no archetype.
  const wear = Object.hasOwn(WEAR, archetype) ? WEAR[archetype] : undefined;
  const hat = wear?.hat[side] ?? [];
  return [...hat, ...HEAD[side].slice(hat.length), ...(wear?.body[side] ?? BODY[side])];
}

export function mirrored(rows: readonly string[]): string[] {
  return rows.map((row) => [...row].toReversed().join(""));
}
