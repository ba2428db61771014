// For fingers: arrows to hold, and what can be done right here. The style sheet shows it where there is no fine pointer.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Direction, Playing } from "../../playing.ts";
import { PANEL_WORDS, someOf } from "../../strings/panels.ts";

const ARROWS: readonly (readonly [Direction, string, string])[] = [
  ["nw", "↖", "north-west"],
  ["n", "↑", "north"],
  ["ne", "↗", "north-east"],
  ["w", "←", "west"],
  ["e", "→", "east"],
  ["sw", "↙", "south-west"],
  ["s", "↓", "south"],
  ["se", "↘", "south-east"],
];

export function Pad({ playing }: { readonly playing: Playing }): JSX.Element {
  const nearest = playing.reachable.value[0];
  return (
    <div class="pad">
      {nearest !== undefined && (
        <button type="button" class="primary pick" onClick={() => playing.pickUp(nearest.id)}>
          {PANEL_WORDS.pickUpThat(someOf(nearest.kind, nearest.count))}
        </button>
      )}
      <div class="arrows" role="group" aria-label={PANEL_WORDS.walk}>
        {ARROWS.map(([direction, sign, name]) => (
          <Arrow key={direction} playing={playing} direction={direction} sign={sign} name={name} />
        ))}
      </div>
    </div>
  );
}

interface ArrowProps {
  readonly playing: Playing;
  readonly direction: Direction;
  readonly sign: string;
  readonly name: string;
}

function Arrow({ playing, direction, sign, name }: ArrowProps): JSX.Element {
  const release = (): void => {
    playing.release(direction);
  };
  // An arrow that goes while it is held would never be let go.
  useEffect(() => release, [playing, direction]);
  return (
    <button
      type="button"
      class={`arrow ${direction}`}
      aria-label={PANEL_WORDS.walkTo(name)}
      onPointerDown={(event) => {
        // The finger may slide off the arrow; letting go counts all the same.
        event.currentTarget.setPointerCapture(event.pointerId);
        playing.hold(direction);
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onLostPointerCapture={release}
      onContextMenu={(event) => event.preventDefault()}
      // A press by a key or a reading program has no pointer: it is one step.
      onClick={({ detail }) => detail === 0 && playing.step(direction)}
    >
      {sign}
    </button>
  );
}
