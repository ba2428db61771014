// The page: what is to blame, and below it what that is read from.
import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { Chart } from "./chart.tsx";
import { percentileRows, timeRows, xOfShare } from "./curves.ts";
import type { Heard } from "./feed.ts";
import type { Span } from "./history.ts";
import { ACTION_LINES, ACTION_NAMES, askedOf, SHARE_LINES, STAGE_LINES, STAGE_P95S } from "./lines.ts";
import { SPAN_WORDS, WORDS } from "./strings.ts";
import { Table } from "./table.tsx";
import { Top } from "./top.tsx";
import { LATENCY } from "./verdict.ts";

const SPANS: readonly Span[] = ["minute", "quarter", "start"];

export function Page({ heard }: { readonly heard: ReadonlySignal<Heard> }): JSX.Element {
  const span = useSignal<Span>("minute");
  const name = useSignal(LATENCY);
  const history = useComputed(() => heard.value.history);
  const percentiles = useComputed(() => percentileRows(history.value, ACTION_NAMES, span.value));
  const stages = useComputed(() => timeRows(history.value, STAGE_P95S));
  const one = useComputed(() => timeRows(history.value, askedOf(name.value)));
  return (
    <main>
      <Top heard={heard.value} />
      {heard.value.lastMs !== null && (
        <div class="measured">
          <div class="spans" role="group" aria-label={WORDS.span}>
            {SPANS.map((each) => (
              <button key={each} type="button" aria-pressed={span.value === each} onClick={() => (span.value = each)}>
                {SPAN_WORDS[each]}
              </button>
            ))}
          </div>
          <div class="column">
            <section>
              <h2>{WORDS.percentiles}</h2>
              <Chart title={WORDS.percentiles} along="percentile" lines={ACTION_LINES} rows={percentiles.value} resting={percentiles.value.x.indexOf(xOfShare(0.95))} />
              <p class="note">{WORDS.percentilesNote}</p>
            </section>
            <section>
              <h2>{WORDS.stagesOverTime}</h2>
              <Chart title={WORDS.stagesOverTime} along="time" lines={STAGE_LINES} rows={stages.value} resting={stages.value.x.length - 1} />
            </section>
          </div>
          <div class="column">
            <section>
              <h2>{WORDS.table}</h2>
              <Table history={history.value} span={span.value} />
              <p class="note">{WORDS.tableNote}</p>
            </section>
            <section>
              <h2>{WORDS.oneOverTime}</h2>
              <label>
                {WORDS.shown}{" "}
                <select value={name.value} onChange={({ currentTarget }) => (name.value = currentTarget.value)}>
                  {[...history.value.series.keys()].map((each) => (
                    <option key={each} value={each}>
                      {each}
                    </option>
                  ))}
                </select>
              </label>
              <Chart title={`${WORDS.oneOverTime}: ${name.value}`} along="time" lines={SHARE_LINES} rows={one.value} resting={one.value.x.length - 1} />
            </section>
          </div>
        </div>
      )}
    </main>
  );
}
