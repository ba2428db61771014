import { createHash, randomBytes } from "node:crypto";

import { afterEach, beforeEach, expect, test } from "vitest";

import { OtherProvider } from "./provider.ts";

const ORIGIN = "http://127.0.0.1:20999";

let provider: OtherProvider;

beforeEach(async () => {
  provider = await OtherProvider.start();
  await provider.serve(ORIGIN, 31);
});

afterEach(() => provider.close());

/** A browser without a page: follows the provider's redirects with its cookies, until one leads elsewhere. */
class Visitor {
  private readonly cookies = new Map<string, string>();

  async go(address: string, form?: Readonly<Record<string, string>>): Promise<{ readonly url: string; readonly text: string }> {
    const headers: Record<string, string> = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    const body = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(address, { ...body, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const [name = "", value = ""] = pair.split("=");
      this.cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) return { url: address, text: await response.text() };
    const next = new URL(location, address);
    return next.origin === ORIGIN ? { url: next.href, text: "" } : this.go(next.href);
  }
}

async function exchange(fields: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const body = new URLSearchParams({ client_id: "holdfast-web", ...fields });
  const response = await fetch(`${provider.url}/token`, { method: "POST", body, headers: { origin: ORIGIN } });
  expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  return (await response.json()) as Record<string, unknown>;
}

function claimsOf(token: unknown): readonly unknown[] {
  return String(token)
    .split(".")
    .slice(0, 2)
    .map((part): unknown => JSON.parse(Buffer.from(part, "base64url").toString()));
}

test("it signs somebody in as a world expects it, and gives the next tokens once", async () => {
  const verifier = randomBytes(32).toString("base64url");
  const request = new URLSearchParams({
    response_type: "code",
    client_id: "holdfast-web",
    redirect_uri: `${ORIGIN}/`,
    scope: "openid play",
    state: "s",
    nonce: "n",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const visitor = new Visitor();
  const asked = await visitor.go(`${provider.url}/auth?${request}`);
  expect(asked.text).toContain("Another provider");
  const back = new URL((await visitor.go(asked.url, { name: "wanda" })).url);
  expect(back.searchParams.get("error_description")).toBeNull();

  const code = back.searchParams.get("code") ?? "";
  const redirect = { redirect_uri: `${ORIGIN}/` };
  const first = await exchange({ grant_type: "authorization_code", code, code_verifier: verifier, ...redirect });
  const [header, claims] = claimsOf(first["access_token"]);
  expect(header).toMatchObject({ alg: "ES256", typ: "at+jwt" });
  expect(claims).toMatchObject({ iss: provider.url, aud: "holdfast", sub: "wanda", scope: "play" });
  expect(first["expires_in"]).toBe(31);

  const refresh = { grant_type: "refresh_token", refresh_token: String(first["refresh_token"]) };
  const second = await exchange(refresh);
  expect(second["refresh_token"]).not.toBe(first["refresh_token"]);
  expect(provider.refreshCount).toBe(1);
  expect((await exchange(refresh))["error"]).toBe("invalid_grant");

  // Whoever is known is not asked again.
  const again = new URL((await visitor.go(`${provider.url}/auth?${request}&prompt=none`)).url);
  expect(again.searchParams.get("code")).not.toBeNull();
});
