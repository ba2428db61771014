// What stands in the way until somebody does something: a sentence, and the one button that helps.
import { type ConnectionState, sentenceOf } from "@holdfast/client";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Playing } from "../../playing.ts";
import { MAP_FAILED, PANEL_WORDS } from "../../strings/panels.ts";
import { type Remedy, REMEDY_WORDS, remedyOf, STATE_TITLES } from "../../strings/states.ts";
import type { WaysOut } from "../world.tsx";

interface Props {
  readonly state: ConnectionState;
  readonly mapFailed: boolean;
  readonly playing: Playing;
  readonly ways: WaysOut;
  readonly toVillage: () => void;
}

export function Obstacle({ state, mapFailed, playing, ways, toVillage }: Props): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [state.name]);
  const remedy = remedyOf(state);
  const title = remedy === null && mapFailed ? PANEL_WORDS.noMap : STATE_TITLES[state.name];
  return (
    <section class="obstacle" role="alertdialog" aria-labelledby="obstacle-title" aria-describedby="obstacle-says">
      <h2 id="obstacle-title">{title}</h2>
      <p id="obstacle-says">{remedy === null && mapFailed ? MAP_FAILED : sentenceOf(state)}</p>
      {remedy === null ? (
        <button ref={button} type="button" class="primary wide" onClick={ways.reload}>
          {PANEL_WORDS.reload}
        </button>
      ) : (
        <button ref={button} type="button" class="primary wide" onClick={() => (toVillage(), apply(remedy, playing, ways))}>
          {REMEDY_WORDS[remedy]}
        </button>
      )}
    </section>
  );
}

function apply(remedy: Remedy, playing: Playing, ways: WaysOut): void {
  switch (remedy) {
    case "retry":
    case "take_back":
      playing.retry();
      return;
    case "update":
      ways.reload();
      return;
    case "sign_in":
      ways.signIn();
      return;
    case "somebody_else":
      ways.beSomebodyElse();
      return;
    case "choose":
      ways.chooseInstead();
      return;
  }
}
