// Always in view: how it stands with the connection, whether all is saved, who one is, and the menu.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ConnectionState } from "@holdfast/client";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import type { Me, Playing } from "../../playing.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";
import { STATE_TITLES, type Tone, toneOf } from "../../strings/states.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { portraitOf } from "../pictures/portraits.ts";
import type { WaysOut } from "../world.tsx";
import { Menu } from "./menu.tsx";
import type { Saved } from "./saved.ts";
import { useUnanswered } from "./unanswered.ts";

interface Props {
  readonly playing: Playing;
  readonly shown: ReadonlySignal<ConnectionState>;
  readonly saved: ReadonlySignal<Saved>;
  /** The name of who is signed in; null where there is none. */
  readonly account: string | null;
  readonly ways: WaysOut;
  readonly onHelp: () => void;
}

export function TopBar({ playing, shown, saved, account, ways, onHelp }: Props): JSX.Element {
  const isMenuOpen = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const closeMenu = (): void => {
    // The focus would be nowhere; where somebody has it elsewhere already, it stays there.
    if (document.activeElement?.closest("#menu")) opener.current?.focus();
    isMenuOpen.value = false;
  };
  const me = playing.me.value;
  const isUnanswered = useUnanswered(playing).value && shown.value.name === "PLAYING";
  const tone: Tone = isUnanswered ? "waiting" : toneOf(shown.value);
  return (
    <header class="top">
      <div class="standing">
        <p class={`state ${tone}`}>{isUnanswered ? PANEL_WORDS.unanswered : STATE_TITLES[shown.value.name]}</p>
        <p class={saved.value.isAll ? "saved all" : "saved"}>{saved.value.words}</p>
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
      {isMenuOpen.value && <Menu playing={playing} saved={saved} account={account} ways={ways} onClose={closeMenu} />}
    </header>
  );
}

function Who({ me }: { readonly me: Me }): JSX.Element {
  return (
    <div class="who">
      <Pixels picture={portraitOf(me.archetype, me.id)} size={42} />
      <p class="name">{me.name}</p>
    </div>
  );
}
