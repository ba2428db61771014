// A chart: its drawing, and a legend that says how much each line is where somebody points, or where it says most.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { Along } from "./axes.ts";
import { type Rows, shareOfX } from "./curves.ts";
import type { Line } from "./lines.ts";
import { Plot } from "./plot.tsx";
import { durationText, percentileText, timeText, WORDS } from "./strings.ts";

interface Props {
  readonly title: string;
  readonly along: Along;
  readonly lines: readonly Line[];
  readonly rows: Rows;
  /** The place of the rows that the legend reads while nobody points. */
  readonly resting: number;
}

export function Chart({ title, along, lines, rows, resting }: Props): JSX.Element {
  const pointed = useSignal<number | null>(null);
  const place = pointed.value ?? resting;
  const x = rows.x[place];
  const where = x === undefined ? "" : along === "time" ? timeText(x * 1_000) : percentileText(shareOfX(x));
  const isEmpty = rows.ys.every((row) => row.every((value) => value === null));
  return (
    <>
      <Plot along={along} lines={lines} rows={rows} label={title} onPoint={(at) => (pointed.value = at)} />
      {isEmpty ? (
        <p class="note">{WORDS.nothingMeasured}</p>
      ) : (
        <div class="legend">
          <span class="where">{where}</span>
          <ul>
            {lines.map(({ label, colour, dash, width }, row) => {
              const value = rows.ys[row]?.[place];
              return (
                <li key={label}>
                  <svg class={`swatch ${colour}`} width="28" height="8" aria-hidden="true">
                    <line x1="0" y1="4" x2="28" y2="4" stroke-width={width + 1} stroke-dasharray={dash.join(" ")} />
                  </svg>
                  {label} <strong>{value === undefined || value === null ? WORDS.none : durationText(value)}</strong>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </>
  );
}
