// The first page: what this is, and how to come in.
import type { JSX } from "preact";

import type { Page } from "../page.ts";
import { GAME_NAME, WELCOME_WORDS } from "../strings/page.ts";
import { Scene } from "./scene.tsx";

export function Welcome({ page, trouble }: { readonly page: Page; readonly trouble: string | null }): JSX.Element {
  return (
    <main class="card welcome">
      <Scene />
      <h1>{GAME_NAME}</h1>
      <p>{WELCOME_WORDS.whatThisIs}</p>
      {trouble !== null && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
      <button type="button" class="primary wide" onClick={() => void page.signIn(null)}>
        {trouble === null ? WELCOME_WORDS.signIn : WELCOME_WORDS.signInAgain}
      </button>
      <p class="small">{WELCOME_WORDS.whatFollows}</p>
    </main>
  );
}
