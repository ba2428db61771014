import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { WorldInfo } from "./api/world_info.ts";
import { BUILD_ID } from "./build_id.ts";
import { Page } from "./page.ts";
import { Remembered } from "./remembered.ts";
import { readArrival } from "./sign_in/arrival.ts";
import { Kept, type KeyValues } from "./storage.ts";
import { SIGN_IN_SAYS } from "./strings/sign_in.ts";

const ISSUER = "http://127.0.0.1:9400";
const NOW = Date.UTC(2026, 0, 1);
const INFO: WorldInfo = {
  build: BUILD_ID,
  world: "main",
  signIn: { issuer: ISSUER, clientId: "holdfast-web", scope: "openid play", provider: null },
  archetypes: ["villager"],
  addresses: ["ws://localhost:8080/ws", "ws://localhost:8081/ws"],
  terrainPath: "/content/0123456789abcdef/terrain",
};

/** A browser's storages, which outlive a page. */
class Browser {
  tab = storage();
  readonly local = storage();
  readonly left: { address: URL; isReplacing: boolean }[] = [];

  open(info: WorldInfo | null = INFO): Page {
    const local = new Kept(() => this.local);
    const { tab: storageOfTab } = this;
    const tab = new Kept(() => storageOfTab);
    return new Page({
      origin: "http://localhost:8080",
      goTo: (address, isReplacing) => this.left.push({ address, isReplacing }),
      now: () => NOW,
      monotonic: () => 0,
      local,
      tab,
      remembered: new Remembered(local, tab),
      way: { prepare: () => {}, drop: () => {} },
      askWorldInfo: () =>
        Promise.resolve(
          info === null ? { type: "trouble", trouble: { code: null, sentence: "No server." } } : { type: "done", value: info },
        ),
    });
  }

  /** What the page last asked the provider. */
  get asked(): URLSearchParams {
    const last = this.left.at(-1);
    if (last === undefined) throw new Error("nobody went anywhere");
    return last.address.searchParams;
  }
}

function storage(): KeyValues {
  const values = new Map<string, string>();
  return {
    getItem: (name) => values.get(name) ?? null,
    setItem: (name, value) => void values.set(name, value),
    removeItem: (name) => void values.delete(name),
  };
}

function base64Url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A provider's answers; what it was asked for a token with. */
function provide(idToken: () => object, exchanged: URLSearchParams[] = []): void {
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    if (url === `${ISSUER}/.well-known/openid-configuration`) {
      return Promise.resolve(
        Response.json({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          end_session_endpoint: `${ISSUER}/logout`,
          id_token_signing_alg_values_supported: ["ES256"],
          authorization_response_iss_parameter_supported: true,
        }),
      );
    }
    if (url === `${ISSUER}/token`) {
      exchanged.push(new URLSearchParams(String(init?.body)));
      const token = `${base64Url({ alg: "ES256" })}.${base64Url(idToken())}.${Buffer.from("signature").toString("base64url")}`;
      return Promise.resolve(
        Response.json({ access_token: "access", token_type: "Bearer", expires_in: 300, refresh_token: "refresh", id_token: token }),
      );
    }
    return Promise.resolve(new Response(new ArrayBuffer(4)));
  });
}

function claims(nonce: string | null): object {
  const seconds = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: "holdfast-web", sub: "ada", iat: seconds, exp: seconds + 300, nonce };
}

/** The provider sends somebody back with what they came with. */
function answerTo(asked: URLSearchParams, more: Record<string, string>): string {
  return `?${new URLSearchParams({ state: asked.get("state") ?? "", iss: ISSUER, ...more }).toString()}`;
}

const PLAIN = readArrival("");

