// Signing in and out with a provider: to its page and back, the code for tokens, tokens for the next ones.
//
// The way back leads to this page's own address and nothing else, so what the player wanted is kept in the tab (attempt.ts)
// and not in the address.
import * as oauth from "oauth4webapi";

import type { SignInInfo } from "../api/world_info.ts";
import type { Attempt } from "./attempt.ts";
import { SignInFailure } from "./fault.ts";
import { isLoopback, type Provider, requestOptions } from "./provider.ts";
import { type Granted, Tokens } from "./tokens.ts";

/** Whoever is signed in. */
export interface Session {
  /** Who it is, to the provider. */
  readonly subject: string;
  /** What the provider calls them, at most `NAME_MAX` characters of it; null where it does not say. */
  readonly name: string | null;
  readonly tokens: Tokens;
  readonly provider: Provider;
}

/** So much of a name is shown; more would fill the page. */
const NAME_MAX = 60;

/** What somebody wants to sign in for. */
export interface Wish {
  /** The provider is to show nothing, and to say so where it would have to. */
  readonly isSilent: boolean;
  /** How often in a row it was tried silently before. */
  readonly unansweredCount: number;
  /** The provider is to ask who it is, even where it knows. */
  readonly asSomebodyElse: boolean;
  readonly signIn: SignInInfo;
  readonly terrainPath: string;
  /** Whom the player wants to play. */
  readonly character: bigint | null;
}

/** This page's own address: where the provider sends people back to. */
export function homeOf(origin: string): string {
  return `${origin}/`;
}

/** A new attempt, and the provider's address to go to with it. */
export async function prepare(provider: Provider, wish: Wish, home: string, now: number): Promise<{ attempt: Attempt; address: URL }> {
  const address = pageAt(provider.server.authorization_endpoint);
  if (address === null) throw new SignInFailure("refused");
  const attempt: Attempt = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    isSilent: wish.isSilent,
    silentTryCount: wish.isSilent ? wish.unansweredCount + 1 : 0,
    at: now,
    signIn: wish.signIn,
    terrainPath: wish.terrainPath,
    character: wish.character === null ? null : String(wish.character),
  };
  const parameters = address.searchParams;
  parameters.set("response_type", "code");
  parameters.set("client_id", provider.client.client_id);
  parameters.set("redirect_uri", home);
  parameters.set("scope", provider.scope);
  parameters.set("state", attempt.state);
  parameters.set("nonce", attempt.nonce);
  parameters.set("code_challenge", await oauth.calculatePKCECodeChallenge(attempt.verifier));
  parameters.set("code_challenge_method", "S256");
  if (wish.isSilent) parameters.set("prompt", "none");
  else if (wish.asSomebodyElse) parameters.set("prompt", "login");
  return { attempt, address };
}

/** Somebody is back from the provider with an answer to this attempt: redeems it. Throws what fault.ts can name. */
export async function redeem(provider: Provider, attempt: Attempt, answer: URLSearchParams, home: string, now: () => number): Promise<Session> {
  const { server, client } = provider;
  const checked = oauth.validateAuthResponse(server, client, answer, attempt.state);
  const response = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), checked, home, attempt.verifier, requestOptions(server.issuer));
  const granted = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  const claims = oauth.getValidatedIdTokenClaims(granted);
  if (claims === undefined) throw new SignInFailure("refused");
  const tokens = new Tokens(readGranted(granted), (token) => refresh(provider, token), now);
  const { sub: subject, name } = claims;
  return { subject, name: typeof name === "string" && name !== "" ? name.slice(0, NAME_MAX) : null, tokens, provider };
}

/** The next tokens; null where the provider refuses for good. */
async function refresh({ server, client }: Provider, refreshToken: string): Promise<Granted | null> {
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, requestOptions(server.issuer));
  try {
    return readGranted(await oauth.processRefreshTokenResponse(server, client, response));
  } catch (error) {
    // "Too many requests" says nothing of the token.
    if (error instanceof oauth.ResponseBodyError && error.status < 500 && error.status !== 429) return null;
    throw error;
  }
}

function readGranted(granted: oauth.TokenEndpointResponse): Granted {
  return {
    accessToken: granted.access_token,
    lifeS: granted.expires_in ?? null,
    refreshToken: granted.refresh_token ?? null,
    idToken: granted.id_token ?? null,
  };
}

/** Where the provider ends somebody's session and sends them back; null where it has no such page. */
export function signOutAddress({ tokens, provider }: Session, home: string): URL | null {
  const address = pageAt(provider.server.end_session_endpoint);
  if (address === null) return null;
  address.searchParams.set("client_id", provider.client.client_id);
  address.searchParams.set("post_logout_redirect_uri", home);
  if (tokens.idToken !== null) address.searchParams.set("id_token_hint", tokens.idToken);
  return address;
}

/** A page of the provider's that the browser may be sent to; null where it names none, or no address of the web. */
function pageAt(endpoint: string | undefined): URL | null {
  if (endpoint === undefined || !URL.canParse(endpoint)) return null;
  const address = new URL(endpoint);
  return address.protocol === "https:" || isLoopback(address) ? address : null;
}
