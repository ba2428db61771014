// Whom to play: one of one's own, or a new one.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { type Character, CHARACTERS_MAX } from "../api/characters.ts";
import type { WorldInfo } from "../api/world_info.ts";
import { asksForSignIn, Choosing } from "../choosing.ts";
import type { Page } from "../page.ts";
import type { Session } from "../sign_in/session.ts";
import { CHARACTER_WORDS, signedInAs, WELCOME_WORDS } from "../strings/page.ts";
import { CreateCharacter } from "./create_character.tsx";
import { Pixels } from "./pictures/pixels.tsx";
import { portraitOf } from "./pictures/portraits.ts";

interface Props {
  readonly page: Page;
  readonly session: Session;
  readonly info: WorldInfo;
}

export function Characters({ page, session, info }: Props): JSX.Element {
  const choosing = useMemo(() => new Choosing(session.tokens), [session]);
  useEffect(() => void choosing.load(), [choosing]);
  const play = (id: bigint): void => {
    page.enter(session, id, info.terrainPath);
  };
  return (
    <main class="card">
      <h1>{CHARACTER_WORDS.title}</h1>
      {session.name !== null && <p class="small">{signedInAs(session.name)}</p>}
      <Choices choosing={choosing} info={info} page={page} play={play} />
      <footer class="foot">
        <button type="button" class="quiet" onClick={() => page.signOut(session)}>
          {CHARACTER_WORDS.signOut}
        </button>
      </footer>
    </main>
  );
}

interface ChoicesProps {
  readonly choosing: Choosing;
  readonly info: WorldInfo;
  readonly page: Page;
  readonly play: (id: bigint) => void;
}

function Choices({ choosing, info, page, play }: ChoicesProps): JSX.Element {
  const choice = choosing.choice.value;
  switch (choice.type) {
    case "loading":
      return <p role="status">{CHARACTER_WORDS.loading}</p>;
    case "trouble":
      return (
        <>
          <p class="error" role="alert">
            {choice.trouble.sentence}
          </p>
          <button type="button" class="primary" onClick={() => void (asksForSignIn(choice.trouble) ? page.signIn(null, true) : choosing.load())}>
            {asksForSignIn(choice.trouble) ? WELCOME_WORDS.signInAgain : CHARACTER_WORDS.tryAgain}
          </button>
        </>
      );
    case "here":
      return <List characters={choice.characters} choosing={choosing} info={info} page={page} play={play} />;
  }
}

function List({ characters, choosing, info, page, play }: ChoicesProps & { readonly characters: readonly Character[] }): JSX.Element {
  const isEmpty = characters.length === 0;
  return (
    <>
      {isEmpty ? (
        <p>{CHARACTER_WORDS.none}</p>
      ) : (
        <ul class="people">
          {characters.map(({ id, name, archetype }) => (
            <li key={String(id)}>
              <button type="button" onClick={() => play(id)}>
                <Pixels picture={portraitOf(archetype, id)} size={56} />
                <span>
                  {CHARACTER_WORDS.play(name)}
                  <small>{archetype}</small>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {characters.length < CHARACTERS_MAX ? (
        <CreateCharacter archetypes={info.archetypes} choosing={choosing} isFirst={isEmpty} onMade={play} onSignIn={() => void page.signIn(null, true)} />
      ) : (
        <p class="small">{CHARACTER_WORDS.enough}</p>
      )}
    </>
  );
}
