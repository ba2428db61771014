// What somebody looks like beyond their archetype: hair, skin and coat. It follows from the character's id, so that
// everybody sees the same person, in the village as in the panels, and nobody has to store it.

export interface Complexion {
  readonly hair: string;
  readonly skin: string;
  readonly coat: string;
}

/** The first is that of a portrait which is nobody's yet. */
export const COMPLEXIONS: readonly [Complexion, ...Complexion[]] = [
  { hair: "#5a3220", skin: "#e8b88a", coat: "#b5432f" },
  { hair: "#1f1a17", skin: "#8d5a3a", coat: "#3c6fa8" },
  { hair: "#c98a2b", skin: "#f2cfa6", coat: "#4a7d3a" },
  { hair: "#3a2a4d", skin: "#c98f63", coat: "#c9a227" },
  { hair: "#8f2f2a", skin: "#f2cfa6", coat: "#5d4a8a" },
  { hair: "#d9d2c0", skin: "#e8b88a", coat: "#2f7f7a" },
  { hair: "#2a2320", skin: "#a8714a", coat: "#8a3f6b" },
  { hair: "#6b6257", skin: "#f2cfa6", coat: "#4d5663" },
];

/** Which of the complexions a character has. Characters' ids are odd: half of each counts. */
export function complexionOf(id: bigint): number {
  return Number((id >> 1n) % BigInt(COMPLEXIONS.length));
}

/** A colour as it is in the shade. */
export function darker(colour: string): string {
  const rgb = Number.parseInt(colour.slice(1), 16);
  const dim = (shift: number): number => Math.round(((rgb >> shift) & 0xff) * 0.78) << shift;
  return `#${(dim(16) | dim(8) | dim(0)).toString(16).padStart(6, "0")}`;
}
