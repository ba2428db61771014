// A panel over the village: a heading and what stands under it.
import type { ComponentChildren, JSX } from "preact";

interface Props {
  /** Its name in the style sheet, and the id of what is opened and closed by the bar. */
  readonly id: string;
  readonly title: string;
  /** Stands beside the title. */
  readonly note?: string;
  readonly children: ComponentChildren;
}

export function Panel({ id, title, note, children }: Props): JSX.Element {
  return (
    <section id={id} class={`panel ${id}`} aria-labelledby={`${id}-title`}>
      <div class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <p class="small">{note}</p>}
      </div>
      {children}
    </section>
  );
}
