// The village as it is seen from afar: the picture of the welcome page, painted a rectangle at a time.

/** Its size in coarse pixels. */
export const SCENE_WIDTH = 160;
export const SCENE_HEIGHT = 72;

type Rect = readonly [colour: string, x: number, y: number, width: number, height: number];

const SKY: readonly Rect[] = [
  ["#7fb2d6", 0, 0, 160, 20],
  ["#97c4de", 0, 16, 160, 12],
  ["#b5d8e4", 0, 26, 160, 12],
  ["#f6e7a8", 126, 7, 10, 10],
  ["#f6e7a8", 124, 9, 14, 6],
  ["#eaf4f2", 18, 9, 22, 4],
  ["#eaf4f2", 23, 6, 10, 4],
  ["#eaf4f2", 86, 14, 26, 4],
  ["#eaf4f2", 92, 11, 12, 4],
];

const HILLS: readonly Rect[] = [
  ["#6f9f86", 0, 32, 160, 8],
  ["#6f9f86", 10, 28, 44, 6],
  ["#6f9f86", 20, 25, 22, 4],
  ["#6f9f86", 96, 27, 52, 6],
  ["#6f9f86", 108, 24, 26, 4],
  ["#4f8a5a", 0, 38, 160, 34],
  ["#5b9a62", 0, 38, 160, 3],
];

const WATER: readonly Rect[] = [
  ["#e0cf94", 112, 52, 48, 20],
  ["#e0cf94", 120, 49, 40, 4],
  ["#3f7fae", 120, 55, 40, 17],
  ["#3f7fae", 128, 52, 32, 4],
  ["#6ba6cb", 126, 58, 10, 1],
  ["#6ba6cb", 142, 62, 12, 1],
  ["#6ba6cb", 130, 67, 8, 1],
  ["#6ba6cb", 148, 55, 9, 1],
];

const PATH: readonly Rect[] = [
  ["#c9ad7a", 34, 48, 8, 6],
  ["#c9ad7a", 36, 53, 14, 5],
  ["#c9ad7a", 44, 57, 60, 6],
  ["#c9ad7a", 98, 54, 16, 6],
  ["#b3966a", 46, 62, 56, 1],
  ["#b3966a", 52, 59, 2, 1],
  ["#b3966a", 70, 60, 2, 1],
  ["#b3966a", 88, 59, 2, 1],
];

const HOUSE: readonly Rect[] = [
  ["#8a3a2c", 28, 24, 20, 3],
  ["#a8483a", 26, 27, 24, 3],
  ["#a8483a", 24, 30, 28, 3],
  ["#8a3a2c", 24, 33, 28, 1],
  ["#5a4632", 43, 19, 4, 6],
  ["#efe3c4", 26, 34, 24, 14],
  ["#d8c7a3", 26, 46, 24, 2],
  ["#6b4a2c", 34, 39, 7, 9],
  ["#e3bd5a", 39, 43, 1, 1],
  ["#7fb2d6", 28, 37, 4, 4],
  ["#7fb2d6", 44, 37, 4, 4],
  ["#5a4632", 30, 37, 0.5, 4],
  ["#dfe6e4", 44, 15, 4, 3],
  ["#dfe6e4", 47, 11, 5, 3],
];

/** A tree whose trunk ends at (x, y). */
function tree(x: number, y: number): Rect[] {
  return [
    ["#5a3d24", x - 1, y - 6, 3, 6],
    ["#2f6b3c", x - 6, y - 15, 13, 10],
    ["#2f6b3c", x - 4, y - 18, 9, 4],
    ["#3f8a45", x - 4, y - 16, 7, 5],
    ["#1f4a29", x - 6, y - 7, 13, 2],
  ];
}

/** A bush with berries, its foot at (x, y). */
function bush(x: number, y: number): Rect[] {
  return [
    ["#2f6b3c", x - 5, y - 5, 11, 5],
    ["#3f8a45", x - 3, y - 7, 7, 4],
    ["#c4352b", x - 3, y - 4, 2, 2],
    ["#c4352b", x + 2, y - 5, 2, 2],
    ["#c4352b", x, y - 2, 2, 2],
  ];
}

/** Somebody who stands at (x, y). */
function somebody(x: number, y: number, hair: string, skin: string, coat: string): Rect[] {
  return [
    ["#2b2118", x, y - 2, 2, 2],
    ["#2b2118", x + 3, y - 2, 2, 2],
    [coat, x - 1, y - 7, 7, 5],
    [skin, x, y - 11, 5, 4],
    [hair, x, y - 13, 5, 3],
    ["#2b2118", x + 1, y - 9, 1, 1],
    ["#2b2118", x + 3, y - 9, 1, 1],
  ];
}

/** What somebody says: a bubble with its lower left corner at (x, y). */
function bubble(x: number, y: number): Rect[] {
  return [
    ["#2b2118", x, y - 9, 14, 8],
    ["#fffaf0", x + 1, y - 8, 12, 6],
    ["#2b2118", x + 3, y - 1, 2, 2],
    ["#2b2118", x + 3, y - 6, 2, 2],
    ["#2b2118", x + 6, y - 6, 2, 2],
    ["#2b2118", x + 9, y - 6, 2, 2],
  ];
}

const FLOWERS: readonly Rect[] = Array.from({ length: 36 }, (_, place): Rect => {
  const colour = ["#e3bd5a", "#efe3c4", "#d98a8a", "#3f7a48"][place % 4] ?? "#3f7a48";
  return [colour, (place * 37 + 5) % 112, 41 + ((place * 23) % 30), 1, 1];
});

/** Paints the scene on a canvas of its size. */
export function paintScene(context: CanvasRenderingContext2D): void {
  const things = [
    ...tree(12, 46),
    ...tree(66, 45),
    ...tree(80, 48),
    ...tree(104, 46),
    ...bush(60, 70),
    ...bush(92, 69),
    ...somebody(72, 64, "#5a3220", "#e8b88a", "#b5432f"),
    ...bubble(76, 50),
    ...somebody(98, 60, "#d8a53a", "#8d5a3a", "#2f5a8a"),
    ...somebody(18, 62, "#e3bd5a", "#c98f63", "#6a4a8a"),
  ];
  for (const [colour, x, y, width, height] of [...SKY, ...HILLS, ...FLOWERS, ...WATER, ...PATH, ...HOUSE, ...things]) {
    context.fillStyle = colour;
    context.fillRect(x, y, width, height);
  }
}
