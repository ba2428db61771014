// Somebody's tokens: in this page's memory and nowhere else, so that each tab has its own, and a reload has none.
//
// An access token is handed out while it is good for a while; then the next one is asked for, once, however many wait for
// it. A refresh token is good once: the answer brings its successor.

/** An access token is not handed out that ends within this time: it has to arrive and be checked. */
const REST_MIN_MS = 30_000;

/** For how long an access token is taken to be good whose provider does not say. */
const LIFE_UNSAID_S = 60;

/** What a provider grants. */
export interface Granted {
  readonly accessToken: string;
  /** How long it is good; null where the provider does not say. */
  readonly lifeS: number | null;
  /** Null where there is no next one to be had. */
  readonly refreshToken: string | null;
  /** Null where the provider gives none with a refresh. */
  readonly idToken: string | null;
}

/** Asks for the next tokens. Null where they are refused for good; rejected where it cannot be known yet. */
export type Refresh = (refreshToken: string) => Promise<Granted | null>;

/** The tokens of somebody who is signed in. */
export class Tokens {
  private granted: Granted | null;
  private goodUntil: number;
  private readonly refresh: Refresh;
  private readonly now: () => number;
  /** The refresh that is under way. */
  private refreshing: Promise<string | null> | null = null;

  /** `now`: milliseconds since any fixed start, never going back. */
  constructor(granted: Granted, refresh: Refresh, now: () => number) {
    this.granted = granted;
    this.refresh = refresh;
    this.now = now;
    this.goodUntil = this.endOf(granted);
  }

  /**
   * A token that is good for a while; null where nobody is signed in any more. Rejected where that is not known yet.
   * `expired` is not handed out again: who has heard that it ran out knows better than a clock that stood still while the
   * device slept.
   */
  accessToken(expired: string | null = null): Promise<string | null> {
    const { granted } = this;
    if (granted === null) return Promise.resolve(null);
    if (granted.accessToken === expired) this.goodUntil = -Infinity;
    if (this.now() + REST_MIN_MS < this.goodUntil) return Promise.resolve(granted.accessToken);
    this.refreshing ??= this.next(granted).finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  /** What the provider is shown when somebody signs out. */
  get idToken(): string | null {
    return this.granted?.idToken ?? null;
  }

  /** Nobody is signed in any more. */
  drop(): void {
    this.granted = null;
  }

  private async next(last: Granted): Promise<string | null> {
    // Without a successor this one is used up to its end.
    if (last.refreshToken === null) return this.now() < this.goodUntil ? last.accessToken : this.end();
    const next = await this.refresh(last.refreshToken);
    if (this.granted === null || next === null) return this.end();
    this.granted = {
      ...next,
      refreshToken: next.refreshToken ?? last.refreshToken,
      idToken: next.idToken ?? last.idToken,
    };
    this.goodUntil = this.endOf(next);
    return next.accessToken;
  }

  private end(): null {
    this.granted = null;
    return null;
  }

  private endOf({ lifeS }: Granted): number {
    return this.now() + (lifeS ?? LIFE_UNSAID_S) * 1000;
  }
}
