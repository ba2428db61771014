// Always in view: how it stands with the connection, whether all is saved, who one is, and the menu.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ConnectionState } from "@holdfast/client";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import type { Me, Playing } from "../../playing.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";
import { STATE_TITLES, toneOf } from "../../strings/states.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { portraitOf } from "../pictures/portraits.ts";
import { ENERGY, HEALTH } from "../pictures/vitals.ts";
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
  const opener = useRef<HTMLButtonElement>(null);
  const closeMenu = (): void => {
    // The focus would be nowhere; where somebody has it elsewhere already, it stays there.
    if (document.activeElement?.closest("#menu")) opener.current?.focus();
    isMenuOpen.value = false;
  };
  const me = playing.me.value;
  return (
    <header class="top">
      <div class="standing">
        <p class={`state ${toneOf(shown.value)}`}>{STATE_TITLES[shown.value.name]}</p>
        <SavedMark playing={playing} />
      </div>
      {me !== null && <Who me={me} />}
      <div class="top-buttons">
        <button type="button" class="square" aria-label={PANEL_WORDS.help} onClick={onHelp}>
          ?
        </button>
        <button ref={opener} type="button" aria-expanded={isMenuOpen.value} aria-controls="menu" onClick={() => (isMenuOpen.value = !isMenuOpen.value)}>
          {PANEL_WORDS.menu}
        </button>
      </div>
      {isMenuOpen.value && <Menu playing={playing} ways={ways} onClose={closeMenu} />}
    </header>
  );
}

function Who({ me }: { readonly me: Me }): JSX.Element {
  return (
    <div class="who">
      <Pixels picture={portraitOf(me.archetype, me.id)} size={42} />
      <div>
        <p class="name">{me.name}</p>
        <Vital kind="health" value={me.health} />
        <Vital kind="energy" value={me.energy} />
      </div>
    </div>
  );
}

const VITAL_PICTURES = { health: HEALTH, energy: ENERGY } as const;

function Vital({ kind, value }: { readonly kind: keyof typeof VITAL_PICTURES; readonly value: number }): JSX.Element {
  const name = PANEL_WORDS[kind];
  return (
    <div class="vital" title={PANEL_WORDS.ofHundred(name, value)}>
      <Pixels picture={VITAL_PICTURES[kind]} size={14} />
      <div class={`meter ${kind}`} role="meter" aria-label={name} aria-valuenow={value} aria-valuemin={0} aria-valuemax={100}>
        <div style={{ width: `${Math.max(0, Math.min(100, value))}%` }} />
      </div>
    </div>
  );
}
