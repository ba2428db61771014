// A chart's drawing: uPlot in a box, as wide as there is room, in the colours that the style sheet has now.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { type Along, axesOf, scalesOf } from "./axes.ts";
import type { Rows } from "./curves.ts";
import type { Line } from "./lines.ts";
import { isDark } from "./scheme.ts";

interface Props {
  readonly along: Along;
  readonly lines: readonly Line[];
  readonly rows: Rows;
  /** What there is to see, for who cannot see it. */
  readonly label: string;
  /** Somebody points at a place of the rows, or at none any more. */
  readonly onPoint: (place: number | null) => void;
}

const HEIGHT = 300;

export function Plot({ along, lines, rows, label, onPoint }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const dark = isDark.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(optionsOf(along, lines, element, onPoint), dataOf(rows), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [dark]);
  useEffect(() => {
    plot.current?.setData(dataOf(rows));
  }, [rows]);
  return <div ref={box} class="plot" role="img" aria-label={label} />;
}

function optionsOf(along: Along, lines: readonly Line[], box: HTMLElement, onPoint: Props["onPoint"]): uPlot.Options {
  const styles = getComputedStyle(box);
  const colour = (name: string): string => styles.getPropertyValue(name).trim();
  return {
    width: box.clientWidth,
    height: HEIGHT,
    scales: scalesOf(along),
    axes: axesOf(along, colour("--ink"), colour("--grid")),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    series: [{}, ...lines.map((line) => ({ label: line.label, stroke: colour(`--line-${line.colour}`), width: line.width, dash: [...line.dash], spanGaps: false }))],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function dataOf({ x, ys }: Rows): uPlot.AlignedData {
  return [[...x], ...ys.map((row) => [...row])];
}
