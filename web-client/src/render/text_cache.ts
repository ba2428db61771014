// Names and speech as pictures. Text is drawn with the system's font at the screen's own resolution, so that it can be
// read at every size of pixels; and it is drawn once, since nothing costs as much in a frame as text.
import { CREAM, GOLD, INK, PAPER } from "./palette.ts";
import { wrap } from "./wrap.ts";

/** How many pictures are kept; beyond that those that were shown longest ago go. */
const PICTURES_MAX = 256;
/**
 * How many pixels they may have together, which is 32 MiB of memory: on a phone with fine pixels a long speech takes a
 * megabyte, and browsers there blank all canvases beyond a few hundred. A screen full of names and speech has less.
 */
const PIXELS_MAX = 8 * 1024 * 1024;
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const NAME_PX = 13;
const SPEECH_PX = 15;
const LINE_PX = 20;
const PADDING_PX = 9;
const BORDER_PX = 3;
const SPEECH_WIDTH_MAX_PX = 230;
const SPEECH_LINES_MAX = 6;

/** Who a name is of. */
export type NameKind = "mine" | "other" | "asleep";

const NAME_COLOURS: Readonly<Record<NameKind, string>> = { mine: GOLD, other: CREAM, asleep: "#c9cdd6" };

/** Pictures of text. */
export class TextCache {
  /** Those that were shown last come last. */
  private readonly pictures = new Map<string, HTMLCanvasElement>();
  private pixelCount = 0;
  private ratio = 1;
  private roomPx = SPEECH_WIDTH_MAX_PX;

  /** The surface is of another size: what was made for the old one is of no use. */
  resize(width: number, devicePixelRatio: number): void {
    const roomPx = Math.min(SPEECH_WIDTH_MAX_PX, width * 0.62);
    if (devicePixelRatio === this.ratio && roomPx === this.roomPx) return;
    this.ratio = devicePixelRatio;
    this.roomPx = roomPx;
    this.pictures.clear();
    this.pixelCount = 0;
  }

  /** Somebody's name. */
  name(name: string, kind: NameKind): HTMLCanvasElement {
    return this.once(`${kind} ${name}`, (canvas, to) => {
      const font = `600 ${NAME_PX}px ${FONT}`;
      to.font = font;
      const width = Math.ceil(to.measureText(name).width) + 8;
      this.fit(canvas, to, width, NAME_PX + 9);
      to.font = font;
      to.textAlign = "center";
      to.textBaseline = "middle";
      to.lineJoin = "round";
      to.lineWidth = 4;
      to.strokeStyle = INK;
      to.strokeText(name, width / 2, (NAME_PX + 9) / 2);
      to.fillStyle = NAME_COLOURS[kind];
      to.fillText(name, width / 2, (NAME_PX + 9) / 2);
    });
  }

  /** What somebody says, on a sheet of paper without its tail. */
  speech(text: string, isMine: boolean): HTMLCanvasElement {
    return this.once(`${isMine ? "my" : "their"} speech ${text}`, (canvas, to) => {
      const font = `${SPEECH_PX}px ${FONT}`;
      to.font = font;
      const lines = wrap(text, this.roomPx - 2 * PADDING_PX, SPEECH_LINES_MAX, (part) => to.measureText(part).width);
      const inner = Math.max(...lines.map((line) => to.measureText(line).width), 24);
      const width = Math.ceil(inner) + 2 * (PADDING_PX + BORDER_PX);
      const height = lines.length * LINE_PX + 2 * PADDING_PX - 4 + 2 * BORDER_PX;
      this.fit(canvas, to, width, height);
      frame(to, width, height, paperOf(isMine));
      to.font = font;
      to.textBaseline = "middle";
      to.fillStyle = INK;
      lines.forEach((line, place) => {
        to.fillText(line, BORDER_PX + PADDING_PX, BORDER_PX + PADDING_PX - 2 + (place + 0.5) * LINE_PX);
      });
    });
  }

  /** A key cap. */
  key(letter: string): HTMLCanvasElement {
    return this.once(`key ${letter}`, (canvas, to) => {
      this.fit(canvas, to, 24, 26);
      to.fillStyle = INK;
      to.fillRect(0, 2, 24, 22);
      to.fillRect(2, 0, 20, 26);
      to.fillStyle = "#d8c7a3";
      to.fillRect(2, 2, 20, 22);
      to.fillStyle = PAPER;
      to.fillRect(2, 2, 20, 18);
      to.font = `700 14px ${FONT}`;
      to.textAlign = "center";
      to.textBaseline = "middle";
      to.fillStyle = INK;
      to.fillText(letter, 12, 11.5);
    });
  }

  private fit(canvas: HTMLCanvasElement, to: CanvasRenderingContext2D, width: number, height: number): void {
    canvas.width = Math.ceil(width * this.ratio);
    canvas.height = Math.ceil(height * this.ratio);
    to.scale(this.ratio, this.ratio);
  }

  private once(key: string, make: (canvas: HTMLCanvasElement, to: CanvasRenderingContext2D) => void): HTMLCanvasElement {
    let picture = this.pictures.get(key);
    if (picture === undefined) {
      picture = document.createElement("canvas");
      const to = picture.getContext("2d");
      if (to !== null) make(picture, to);
      this.pixelCount += pixelsOf(picture);
    }
    this.pictures.delete(key);
    this.pictures.set(key, picture);
    this.trim(picture);
    return picture;
  }

  /** Lets the oldest go until the rest is within bounds; never the one that is about to be drawn. */
  private trim(newest: HTMLCanvasElement): void {
    for (const [key, picture] of this.pictures) {
      const isWithin = this.pictures.size <= PICTURES_MAX && this.pixelCount <= PIXELS_MAX;
      if (isWithin || picture === newest) return;
      this.pictures.delete(key);
      this.pixelCount -= pixelsOf(picture);
    }
  }
}

function pixelsOf({ width, height }: HTMLCanvasElement): number {
  return width * height;
}

/** A sheet of paper with notched corners. */
function frame(to: CanvasRenderingContext2D, width: number, height: number, paper: string): void {
  const b = BORDER_PX;
  to.fillStyle = INK;
  to.fillRect(b, 0, width - 2 * b, height);
  to.fillRect(0, b, width, height - 2 * b);
  to.fillStyle = paper;
  to.fillRect(b, b, width - 2 * b, height - 2 * b);
}

function paperOf(isMine: boolean): string {
  return isMine ? "#fff3cf" : PAPER;
}

/** How high a bubble's tail is, in the page's pixels. */
export const TAIL_PX = 2 * BORDER_PX;

/** The tail of a bubble whose lower edge is at `y`: it points at who speaks, wherever the bubble had to go. */
export function drawTail(to: CanvasRenderingContext2D, x: number, y: number, ratio: number, isMine: boolean): void {
  const b = Math.round(BORDER_PX * ratio);
  to.fillStyle = INK;
  to.fillRect(x - 2 * b, y - b, 4 * b, 2 * b);
  to.fillRect(x - b, y + b, 2 * b, b);
  to.fillStyle = paperOf(isMine);
  to.fillRect(x - b, y - b, 2 * b, 2 * b);
}
