// The OpenID provider of a world: its addresses, which it tells itself, and how it is spoken with.
import * as oauth from "oauth4webapi";

import { recordOf, textIn } from "../api/json.ts";
import type { SignInInfo } from "../api/world_info.ts";
import type { Kept } from "../storage.ts";

const NAME = "provider";

/** For how long what a provider said of itself is believed. */
const BELIEVED_MS = 60 * 60 * 1000;

/** How long a provider may take to answer. */
const ANSWER_WAIT_MAX_MS = 8_000;

/** A provider and what this page is to it. */
export interface Provider {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  /** What it is asked for. */
  readonly scope: string;
}

/** The provider: from what the server says of it, from what this browser keeps, or else from itself. */
export async function findProvider(info: SignInInfo, kept: Kept, now: number): Promise<Provider> {
  const client = { client_id: info.clientId };
  if (info.provider !== null) {
    return { server: info.provider as oauth.AuthorizationServer, client, scope: info.scope };
  }
  const known = readKept(kept.read(NAME), info.issuer, now);
  if (known !== null) return { server: known, client, scope: info.scope };
  const issuer = new URL(info.issuer);
  const response = await oauth.discoveryRequest(issuer, requestOptions(info.issuer));
  const server = await oauth.processDiscoveryResponse(issuer, response);
  kept.write(NAME, { asked: info.issuer, at: now, server });
  return { server, client, scope: info.scope };
}

/** What was kept may be what went wrong: next time the provider is asked again. */
export function forgetProvider(kept: Kept): void {
  kept.remove(NAME);
}

function readKept(json: unknown, issuer: string, now: number): oauth.AuthorizationServer | null {
  const fields = recordOf(json);
  const at = fields?.["at"];
  const server = recordOf(fields?.["server"]);
  if (textIn(json, "asked") !== issuer || server === null || typeof at !== "number") return null;
  const named = textIn(server, "issuer");
  const isFresh = at <= now && now - at < BELIEVED_MS;
  return isFresh && named !== null ? { ...(server as Partial<oauth.AuthorizationServer>), issuer: named } : null;
}

/** How long to wait for it; and http, which is fit for a provider on this machine alone. */
export function requestOptions(issuer: string): { signal: () => AbortSignal; [oauth.allowInsecureRequests]?: true } {
  const patient = { signal: patience };
  return isLoopback(new URL(issuer)) ? { ...patient, [oauth.allowInsecureRequests]: true } : patient;
}

function patience(): AbortSignal {
  return AbortSignal.timeout(ANSWER_WAIT_MAX_MS);
}

/** Whether this address is on this very machine, spoken with over plain http. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
