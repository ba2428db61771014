// Pictures of people, ready to be drawn: for each archetype and each of eight complexions one sheet, made when somebody
// looks like that for the first time.
import { COMPLEXIONS, darker } from "../complexion.ts";
import { CLOSED_EYES, FIGURE_HEIGHT, FIGURE_WIDTH, LEGS, mirrored, type Side, upperRows } from "./figure_art.ts";
import { INK } from "./palette.ts";
import { drawPixels } from "./pixels.ts";
import type { Figure } from "./scene.ts";

type Facing = Figure["facing"];

const FACINGS: readonly Facing[] = ["s", "n", "e", "w"];
const SIDE_OF: Readonly<Record<Facing, Side>> = { s: "front", n: "back", e: "side", w: "side" };
/** Standing, one stride, standing, the other stride: a cell for each moment of a step. */
const LEGS_AT = [0, 1, 0, 2] as const;
const LEGS_COUNT = 3;
const SLEEPER = FACINGS.length * LEGS_COUNT;

/** A sheet for each complexion, by archetype. */
const sheets = new Map<string, (HTMLCanvasElement | undefined)[]>();
/** The shadow at somebody's feet: it is a part of the picture, so that a crowd costs one drawing each. */
const SHADOW = "rgb(20 24 16 / 0.3)";
const CELL_HEIGHT = FIGURE_HEIGHT + 1;

/** Draws somebody in the cell that begins at this place, `scale` pixels to each of theirs; their feet are at its end. */
export function drawFigure(to: CanvasRenderingContext2D, figure: Figure, left: number, top: number, scale: number): void {
  const cell = figure.isAsleep ? SLEEPER : FACINGS.indexOf(figure.facing) * LEGS_COUNT + (LEGS_AT[figure.stride % LEGS_AT.length] ?? 0);
  const [width, height] = [FIGURE_WIDTH * scale, CELL_HEIGHT * scale];
  to.drawImage(sheetOf(figure.archetype, figure.complexion), cell * FIGURE_WIDTH, 0, FIGURE_WIDTH, CELL_HEIGHT, left, top, width, height);
}

/** What no catalogue has looks like a villager: there are sheets for three archetypes, whatever a server sends. */
function sheetOf(archetype: string, complexion: number): HTMLCanvasElement {
  const name = HAT_COLOURS.has(archetype) ? archetype : "villager";
  let row = sheets.get(name);
  if (row === undefined) {
    row = [];
    sheets.set(name, row);
  }
  const place = complexion % COMPLEXIONS.length;
  return (row[place] ??= makeSheet(name, place));
}

/** Hat, hat in the shade, apron or trimming, trousers. */
const HAT_COLOURS: ReadonlyMap<string, readonly [string, string, string, string]> = new Map([
  ["villager", ["#b59f78", "#8f7b58", "#f4e9d2", "#4b4038"]],
  ["gardener", ["#e3c477", "#b8954c", "#47793f", "#4d4a3a"]],
  ["fisher", ["#35577a", "#26415d", "#f4e9d2", "#3a4654"]],
]);

function makeSheet(archetype: string, complexion: number): HTMLCanvasElement {
  const { hair, skin, coat } = COMPLEXIONS[complexion] ?? COMPLEXIONS[0];
  const [hat, hatShade, trimming, trousers] = HAT_COLOURS.get(archetype) ?? ["#b59f78", "#8f7b58", "#f4e9d2", "#4b4038"];
  const colours: Readonly<Record<string, string>> = {
    h: hair,
    s: skin,
    d: darker(skin),
    e: INK,
    o: INK,
    // Oilskin is yellow, whoever wears it; the trimming then is their own colour.
    c: archetype === "fisher" ? "#dcae3c" : coat,
    k: darker(archetype === "fisher" ? "#dcae3c" : coat),
    a: archetype === "fisher" ? coat : trimming,
    t: trousers,
    b: "#4a3020",
    w: hat,
    v: hatShade,
  };
  const sheet = document.createElement("canvas");
  sheet.width = FIGURE_WIDTH * (SLEEPER + 1);
  sheet.height = CELL_HEIGHT;
  const to = sheet.getContext("2d");
  if (to === null) return sheet;
  to.fillStyle = SHADOW;
  for (let cell = 0; cell <= SLEEPER; cell += 1) {
    to.fillRect(cell * FIGURE_WIDTH + 2, CELL_HEIGHT - 4, FIGURE_WIDTH - 4, 4);
    to.fillRect(cell * FIGURE_WIDTH + 1, CELL_HEIGHT - 3, FIGURE_WIDTH - 2, 2);
  }
  FACINGS.forEach((facing, place) => {
    const side = SIDE_OF[facing];
    LEGS[side].forEach((legs, stride) => {
      const rows = [...upperRows(archetype, side), ...legs];
      drawPixels(to, facing === "w" ? mirrored(rows) : rows, colours, (place * LEGS_COUNT + stride) * FIGURE_WIDTH, 0);
    });
  });
  drawPixels(to, sleepingRows(archetype), colours, SLEEPER * FIGURE_WIDTH, 0);
  return sheet;
}

/** Whoever sleeps sits: the legs are drawn in, and all else is lower by as much. */
function sleepingRows(archetype: string): string[] {
  const rows = upperRows(archetype, "front").map((row, place) => (place === CLOSED_EYES.row ? CLOSED_EYES.pixels : row));
  return ["", "", ...rows, ".obboooobbo."];
}
