// The percentiles of everything, as numbers.
import type { JSX } from "preact";

import { type History, over, type Span } from "./history.ts";
import { countText, MEANINGS, msText, percentileText, saturatedWords, WORDS } from "./strings.ts";

const SHARES = [0.5, 0.95, 0.99, 0.999] as const;

interface Props {
  readonly history: History;
  readonly span: Span;
}

export function Table({ history, span }: Props): JSX.Element {
  const series = [...history.series.values()];
  return (
    <>
      <div class="scroll" role="region" aria-label={WORDS.table} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{WORDS.what}</th>
              <th scope="col">{WORDS.count}</th>
              {SHARES.map((share) => (
                <th key={share} scope="col">
                  {percentileText(share)}
                </th>
              ))}
              <th scope="col">{WORDS.max}</th>
            </tr>
          </thead>
          <tbody>
            {series.map(({ name }) => (
              <Row key={name} name={name} history={history} span={span} />
            ))}
          </tbody>
        </table>
      </div>
      {series.map(
        ({ name, saturatedCount, total }) =>
          saturatedCount > 0 && (
            <p key={name} class="note">
              {saturatedWords(name, saturatedCount, total.layout.highest / 1_000)}
            </p>
          ),
      )}
    </>
  );
}

function Row({ name, history, span }: Props & { readonly name: string }): JSX.Element {
  const measured = over(history, name, span);
  const times = measured === null ? [...SHARES, 1].map(() => WORDS.none) : [...SHARES.map((share) => measured.quantile(share)), measured.max].map((us) => msText(us / 1_000));
  return (
    <tr>
      <th scope="row">
        {name}
        <small>{MEANINGS[name]}</small>
      </th>
      <td>{countText(measured?.count ?? 0)}</td>
      {times.map((text, place) => (
        <td key={place}>{text}</td>
      ))}
    </tr>
  );
}
