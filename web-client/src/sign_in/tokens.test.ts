import { describe, expect, it } from "vitest";

import { type Granted, type Refresh, Tokens } from "./tokens.ts";

function granted(name: string, more: Partial<Granted> = {}): Granted {
  return { accessToken: `access-${name}`, lifeS: 300, refreshToken: `refresh-${name}`, idToken: `id-${name}`, ...more };
}

/** Tokens of which the first is granted at time 0, a provider that answers when it is told to, and a clock. */
function stage(first: Granted = granted("1")): {
  tokens: Tokens;
  asked: string[];
  answer: (next: Granted | null) => void;
  fail: () => void;
  clock: { now: number };
} {
  const clock = { now: 0 };
  const asked: string[] = [];
  let waiting: { resolve: (next: Granted | null) => void; reject: (error: Error) => void } | null = null;
  const refresh: Refresh = (token) => {
    asked.push(token);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  };
  return {
    tokens: new Tokens(first, refresh, () => clock.now),
    asked,
    answer: (next) => waiting?.resolve(next),
    fail: () => waiting?.reject(new Error("no network")),
    clock,
  };
}

describe("somebody's tokens", () => {
  it("are handed out while they are good for a while", async () => {
    const { tokens, asked, clock } = stage();
    clock.now = 269_000;
    expect(await tokens.accessToken()).toBe("access-1");
    expect(asked).toEqual([]);
  });

  it("are asked for once, however many wait for them", async () => {
    const { tokens, asked, answer, clock } = stage();
    clock.now = 270_000;
    const both = [tokens.accessToken(), tokens.accessToken()];
    answer(granted("2"));
    expect(await Promise.all(both)).toEqual(["access-2", "access-2"]);
    expect(asked).toEqual(["refresh-1"]);
  });

  it("rotate: the next refresh shows the newest refresh token", async () => {
    const { tokens, asked, answer, clock } = stage();
    clock.now = 300_000;
    const second = tokens.accessToken();
    answer(granted("2"));
    await second;
    clock.now = 600_000;
    const third = tokens.accessToken();
    answer(granted("3"));
    expect(await third).toBe("access-3");
    expect(asked).toEqual(["refresh-1", "refresh-2"]);
  });

  it("keep what a refresh does not bring anew", async () => {
    const { tokens, asked, answer, clock } = stage();
    clock.now = 300_000;
    const second = tokens.accessToken();
    answer(granted("2", { refreshToken: null, idToken: null }));
    await second;
    expect(tokens.idToken).toBe("id-1");
    clock.now = 600_000;
    void tokens.accessToken();
    expect(asked).toEqual(["refresh-1", "refresh-1"]);
  });

  it("survive a refresh of which nothing is known, and try it again", async () => {
    const { tokens, asked, answer, fail, clock } = stage();
    clock.now = 300_000;
    const lost = tokens.accessToken();
    fail();
    await expect(lost).rejects.toThrow("no network");
    const again = tokens.accessToken();
    answer(granted("2"));
    expect(await again).toBe("access-2");
    expect(asked).toEqual(["refresh-1", "refresh-1"]);
  });

  it("end where the provider refuses for good", async () => {
    const { tokens, asked, answer, clock } = stage();
    clock.now = 300_000;
    const refused = tokens.accessToken();
    answer(null);
    expect(await refused).toBeNull();
    expect(await tokens.accessToken()).toBeNull();
    expect(asked).toEqual(["refresh-1"]);
  });

  it("are used up to their end where there are no next ones", async () => {
    const { tokens, clock } = stage(granted("1", { refreshToken: null }));
    clock.now = 299_000;
    expect(await tokens.accessToken()).toBe("access-1");
    clock.now = 300_000;
    expect(await tokens.accessToken()).toBeNull();
  });

  it("are not handed out again once the server has called them expired, whatever the clock says", async () => {
    const { tokens, asked, answer } = stage();
    const next = tokens.accessToken("access-1");
    answer(granted("2"));
    expect(await next).toBe("access-2");
    expect(await tokens.accessToken("access-1")).toBe("access-2");
    expect(asked).toEqual(["refresh-1"]);
  });

  it("end where the server has called them expired and there are no next ones", async () => {
    const { tokens } = stage(granted("1", { refreshToken: null }));
    expect(await tokens.accessToken("access-1")).toBeNull();
  });

  it("are gone when somebody signs out, also while the next ones are on their way", async () => {
    const { tokens, answer, clock } = stage();
    clock.now = 300_000;
    const late = tokens.accessToken();
    tokens.drop();
    answer(granted("2"));
    expect(await late).toBeNull();
    expect(tokens.idToken).toBeNull();
  });
});
