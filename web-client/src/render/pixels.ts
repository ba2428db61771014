// From letters to pixels.

/** Draws rows of letters, one pixel each, in the colours that the letters stand for; all other letters are nothing. */
export function drawPixels(
  to: CanvasRenderingContext2D,
  rows: readonly string[],
  colours: Readonly<Record<string, string>>,
  left: number,
  top: number,
): void {
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      const colour = colours[row.charAt(x)];
      if (colour === undefined) continue;
      to.fillStyle = colour;
      to.fillRect(left + x, top + y, 1, 1);
    }
  });
}
