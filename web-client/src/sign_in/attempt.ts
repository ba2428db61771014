// A sign-in that is under way: what this page must know again when the browser comes back from the provider. It is kept
// in the tab's storage for that moment alone, and used once.
import { recordIn, recordOf, textIn } from "../api/json.ts";
import { readProvider, type SignInInfo } from "../api/world_info.ts";
import type { Kept } from "../storage.ts";

const NAME = "sign_in";

/** For how long somebody may stay on the provider's page. */
const AGE_MAX_MS = 30 * 60 * 1000;

/** How often in a row a silent sign-in may get no answer before people are asked. */
const SILENT_TRIES_MAX = 2;

/** A sign-in that is under way. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  /** The secret whose digest the provider was given. */
  readonly verifier: string;
  /** Whether the provider was asked to show nothing. */
  readonly isSilent: boolean;
  /** How often in a row it was tried silently, with this time. */
  readonly silentTryCount: number;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** With whom, so that the code can be redeemed before the server has said so again. */
  readonly signIn: SignInInfo;
  /** Where the map is, so that it can be fetched at the same time. */
  readonly terrainPath: string;
  /** Whom the player was about to play; null where that was not chosen. */
  readonly character: string | null;
}

/** The one attempt of a tab. */
export class Attempts {
  private readonly kept: Kept;
  private readonly now: () => number;

  constructor(kept: Kept, now: () => number) {
    this.kept = kept;
    this.now = now;
  }

  /** Keeps it until the browser is back; false where the browser keeps nothing. */
  begin(attempt: Attempt): boolean {
    return this.kept.write(NAME, attempt);
  }

  /** The attempt to which an answer with this state belongs. Whatever it is, it is forgotten: it counts once. */
  take(state: string | null): Attempt | null {
    const attempt = readAttempt(this.kept.read(NAME));
    this.kept.remove(NAME);
    const isCurrent = attempt !== null && attempt.state === state && this.now() - attempt.at < AGE_MAX_MS;
    return isCurrent ? attempt : null;
  }

  /** How often in a row the provider was asked silently and gave no answer. */
  get unansweredCount(): number {
    const attempt = readAttempt(this.kept.read(NAME));
    return attempt === null || !attempt.isSilent ? 0 : attempt.silentTryCount;
  }

  /**
   * Whether it may be tried silently once more. A provider that is down leaves people on the browser's own error page;
   * who comes back from there must not be sent there again.
   */
  get maySilently(): boolean {
    return this.unansweredCount < SILENT_TRIES_MAX;
  }

  forget(): void {
    this.kept.remove(NAME);
  }
}

function readAttempt(json: unknown): Attempt | null {
  const fields = recordOf(json);
  const state = textIn(json, "state");
  const nonce = textIn(json, "nonce");
  const verifier = textIn(json, "verifier");
  const terrainPath = textIn(json, "terrainPath");
  const signIn = recordIn(json, "signIn");
  const issuer = textIn(signIn, "issuer");
  const clientId = textIn(signIn, "clientId");
  const scope = textIn(signIn, "scope");
  const character = textIn(json, "character");
  const { at, silentTryCount } = fields ?? {};
  if (state === null || nonce === null || verifier === null || terrainPath === null) return null;
  if (issuer === null || clientId === null || scope === null) return null;
  if (typeof at !== "number" || typeof silentTryCount !== "number") return null;
  return {
    state,
    nonce,
    verifier,
    isSilent: fields?.["isSilent"] === true,
    silentTryCount,
    at,
    signIn: { issuer, clientId, scope, provider: readProvider(signIn, issuer) },
    terrainPath,
    character: character !== null && /^\d{1,20}$/.test(character) ? character : null,
  };
}
