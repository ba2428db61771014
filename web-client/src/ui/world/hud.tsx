// All that lies over the village: the bar at the top, the panels, and what stands in the way when nothing goes on.
//
// A wide window shows every panel at once. A phone shows one at a time, as a sheet over the bar at the bottom; which one
// is said here, how it looks in the style sheet.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import type { Playing } from "../../playing.ts";
import type { Kept } from "../../storage.ts";
import { GAME_NAME } from "../../strings/page.ts";
import { toneOf } from "../../strings/states.ts";
import type { WaysOut } from "../world.tsx";
import { Around } from "./around.tsx";
import { Bag } from "./bag.tsx";
import { Bar, type Sheet } from "./bar.tsx";
import { Chat } from "./chat.tsx";
import { COVERS, coverOf } from "./cover.ts";
import { Deeds } from "./deeds.tsx";
import { Help } from "./help.tsx";
import { useShortcuts, useTabbing } from "./keys.ts";
import { Obstacle } from "./obstacle.tsx";
import { OneBox } from "./one_box.tsx";
import { Pad } from "./pad.tsx";
import { useSaved } from "./saved.ts";
import { steady } from "./steady.ts";
import { TopBar } from "./top_bar.tsx";
import { useVisits } from "./visits.ts";

interface Props {
  readonly playing: Playing;
  readonly mapFailed: boolean;
  readonly kept: Kept;
  /** The name of who is signed in; null where the provider tells none. */
  readonly account: string | null;
  /** Gives the keys back to the village. */
  readonly toVillage: () => void;
  readonly ways: WaysOut;
}

export function Hud({ playing, mapFailed, kept, account, toVillage, ways }: Props): JSX.Element {
  const following = useMemo(() => steady(playing.connection), [playing]);
  useEffect(() => following.stop, [following]);
  const { shown } = following;
  const saved = useSaved(playing);
  const visits = useVisits(playing, kept);
  const sheet = useSignal<Sheet | null>(null);
  const isHere = useComputed(() => playing.me.value !== null);
  const hud = useRef<HTMLDivElement>(null);

  // After each drawing: which panels there are is decided in this one.
  useLayoutEffect(() => {
    const { current } = hud;
    if (current === null) return undefined;
    const panels = [...current.querySelectorAll(COVERS)];
    const measure = (): void => {
      playing.cover(coverOf(current.clientWidth, current.clientHeight, panels.map((panel) => panel.getBoundingClientRect())));
    };
    measure();
    const observer = new ResizeObserver(measure);
    for (const each of [current, ...panels]) observer.observe(each);
    return () => {
      observer.disconnect();
    };
  });

  const close = (): void => {
    sheet.value = null;
    visits.isHelpOpen.value = false;
    toVillage();
  };
  useTabbing();
  useShortcuts({
    talk: () => {
      sheet.value = "talk";
      // The sheet is shown now and not with the next drawing, so that the field takes the very next key.
      hud.current?.setAttribute("data-sheet", "talk");
      document.querySelector<HTMLInputElement>("#say")?.focus();
    },
    help: () => {
      visits.isHelpOpen.value = !visits.isHelpOpen.value;
    },
    close,
  });

  const isStopped = mapFailed || toneOf(shown.value) === "stopped";
  return (
    <div ref={hud} class="hud" data-sheet={sheet.value ?? "none"}>
      <TopBar playing={playing} shown={shown} saved={saved} account={account} ways={ways} onHelp={() => (visits.isHelpOpen.value = !visits.isHelpOpen.value)} />
      <main class="panels">
        <h1 class="unseen">{GAME_NAME}</h1>
        <div class="banners">
          {/* Whatever stands in the way says it all; nothing is to be read behind it. */}
          {!isStopped && <OneBox playing={playing} shown={shown} visits={visits} isHere={isHere.value} />}
        </div>
        {!isStopped && visits.isHelpOpen.value && <Help onClose={close} />}
        {isHere.value && (
          <div class="over" inert={isStopped}>
            <Chat playing={playing} isOpen={sheet.value === "talk"} toVillage={toVillage} onClose={close} />
            <div class="side">
              <Bag playing={playing} toVillage={toVillage} />
              <Around playing={playing} toVillage={toVillage} />
              <Deeds playing={playing} saved={saved} toVillage={toVillage} />
            </div>
            {!isStopped && <Pad playing={playing} />}
          </div>
        )}
        {isStopped && <Obstacle state={shown.value} mapFailed={mapFailed} playing={playing} ways={ways} toVillage={toVillage} />}
      </main>
      {isHere.value && !isStopped && <Bar playing={playing} sheet={sheet} />}
    </div>
  );
}
