// An identity provider that is not ours: the package oidc-provider, in the test's own process. It is the independent
// check that the page and the server speak OpenID Connect, and not only with each other.
import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import type Provider from "oidc-provider";
import type { Context } from "oidc-provider";

/** What access tokens are for, as this provider names it. */
const RESOURCE = "https://holdfast.example/world";

/** The longest form that is read, in bytes. */
const FORM_BYTES_MAX = 4_096;

/** A provider on the loopback, for one page. */
export class OtherProvider {
  readonly url: string;
  /** How often a refresh token was exchanged. */
  refreshCount = 0;
  /** What it refused, as it says it. */
  readonly refusals: string[] = [];
  private readonly server: Server;
  private provider: Provider | null = null;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
    server.on("request", (request, response) => void this.answer(request, response));
  }

  /** Listens. Nobody can sign in before it `serves` a page. */
  static async start(): Promise<OtherProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the provider has no port");
    return new OtherProvider(server, `http://127.0.0.1:${address.port}`);
  }

  /** From now on people sign in to the page of this origin, with access tokens that are good for so long. */
  async serve(origin: string, accessLifeS: number): Promise<void> {
    const provider = await quietly(() => makeProvider(this.url, origin, accessLifeS));
    provider.on("grant.success", ({ oidc }) => {
      if (oidc.params["grant_type"] === "refresh_token") this.refreshCount += 1;
    });
    for (const event of ["grant.error", "authorization.error", "server_error"] as const) {
      provider.on(event, (_, error) => this.refusals.push(`${event}: ${error.message}`));
    }
    this.provider = provider;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { provider } = this;
    if (provider === null) {
      response.writeHead(503).end();
    } else if (!(request.url ?? "").startsWith("/sign-in/")) {
      await provider.callback()(request, response);
    } else if (request.method === "POST") {
      const accountId = new URLSearchParams(await bodyOf(request)).get("name") ?? "";
      await provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
    } else {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(SIGN_IN_PAGE);
    }
  }
}

const SIGN_IN_PAGE = `<!DOCTYPE html><html lang="en"><title>Another provider</title><main><h1>Another provider</h1>
<form method="post"><label>Name <input name="name" required></label> <button>Sign in</button></form></main></html>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > FORM_BYTES_MAX) throw new Error("too long a form");
  }
  return body;
}

async function makeProvider(issuer: string, origin: string, accessLifeS: number): Promise<Provider> {
  const { default: Made } = await import("oidc-provider");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), kid: "only", alg: "ES256", use: "sig" };
  const home = `${origin}/`;
  const provider: Provider = new Made(issuer, {
    jwks: { keys: [key] },
    clients: [
      {
        client_id: "holdfast-web",
        token_endpoint_auth_method: "none",
        redirect_uris: [home],
        post_logout_redirect_uris: [home],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    cookies: { keys: ["of this test alone"] },
    pkce: { required: () => true },
    clientBasedCORS: (_: Context, asking: string) => asking === origin,
    findAccount: (_: Context, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_: Context, { uid }: { readonly uid: string }) => `/sign-in/${uid}` },
    loadExistingGrant: async ({ oidc: { client, session } }: Context) => {
      const id = session.grantIdFor(client.clientId);
      const known = id === undefined ? undefined : await provider.Grant.find(id);
      if (known !== undefined) return known;
      // Nobody is asked whether the page may know them: it is this world's own.
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid");
      grant.addResourceScope(RESOURCE, "play");
      await grant.save();
      return grant;
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: accessLifeS, Grant: 3_600, IdToken: 3_600, Interaction: 600, RefreshToken: 3_600, Session: 3_600 },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "play",
          audience: "holdfast",
          accessTokenFormat: "jwt",
          accessTokenTTL: accessLifeS,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  });
  return provider;
}

/** It warns of Node 20 and of keeping everything in memory, both of which are good enough for a test. */
async function quietly<Value>(load: () => Promise<Value>): Promise<Value> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await load();
  } finally {
    console.warn = warn;
  }
}