describe("a visit", () => {
  let browser: Browser;
  beforeEach(() => {
    browser = new Browser();
    provide(() => claims(browser.asked.get("nonce")));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  async function signedIn(character: bigint | null = null): Promise<Page> {
    await browser.open().signIn(character);
    const page = browser.open();
    await page.start(readArrival(answerTo(browser.asked, { code: "c1" })));
    return page;
  }

  it("begins with a welcome for who was never here", async () => {
    const page = browser.open();
    await page.start(PLAIN);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: null });
    expect(browser.left).toEqual([]);
  });

  it("goes to the provider with PKCE, state, nonce and exactly this page's address", async () => {
    await browser.open().signIn(null);
    const { asked } = browser;
    expect(asked.get("redirect_uri")).toBe("http://localhost:8080/");
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("scope")).toBe("openid play");
    expect(asked.get("prompt")).toBeNull();
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)?.length).toBeGreaterThan(20);
    expect(browser.left[0]?.isReplacing).toBe(false);
  });

  it("comes back to the choice of characters", async () => {
    const exchanged: URLSearchParams[] = [];
    provide(() => claims(browser.asked.get("nonce")), exchanged);
    const page = await signedIn();
    expect(page.screen.value).toMatchObject({ type: "characters", session: { subject: "ada" } });
    expect(exchanged[0]?.get("redirect_uri")).toBe("http://localhost:8080/");
    expect(exchanged[0]?.get("code_verifier")?.length).toBeGreaterThan(20);
  });

  it("goes on with the character that was wanted before", async () => {
    const page = await signedIn(7n);
    expect(page.screen.value).toMatchObject({ type: "world", character: 7n });
  });

  it("goes silently to the provider and straight into the world for who was here before", async () => {
    await signedIn(7n);
    await browser.open().start(PLAIN);
    expect(browser.asked.get("prompt")).toBe("none");
    expect(browser.left.at(-1)?.isReplacing).toBe(true);
    const page = browser.open();
    await page.start(readArrival(answerTo(browser.asked, { code: "c2" })));
    expect(page.screen.value).toMatchObject({ type: "world", character: 7n });
  });

  it("remembers no character of somebody else", async () => {
    await signedIn(7n);
    provide(() => ({ ...claims(browser.asked.get("nonce")), sub: "ben" }));
    expect((await signedIn()).screen.value.type).toBe("characters");
  });

  it("reloads a tab into the character of that tab, whoever is played in another one", async () => {
    await signedIn(7n);
    const first = browser.tab;
    browser.tab = storage();
    await signedIn(8n);
    expect((await signedIn()).screen.value).toMatchObject({ character: 8n });
    browser.tab = first;
    expect((await signedIn()).screen.value).toMatchObject({ character: 7n });
    browser.tab = storage();
    expect((await signedIn()).screen.value, "a new tab goes on with the last one").toMatchObject({ character: 7n });
  });

  it("does not show a world that was left while it waits for the choice of characters", async () => {
    const page = await signedIn(7n);
    const screen = page.screen.value;
    if (screen.type !== "world") throw new Error("not in the world");
    const choosing = page.choose(screen.session);
    expect(page.screen.value.type).toBe("signing_in");
    await choosing;
    expect(page.screen.value.type).toBe("characters");
  });

  it("welcomes without a word who has to sign in again, and is not silent the next time", async () => {
    await signedIn(7n);
    await browser.open().start(PLAIN);
    const page = browser.open();
    await page.start(readArrival(answerTo(browser.asked, { error: "login_required" })));
    expect(page.screen.value).toEqual({ type: "welcome", trouble: null });
    const count = browser.left.length;
    await browser.open().start(PLAIN);
    expect(browser.left.length).toBe(count);
  });

  it("does not go silently again and again to a provider that never answers", async () => {
    await signedIn(7n);
    const count = browser.left.length;
    await browser.open().start(PLAIN);
    await browser.open().start(PLAIN);
    const page = browser.open();
    await page.start(PLAIN);
    expect(browser.left.length).toBe(count + 2);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: null });
  });

  it.each([
    ["an answer that nobody asked for", "?code=c1&state=forged"],
    ["an answer without a state", "?code=c1"],
  ])("refuses %s", async (_, search) => {
    await browser.open().signIn(null);
    const page = browser.open();
    await page.start(readArrival(search));
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.not_ours });
  });

  it("takes an answer only once", async () => {
    await browser.open().signIn(null);
    const search = answerTo(browser.asked, { code: "c1" });
    await browser.open().start(readArrival(search));
    const page = browser.open();
    await page.start(readArrival(search));
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.not_ours });
  });

  it.each([
    ["another issuer", { iss: "https://evil.example", code: "c1" }],
    ["no issuer", { iss: "", code: "c1" }],
  ])("refuses an answer of %s", async (_, more) => {
    await browser.open().signIn(null);
    const page = browser.open();
    await page.start(readArrival(answerTo(browser.asked, more)));
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.refused });
  });

  it("refuses a token of another sign-in", async () => {
    provide(() => claims("another nonce"));
    expect((await signedIn()).screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.refused });
  });

  it("says that somebody said no", async () => {
    await browser.open().signIn(null);
    const page = browser.open();
    await page.start(readArrival(answerTo(browser.asked, { error: "access_denied" })));
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.denied });
  });

  it("says that the server is not there, and tries again when asked to", async () => {
    const page = browser.open(null);
    await page.signIn(null);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: "No server." });
  });

  it("says that the provider is not there", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    const page = browser.open();
    await page.signIn(null);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.provider_down });
  });

  it.each(["javascript:alert(1)", "http://provider.example/authorize", "authorize"])("goes to no address like %s", async (endpoint) => {
    const server = { issuer: ISSUER, authorization_endpoint: endpoint };
    browser.local.setItem("holdfast.provider", JSON.stringify({ asked: ISSUER, at: NOW, server }));
    const page = browser.open();
    await page.signIn(null);
    expect(browser.left).toEqual([]);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.refused });
  });

  it("says that the browser keeps nothing", async () => {
    browser.tab.setItem = () => {
      throw new Error("not allowed");
    };
    const page = browser.open();
    await page.signIn(null);
    expect(page.screen.value).toEqual({ type: "welcome", trouble: SIGN_IN_SAYS.keeps_nothing });
    expect(browser.left).toEqual([]);
  });

  it("asks for an update where the server is of another build, whatever comes after", async () => {
    const page = browser.open({ ...INFO, build: "ffffffffffffffffffffffffffffffff" });
    await page.start(PLAIN);
    await Promise.resolve();
    expect(page.screen.value).toEqual({ type: "update" });
    await page.signIn(null);
    expect(page.screen.value).toEqual({ type: "update" });
  });

  it("signs out at the provider too, and forgets who was here", async () => {
    const page = await signedIn(7n);
    const screen = page.screen.value;
    if (screen.type !== "world") throw new Error("not in the world");
    page.signOut(screen.session);
    expect(browser.left.at(-1)?.address.pathname).toBe("/logout");
    expect(browser.asked.get("id_token_hint")).toContain(".");
    expect(browser.asked.get("post_logout_redirect_uri")).toBe("http://localhost:8080/");
    expect(await screen.session.tokens.accessToken()).toBeNull();
    const count = browser.left.length;
    await browser.open().start(PLAIN);
    expect(browser.left.length).toBe(count);
  });

  it("keeps no token in the browser", async () => {
    const written: string[] = [];
    for (const kept of [browser.local, browser.tab]) {
      const set = kept.setItem.bind(kept);
      kept.setItem = (name, value) => {
        written.push(value);
        set(name, value);
      };
    }
    await signedIn(7n);
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((value) => /"(?:access|refresh)"|signature/.test(value))).toEqual([]);
  });
});
