// Chance that is the same for everybody and every time: how the ground varies from place to place.

/** From 0 up to 1, the same for the same place. */
export function chance(x: number, y: number): number {
  let hash = Math.imul(x, 0x27d4_eb2d) ^ Math.imul(y, 0x1656_67b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * From 0 up to 1, without jumps: chance every `cell` pixels, and what lies between in between. Without a single list or
 * object: it is asked for a hundred thousand times before the first picture.
 */
export function drift(x: number, y: number, cell: number): number {
  const column = Math.floor(x / cell);
  const row = Math.floor(y / cell);
  const u = ease(x / cell - column);
  const above = mix(chance(column, row), chance(column + 1, row), u);
  const below = mix(chance(column, row + 1), chance(column + 1, row + 1), u);
  return mix(above, below, ease(y / cell - row));
}

function ease(share: number): number {
  return share * share * (3 - 2 * share);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
