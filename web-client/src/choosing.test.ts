// Asking for characters with tokens that run out.
import { afterEach, expect, it, vi } from "vitest";

import { Choosing } from "./choosing.ts";
import { type Granted, Tokens } from "./sign_in/tokens.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function granted(accessToken: string): Granted {
  return { accessToken, lifeS: 300, refreshToken: "refresh", idToken: null };
}

/** A server to which only this token is good; with what it was asked. */
function serverThatTakes(good: string): (string | null)[] {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", (_: string, { headers }: { headers: Headers }) => {
    asked.push(headers.get("Authorization"));
    const isGood = asked.at(-1) === `Bearer ${good}`;
    return Promise.resolve(
      isGood ? Response.json({ characters: [] }) : Response.json({ error: { code: "token_expired" } }, { status: 401 }),
    );
  });
  return asked;
}

it("asks once more with the next token where the server says that this one has run out", async () => {
  const asked = serverThatTakes("second");
  const choosing = new Choosing(new Tokens(granted("first"), () => Promise.resolve(granted("second")), () => 0));
  await choosing.load();
  expect(choosing.choice.value).toEqual({ type: "here", characters: [] });
  expect(asked).toEqual(["Bearer first", "Bearer second"]);
});

it("says so, and asks no further, where the next token is called expired as well", async () => {
  const asked = serverThatTakes("none");
  const choosing = new Choosing(new Tokens(granted("first"), () => Promise.resolve(granted("second")), () => 0));
  await choosing.load();
  expect(choosing.choice.value).toMatchObject({ type: "trouble", trouble: { code: "token_expired" } });
  expect(asked).toHaveLength(2);
});
