// The screen that somebody sees.
import type { JSX } from "preact";

import type { Page } from "../page.ts";
import type { Play } from "../playing.ts";
import type { Kept } from "../storage.ts";
import type { WayAhead } from "../way_ahead.ts";
import { Characters } from "./characters.tsx";
import { SigningIn, UpdatePage } from "./plain.tsx";
import { Welcome } from "./welcome.tsx";
import { WorldScreen } from "./world.tsx";

interface Props {
  readonly page: Page;
  readonly play: Play;
  readonly kept: Kept;
  readonly way: WayAhead;
}

export function App({ page, play, kept, way }: Props): JSX.Element {
  const screen = page.screen.value;
  switch (screen.type) {
    case "signing_in":
      return <SigningIn />;
    case "welcome":
      return <Welcome page={page} trouble={screen.trouble} />;
    case "characters":
      return <Characters page={page} session={screen.session} info={screen.info} />;
    case "world":
      return <WorldScreen page={page} play={play} session={screen.session} character={screen.character} terrain={screen.terrain} addresses={screen.addresses} kept={kept} way={way} />;
    case "update":
      return <UpdatePage />;
  }
}
