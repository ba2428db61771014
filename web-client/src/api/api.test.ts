import { afterEach, describe, expect, it, vi } from "vitest";

import { sentenceOfCode } from "../strings/codes.ts";
import { NETWORK_TROUBLE } from "../strings/page.ts";
import { createCharacter, listCharacters, readCharacters } from "./characters.ts";
import { terrainAt } from "./terrain.ts";
import { readWorldInfo } from "./world_info.ts";

const WORLD = {
  build: "0123456789abcdef0123456789abcdef",
  game: "village",
  world: "main",
  sign_in: { issuer: "http://127.0.0.1:9400", client_id: "holdfast-web", scope: "openid play" },
  archetypes: ["villager", "gardener", "fisher"],
  addresses: ["wss://a.example/ws", "wss://b.example/ws"],
  content: { terrain: "/content/0123456789abcdef/terrain" },
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function answers(...responses: (() => Response)[]): { url: string; init: RequestInit | undefined }[] {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    asked.push({ url, init });
    const response = responses[Math.min(asked.length, responses.length) - 1];
    return response === undefined ? Promise.reject(new TypeError("no network")) : Promise.resolve(response());
  });
  return asked;
}

describe("what a server says of its world", () => {
  it("is read", () => {
    expect(readWorldInfo(WORLD)).toEqual({
      build: WORLD.build,
      world: "main",
      signIn: { issuer: "http://127.0.0.1:9400", clientId: "holdfast-web", scope: "openid play", provider: null },
      archetypes: WORLD.archetypes,
      addresses: WORLD.addresses,
      terrainPath: WORLD.content.terrain,
    });
  });

  it("is read also from a server of another build, which names no addresses", () => {
    const { addresses: _, ...other } = WORLD;
    expect(readWorldInfo(other)).toMatchObject({ build: WORLD.build, addresses: [] });
  });

  it("is believed about its own provider alone", () => {
    const about = (issuer: string): unknown =>
      readWorldInfo({ ...WORLD, sign_in: { ...WORLD.sign_in, provider: { issuer, token_endpoint: `${issuer}/token` } } })?.signIn.provider;
    expect(about(WORLD.sign_in.issuer)).toMatchObject({ token_endpoint: "http://127.0.0.1:9400/token" });
    expect(about("http://127.0.0.1:9401")).toBeNull();
  });

  it.each([
    ["nothing", null],
    ["a list", []],
    ["no build", { ...WORLD, build: 1 }],
    ["no sign-in", { ...WORLD, sign_in: undefined }],
    ["an issuer that is no address", { ...WORLD, sign_in: { ...WORLD.sign_in, issuer: "issuer" } }],
    ["no archetypes", { ...WORLD, archetypes: "villager" }],
    ["no map", { ...WORLD, content: {} }],
  ])("is not believed with %s", (_, json) => {
    expect(readWorldInfo(json)).toBeNull();
  });
});

describe("characters", () => {
  it("have ids beyond what a number holds", () => {
    const json = { characters: [{ id: "18446744073709551615", name: "Ada", archetype: "villager" }] };
    expect(readCharacters(json)).toEqual([{ id: 18446744073709551615n, name: "Ada", archetype: "villager" }]);
  });

  it.each([{}, { characters: {} }, { characters: [{ id: 3, name: "Ada", archetype: "villager" }] }, { characters: [{ id: "-3" }] }])(
    "are not read from %j",
    (json) => {
      expect(readCharacters(json)).toBeNull();
    },
  );

  it("are made with the token of whoever makes them", async () => {
    const made = { id: "5", name: "Ada", archetype: "fisher" };
    const asked = answers(() => Response.json(made, { status: 201 }));
    expect(await createCharacter("token", "Ada", "fisher")).toEqual({ type: "done", value: { ...made, id: 5n } });
    expect(asked[0]?.init?.method).toBe("POST");
    expect(new Headers(asked[0]?.init?.headers).get("Authorization")).toBe("Bearer token");
    expect(asked[0]?.init?.body).toBe('{"name":"Ada","archetype":"fisher"}');
  });

  it("are refused with a sentence for the code", async () => {
    answers(() => Response.json({ error: { code: "name_taken" } }, { status: 409 }));
    expect(await createCharacter("token", "Ada", "fisher")).toEqual({
      type: "trouble",
      trouble: { code: "name_taken", sentence: sentenceOfCode("name_taken") },
    });
  });

  it.each([
    ["a page that is not JSON", () => new Response("<html>", { status: 502 })],
    ["JSON of another shape", () => Response.json({ hello: 1 })],
    ["an error without a code", () => Response.json({}, { status: 500 })],
  ])("are answered with the network's trouble where the server answers with %s", async (_, response) => {
    answers(response);
    expect(await listCharacters("token")).toEqual({ type: "trouble", trouble: { code: null, sentence: NETWORK_TROUBLE } });
  });
});

/** A connection that brings nothing, and how it ends. */
function untilAborted(_: string, { signal }: { readonly signal: AbortSignal }): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(new Error("given up"));
    });
  });
}

/** A path that nothing was fetched from before. */
function path(): string {
  return `/content/${Math.random()}/terrain`;
}

describe("the map", () => {
  it("is fetched once, however many ask for it", async () => {
    const asked = answers(() => new Response(new ArrayBuffer(5)));
    const at = path();
    const [one, two] = await Promise.all([terrainAt(at), terrainAt(at)]);
    expect(one.byteLength).toBe(5);
    expect(two).toBe(one);
    expect(asked.length).toBe(1);
  });

  it("is tried again, and given up at some time", async () => {
    vi.useFakeTimers();
    const asked = answers();
    const at = path();
    const failed = expect(terrainAt(at)).rejects.toThrow("no network");
    await vi.advanceTimersByTimeAsync(16_000);
    await failed;
    expect(asked.length).toBe(6);
    answers(() => new Response(new ArrayBuffer(5)));
    expect((await terrainAt(at)).byteLength).toBe(5);
  });

  it("is not waited for without end on a connection that brings nothing", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", untilAborted);
    const failed = expect(terrainAt(path())).rejects.toThrow("given up");
    await vi.advanceTimersByTimeAsync(140_000);
    await failed;
  });
});
