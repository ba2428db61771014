// Always in view: how it stands with the connection, whether all is saved, who one is, and the menu.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ConnectionState } from "@holdfast/client";
import type { JSX } from "preact";

import type { Me, Playing } from "../../playing.ts";
import { STATE_TITLES, toneOf } from "../../strings/states.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { portraitOf } from "../pictures/portraits.ts";
import type { WaysOut } from "../world.tsx";
import { Menu } from "./menu.tsx";
import { SavedMark } from "./saved_mark.tsx";

interface Props {
  readonly playing: Playing;
  readonly shown: ReadonlySignal<ConnectionState>;
  readonly ways: WaysOut;
  readonly onHelp: () => void;
}

export function TopBar({ playing, shown, ways, onHelp }: Props): JSX.Element {
  const isMenuOpen = useSignal(false);
  const me = playing.me.value;
  return (
    <header class="top">
      <div class="standing">
        <p class={`state ${toneOf(shown.value)}`}>{STATE_TITLES[shown.value.name]}</p>
        <SavedMark playing={playing} />
      </div>
      {me !== null && <Who me={me} />}
      <div class="top-buttons">
        <button type="button" class="square" aria-label="Help: keys and touch" onClick={onHelp}>
          ?
        </button>
        <button type="button" aria-expanded={isMenuOpen.value} aria-controls="menu" onClick={() => (isMenuOpen.value = !isMenuOpen.value)}>
          Menu
        </button>
      </div>
      {isMenuOpen.value && <Menu playing={playing} ways={ways} onClose={() => (isMenuOpen.value = false)} />}
    </header>
  );
}

function Who({ me }: { readonly me: Me }): JSX.Element {
  return (
    <div class="who">
      <Pixels picture={portraitOf(me.archetype)} size={42} />
      <div>
        <p class="name">{me.name}</p>
        <Vital name="Health" value={me.health} />
        <Vital name="Energy" value={me.energy} />
      </div>
    </div>
  );
}

function Vital({ name, value }: { readonly name: string; readonly value: number }): JSX.Element {
  return (
    <div class={`vital ${name.toLowerCase()}`} role="meter" aria-label={name} aria-valuenow={value} aria-valuemin={0} aria-valuemax={100} title={`${name}: ${value} of 100`}>
      <div style={{ width: `${Math.max(0, Math.min(100, value))}%` }} />
    </div>
  );
}
