// Pages that only say something.
import type { JSX } from "preact";

import { GAME_NAME, WELCOME_WORDS } from "../strings/page.ts";

/** For the moments between two screens. */
export function SigningIn(): JSX.Element {
  return (
    <main class="card passing">
      <h1>{GAME_NAME}</h1>
      <p role="status">{WELCOME_WORDS.signingIn}</p>
    </main>
  );
}

/** The browser lends its cryptography only to pages that it trusts. */
export function NotSecure(): JSX.Element {
  return (
    <main class="card">
      <h1>{GAME_NAME}</h1>
      <p class="error" role="alert">
        {WELCOME_WORDS.notSecure}
      </p>
    </main>
  );
}

/** The page is older or newer than its server. */
export function UpdatePage(): JSX.Element {
  return (
    <main class="card">
      <h1>{GAME_NAME}</h1>
      <p role="status">{WELCOME_WORDS.newVersion}</p>
      <button type="button" class="primary wide" onClick={() => location.reload()}>
        {WELCOME_WORDS.update}
      </button>
    </main>
  );
}
