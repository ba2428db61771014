// The one box over the map at a time: what the connection needs patience for, else a notice, else a lasting warning, else
// the next hint. A notice that comes while the connection is not well stands in the same box.
import type { ConnectionState } from "@holdfast/client";
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { NOT_KEPT } from "../../strings/panels.ts";
import { toneOf } from "../../strings/states.ts";
import { ConnectionBanner } from "./connection.tsx";
import { HintCard } from "./hint_card.tsx";
import type { Visits } from "./visits.ts";

interface Props {
  readonly playing: Playing;
  readonly shown: ReadonlySignal<ConnectionState>;
  readonly visits: Visits;
  /** Whether one's own character is in the world yet. */
  readonly isHere: boolean;
}

export function OneBox({ playing, shown, visits, isHere }: Props): JSX.Element {
  const notice = playing.notice.value;
  const isWell = toneOf(shown.value) === "good";
  const isFree = isWell && notice === null;
  return (
    <>
      <ConnectionBanner shown={shown} retryInMs={playing.retryInMs} also={notice?.sentence ?? null} />
      <div role="status">
        {isWell && notice !== null && (
          <p key={notice.key} class="notice">
            {notice.sentence}
          </p>
        )}
      </div>
      {isFree && !playing.isKept.value && <p class="banner">{NOT_KEPT}</p>}
      {isFree && playing.isKept.value && isHere && !visits.isHelpOpen.value && <HintCard visits={visits} />}
    </>
  );
}
