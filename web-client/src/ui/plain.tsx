// Pages that only say something.
import type { JSX } from "preact";

import { GAME_NAME, NEW_VERSION, NOT_SECURE } from "../strings/page.ts";
import { SIGNING_IN } from "../strings/sign_in.ts";

/** For the moments between two screens. */
export function SigningIn(): JSX.Element {
  return (
    <main class="card passing">
      <h1>{GAME_NAME}</h1>
      <p role="status">{SIGNING_IN}</p>
    </main>
  );
}

/** The browser lends its cryptography only to pages that it trusts. */
export function NotSecure(): JSX.Element {
  return (
    <main class="card">
      <h1>{GAME_NAME}</h1>
      <p class="error" role="alert">
        {NOT_SECURE}
      </p>
    </main>
  );
}

/** The page is older or newer than its server. */
export function UpdatePage(): JSX.Element {
  return (
    <main class="card">
      <h1>{GAME_NAME}</h1>
      <p role="status">{NEW_VERSION}</p>
      <button type="button" class="primary wide" onClick={() => location.reload()}>
        Update
      </button>
    </main>
  );
}
