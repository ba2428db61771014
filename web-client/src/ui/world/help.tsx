// Keys, gestures, and how one knows what is safe. It leaves the keys to the village, so that one can try while reading.
import type { JSX } from "preact";

import { HELP_BERRIES, HELP_SAFE, KEY_HELP, TOUCH_HELP } from "../../strings/hints.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";

export function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <section class="help" aria-labelledby="help-title">
      <div class="panel-head">
        <h2 id="help-title">{PANEL_WORDS.helpTitle}</h2>
        <button type="button" class="small-button" onClick={onClose}>
          {PANEL_WORDS.close}
        </button>
      </div>
      <Keys className="for-keys" rows={KEY_HELP} />
      <Keys className="for-touch" rows={TOUCH_HELP} />
      <p class="small">{HELP_BERRIES}</p>
      <p class="small">{HELP_SAFE}</p>
    </section>
  );
}

function Keys({ className, rows }: { readonly className: string; readonly rows: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <dl class={className}>
      {rows.map(([key, does]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
