// The world's screen: the village over all of it, and the panels around. It starts the village when it appears and ends
// its part in it when it goes.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { buildBytes } from "../build_id.ts";
import type { Page } from "../page.ts";
import type { Play, Playing } from "../playing.ts";
import type { Session } from "../sign_in/session.ts";
import type { Kept } from "../storage.ts";
import { CANVAS_LABEL, PANEL_WORDS } from "../strings/panels.ts";
import type { WayAhead } from "../way_ahead.ts";
import { Hud } from "./world/hud.tsx";

interface Props {
  readonly page: Page;
  readonly play: Play;
  readonly session: Session;
  readonly character: bigint;
  readonly terrain: Promise<ArrayBuffer>;
  readonly addresses: Promise<readonly string[]>;
  /** Where the browser keeps what somebody has been told already. */
  readonly kept: Kept;
  /** The connections to the world. */
  readonly way: WayAhead;
}

export function WorldScreen({ page, play, session, character, terrain, addresses, kept, way }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const playing = useSignal<Playing | null>(null);
  const mapFailed = useSignal(false);

  // As early as it can be: the connection is opened before the first picture is drawn.
  useLayoutEffect(() => {
    if (canvas.current === null) return undefined;
    const started = play({
      canvas: canvas.current,
      build: buildBytes(),
      socketUrl: way.url,
      openSocket: (url) => way.take(url),
      addresses,
      character,
      accessToken: (expired) => session.tokens.accessToken(expired),
      terrain,
    });
    playing.value = started;
    terrain.catch(() => {
      mapFailed.value = true;
    });
    canvas.current.focus({ preventScroll: true });
    return () => {
      started.close();
    };
  }, [play, session, character, terrain, addresses, playing, mapFailed, way]);

  return (
    <div class="world">
      <a class="skip" href="#village" onClick={(event) => (event.preventDefault(), canvas.current?.focus())}>
        {PANEL_WORDS.skip}
      </a>
      <canvas ref={canvas} id="village" class="village" tabIndex={0} role="application" aria-label={CANVAS_LABEL} />
      {playing.value !== null && (
        <Hud playing={playing.value} mapFailed={mapFailed.value} kept={kept} account={session.name} toVillage={() => canvas.current?.focus()} ways={waysOut(page, session, character)} />
      )}
    </div>
  );
}

/** How one gets from the world to another screen. */
export interface WaysOut {
  readonly signIn: () => void;
  readonly beSomebodyElse: () => void;
  /** The world does not know the character. */
  readonly chooseInstead: () => void;
  readonly chooseAnother: () => void;
  readonly signOut: () => void;
  readonly reload: () => void;
}

function waysOut(page: Page, session: Session, character: bigint): WaysOut {
  return {
    signIn: () => void page.signIn(character),
    beSomebodyElse: () => void page.signIn(null, true),
    chooseInstead: () => void page.chooseInstead(session),
    chooseAnother: () => void page.choose(session),
    signOut: () => {
      page.signOut(session);
    },
    reload: () => {
      location.reload();
    },
  };
}
