// The ways out of the world.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Playing } from "../../playing.ts";
import { PANEL_WORDS } from "../../strings/panels.ts";
import { signedInAs } from "../../strings/page.ts";
import type { WaysOut } from "../world.tsx";
import type { Saved } from "./saved.ts";

/** How long the last word to the world may take to leave, before the browser leaves the page. */
const FAREWELL_MS = 150;

interface Props {
  readonly playing: Playing;
  readonly saved: ReadonlySignal<Saved>;
  /** The name of who is signed in; null where there is none. */
  readonly account: string | null;
  readonly ways: WaysOut;
  readonly onClose: () => void;
}

export function Menu({ playing, saved, account, ways, onClose }: Props): JSX.Element {
  const first = useRef<HTMLButtonElement>(null);
  const isLeaving = useSignal(false);
  useEffect(() => {
    first.current?.focus();
    const press = ({ key }: KeyboardEvent): void => {
      if (key === "Escape") onClose();
    };
    addEventListener("keydown", press);
    return () => {
      removeEventListener("keydown", press);
    };
  }, []);
  const leave = (then: () => void): void => {
    if (isLeaving.value) return;
    isLeaving.value = true;
    playing.leave();
    setTimeout(then, FAREWELL_MS);
  };
  const waits = playing.isKept.value ? PANEL_WORDS.leaveWaiting : PANEL_WORDS.leaveNotKept;
  return (
    <nav id="menu" class="menu" aria-label={PANEL_WORDS.menu}>
      {account !== null && <p class="small">{signedInAs(account)}</p>}
      <button ref={first} type="button" onClick={() => leave(ways.chooseAnother)}>
        {PANEL_WORDS.anotherCharacter}
      </button>
      <button type="button" onClick={() => leave(ways.signOut)}>
        {PANEL_WORDS.signOut}
      </button>
      <p class="small">{saved.value.isAll ? PANEL_WORDS.leaveSaved : waits}</p>
      <button type="button" class="quiet" onClick={onClose}>
        {PANEL_WORDS.close}
      </button>
    </nav>
  );
}
