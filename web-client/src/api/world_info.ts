// What a server says of its world to anybody: all that a page needs before somebody is signed in.
import { type Answer, ask } from "./answer.ts";
import { listIn, recordIn, textIn } from "./json.ts";

/** How people sign in to this world. */
export interface SignInInfo {
  /** The OpenID provider's name, which is also its address. */
  readonly issuer: string;
  /** What this page is called there. */
  readonly clientId: string;
  /** What it asks for. */
  readonly scope: string;
  /** What the provider says of itself, as the server heard it; null where the page has to ask. */
  readonly provider: ProviderMetadata | null;
}

/** A part of a provider's discovery document: what it names, and whose it is. */
export type ProviderMetadata = Readonly<Record<string, unknown>> & { readonly issuer: string };

/** A world, before anybody is in it. */
export interface WorldInfo {
  /** The server's build: 32 hexadecimal digits. */
  readonly build: string;
  readonly world: string;
  readonly signIn: SignInInfo;
  /** The kinds of characters that can be made. */
  readonly archetypes: readonly string[];
  /** Where the world's servers are reached: WebSocket addresses; none where this server was told of none. */
  readonly addresses: readonly string[];
  /** Where the map is: never another one under the same path. */
  readonly terrainPath: string;
}

/** Asks the server of this page. */
export function fetchWorldInfo(): Promise<Answer<WorldInfo>> {
  return ask({ path: "/api/world", read: readWorldInfo });
}

/** What that JSON says; null where it is something else. */
export function readWorldInfo(json: unknown): WorldInfo | null {
  const build = textIn(json, "build");
  const world = textIn(json, "world");
  const signIn = readSignIn(recordIn(json, "sign_in"));
  const archetypes = listIn(json, "archetypes")?.filter((name) => typeof name === "string");
  // Without these it is another build's answer, which must still be read: it says that there is another build.
  const addresses = listIn(json, "addresses")?.filter((address) => typeof address === "string") ?? [];
  const terrainPath = textIn(recordIn(json, "content"), "terrain");
  if (build === null || world === null || signIn === null || archetypes === undefined || terrainPath === null) return null;
  return { build, world, signIn, archetypes, addresses, terrainPath };
}

function readSignIn(json: unknown): SignInInfo | null {
  const issuer = textIn(json, "issuer");
  const clientId = textIn(json, "client_id");
  const scope = textIn(json, "scope");
  if (issuer === null || clientId === null || scope === null || !URL.canParse(issuer)) return null;
  return { issuer, clientId, scope, provider: readProvider(json, issuer) };
}

/** What is said of this provider; null where it is said of another one, or nothing is. */
export function readProvider(json: unknown, issuer: string): ProviderMetadata | null {
  const metadata = recordIn(json, "provider");
  return metadata !== null && textIn(metadata, "issuer") === issuer ? { ...metadata, issuer } : null;
}
