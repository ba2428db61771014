// Pictures in coarse pixels, drawn from letters: one a pixel, a dot is nothing. They mean nothing by themselves: who
// cannot see them misses nothing.
import type { JSX } from "preact";

/** A picture: its rows, and the colour of each letter. */
export interface PixelPicture {
  readonly rows: readonly string[];
  readonly colours: Readonly<Record<string, string>>;
}

/** Draws a picture, `size` CSS pixels wide. */
export function Pixels({ picture, size }: { readonly picture: PixelPicture; readonly size: number }): JSX.Element {
  const { rows, colours } = picture;
  const width = rows[0]?.length ?? 1;
  return (
    <svg class="pixels" viewBox={`0 0 ${width} ${rows.length}`} width={size} height={(size * rows.length) / width} shape-rendering="crispEdges" aria-hidden="true" focusable="false">
      {rows.flatMap((row, y) =>
        runsOf(row).map(({ x, length, letter }) => {
          const fill = colours[letter];
          return fill === undefined ? null : <rect key={`${x},${y}`} x={x} y={y} width={length} height={1} fill={fill} />;
        }),
      )}
    </svg>
  );
}

/** Neighbouring pixels of one colour become one rectangle. */
function runsOf(row: string): { x: number; length: number; letter: string }[] {
  return Array.from(row.matchAll(/(.)\1*/g), ({ index, 0: run }) => ({ x: index, length: run.length, letter: run.charAt(0) }));
}
