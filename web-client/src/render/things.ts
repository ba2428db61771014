// Pictures of what stands and lies about: berries, trees, boulders, markers. Each is drawn once, when it is first seen.
import { type ItemPicture, itemPictureOf } from "../item_pictures.ts";
import { chance } from "./noise.ts";
import { CREAM, INK } from "./palette.ts";
import { drawPixels } from "./pixels.ts";

/** A picture, and where on it the middle of the tile's lower edge is. */
export interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly footX: number;
  readonly footY: number;
}

const pictures = new Map<string, Picture>();

function once(key: string, make: () => Picture): Picture {
  const known = pictures.get(key);
  if (known !== undefined) return known;
  const made = make();
  pictures.set(key, made);
  return made;
}

function blank(width: number, height: number): { canvas: HTMLCanvasElement; to: CanvasRenderingContext2D | null } {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return { canvas, to: canvas.getContext("2d") };
}

/** An item on the ground, with its shadow. */
export function itemPicture(kind: number): Picture {
  return once(`item ${kind}`, () => lying(itemPictureOf(kind)));
}

function lying({ rows, colours }: ItemPicture): Picture {
  const width = Math.max(...rows.map((row) => row.length));
  const { canvas, to } = blank(width, rows.length + 2);
  if (to !== null) {
    to.fillStyle = "rgb(20 24 16 / 0.3)";
    to.fillRect(2, rows.length - 2, width - 3, 4);
    to.fillRect(1, rows.length - 1, width - 1, 2);
    drawPixels(to, rows, colours, 0, 0);
  }
  return { canvas, footX: width / 2, footY: rows.length + 3 };
}

const ZED_COLOURS = { o: INK, w: CREAM };
const ZED = ["oooooo", "owwwwo", "ooowwo", ".owwo.", "owwooo", "owwwwo", "oooooo"];

/** The Z of a sleeper's breath. */
export function zedPicture(): Picture {
  return once("zed", () => {
    const { canvas, to } = blank(6, ZED.length);
    if (to !== null) drawPixels(to, ZED, ZED_COLOURS, 0, 0);
    return { canvas, footX: 0, footY: 0 };
  });
}

const TREE_SHAPES = 4;

/** What stands on a tile of rock that is no cliff: mostly trees, some boulders. */
export function standingPicture(x: number, y: number): Picture {
  const kind = chance(x * 7 + 3, y * 5 + 1);
  const shape = Math.floor(chance(x, y + 50) * TREE_SHAPES);
  if (kind < 0.14) return once(`boulder ${shape}`, () => boulder(shape));
  return kind < 0.45 ? once(`pine ${shape}`, () => pine(shape)) : once(`tree ${shape}`, () => tree(shape));
}

/** Fills a shape, and draws its outline around it. */
function fill(to: CanvasRenderingContext2D, width: number, height: number, colourAt: (x: number, y: number) => string | null): void {
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const around = [colourAt(x - 1, y), colourAt(x + 1, y), colourAt(x, y - 1), colourAt(x, y + 1)];
      const colour = colourAt(x, y) ?? (around.some((each) => each !== null) ? INK : null);
      if (colour === null) continue;
      to.fillStyle = colour;
      to.fillRect(x, y, 1, 1);
    }
  }
}

const LEAVES = ["#2f6236", "#3f7d41", "#559a4c", "#7cb865"];
const NEEDLES = ["#23513c", "#2f6a48", "#3f8256", "#5a9c68"];
const BARK = ["#5d3f28", "#7c5636"];

function leaf(tones: readonly string[], light: number, x: number, y: number, seed: number): string {
  const level = light + (chance(x + seed * 31, y) - 0.5) * 0.7;
  return tones[Math.min(Math.max(Math.floor(level * tones.length), 0), tones.length - 1)] ?? INK;
}

function tree(seed: number): Picture {
  const [width, height] = [24, 31];
  const { canvas, to } = blank(width, height);
  // Three heaps of leaves on a trunk.
  const heaps = [
    { x: 12, y: 8 + (seed % 2), r: 7 },
    { x: 7 + (seed % 3), y: 15, r: 6 },
    { x: 17 - (seed % 2), y: 15, r: 6 },
  ];
  const colourAt = (x: number, y: number): string | null => {
    for (const heap of heaps) {
      const [dx, dy] = [x - heap.x, (y - heap.y) * 1.08];
      const ragged = heap.r + (chance(x + seed * 17, y) - 0.5) * 1.2;
      if (dx * dx + dy * dy <= ragged * ragged) return leaf(LEAVES, 0.5 - (dx * 0.5 + dy) / (heap.r * 2.4), x, y, seed);
    }
    if (y >= 20 && y <= 28 && x >= 10 && x <= 13) return x <= 11 ? BARK[1] ?? INK : BARK[0] ?? INK;
    return y === 29 && x >= 9 && x <= 14 ? BARK[0] ?? INK : null;
  };
  if (to !== null) fill(to, width, height, colourAt);
  return { canvas, footX: 12, footY: height + 1 };
}

function pine(seed: number): Picture {
  const [width, height] = [20, 33];
  const { canvas, to } = blank(width, height);
  const colourAt = (x: number, y: number): string | null => {
    if (y >= 27) return y <= 31 && x >= 9 && x <= 10 ? BARK[x - 9] ?? INK : null;
    if (y < 1) return null;
    // Four skirts, each wider than the one above it.
    const skirt = Math.min(Math.floor((y - 1) / 6.5), 3);
    const half = 1.2 + skirt * 0.9 + (y - 1 - skirt * 6.5) * (0.72 + skirt * 0.07) + (chance(x, y + seed) - 0.5);
    const dx = x - 9.5;
    if (Math.abs(dx) > half) return null;
    const drop = (y - 1 - skirt * 6.5) / 6.5;
    return leaf(NEEDLES, 0.85 - drop * 0.55 - dx / 22, x, y, seed);
  };
  if (to !== null) fill(to, width, height, colourAt);
  return { canvas, footX: 10, footY: height + 1 };
}

const ROCKS = ["#5f594f", "#7b746a", "#98917f", "#b5ae9d"];

function boulder(seed: number): Picture {
  const [width, height] = [18, 15];
  const { canvas, to } = blank(width, height);
  const colourAt = (x: number, y: number): string | null => {
    const [dx, dy] = [(x - 8.5) / (7.6 - (seed % 2)), (y - 8) / (y < 8 ? 6.6 - (seed % 3) * 0.7 : 5.2)];
    const ragged = 1 + (chance(Math.floor(x / 3) + seed * 5, Math.floor(y / 3)) - 0.5) * 0.22;
    return dx * dx + dy * dy > ragged ? null : leaf(ROCKS, 0.55 - (dx * 0.4 + dy) * 0.5, Math.floor(x / 2), Math.floor(y / 2), seed);
  };
  if (to !== null) fill(to, width, height, colourAt);
  return { canvas, footX: 9, footY: height + 1 };
}
