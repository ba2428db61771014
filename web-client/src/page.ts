// Which screen somebody sees, from opening the page to being in the world: the one place that decides it.
//
// A visit takes as few round trips as it can: what the server says of its world, the map and the code's exchange are all
// asked for at once, and whoever has played before goes straight into the world.
import { type ReadonlySignal, signal } from "@preact/signals";

import type { Answer } from "./api/answer.ts";
import { terrainAt } from "./api/terrain.ts";
import type { WorldInfo } from "./api/world_info.ts";
import { BUILD_ID } from "./build_id.ts";
import type { Remembered } from "./remembered.ts";
import { type Arrival, needsAPerson } from "./sign_in/arrival.ts";
import { type Attempt, Attempts } from "./sign_in/attempt.ts";
import { faultOf, SignInFailure } from "./sign_in/fault.ts";
import { findProvider, forgetProvider } from "./sign_in/provider.ts";
import { homeOf, prepare, redeem, type Session, signOutAddress } from "./sign_in/session.ts";
import type { Kept } from "./storage.ts";
import { SIGN_IN_SAYS } from "./strings/sign_in.ts";
import type { WayAhead } from "./way_ahead.ts";

/** What somebody sees. */
export type Screen =
  /** On the way to one of the others, for a moment. */
  | { readonly type: "signing_in" }
  /** Nobody is signed in. The trouble is a sentence; null where there is none. */
  | { readonly type: "welcome"; readonly trouble: string | null }
  /** Signed in, and about to choose whom to play. */
  | { readonly type: "characters"; readonly session: Session; readonly info: WorldInfo }
  | {
      readonly type: "world";
      readonly session: Session;
      readonly character: bigint;
      readonly terrain: Promise<ArrayBuffer>;
      /** Where the world's servers are reached. */
      readonly addresses: Promise<readonly string[]>;
    }
  /** The server is of another build than this page. */
  | { readonly type: "update" };

/** What a page has from outside. */
export interface Surroundings {
  /** As the browser names it: scheme, host and port. */
  readonly origin: string;
  /** Leaves this page for an address; `isReplacing`: it is not to be found by going back. */
  readonly goTo: (address: URL, isReplacing: boolean) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds since any fixed start, never going back. */
  readonly monotonic: () => number;
  /** What the browser keeps. */
  readonly local: Kept;
  /** What the browser keeps for this tab. */
  readonly tab: Kept;
  readonly remembered: Remembered;
  readonly askWorldInfo: () => Promise<Answer<WorldInfo>>;
  /** The connections to the world. */
  readonly way: Pick<WayAhead, "prepare" | "drop">;
}

/** Why somebody goes to the provider. */
type Reason = "asked" | "silent" | "somebody_else";

/** A visit to the page. */
export class Page {
  private readonly current = signal<Screen>({ type: "signing_in" });
  private readonly surroundings: Surroundings;
  private readonly attempts: Attempts;
  private info: Promise<Answer<WorldInfo>>;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.attempts = new Attempts(surroundings.tab, surroundings.now);
    this.info = this.askInfo();
  }

  get screen(): ReadonlySignal<Screen> {
    return this.current;
  }

  /** Goes from how somebody arrived to their first screen. */
  async start(arrival: Arrival): Promise<void> {
    if (arrival.type === "plain") {
      const { remembered } = this.surroundings;
      if (remembered.wasSignedIn && this.attempts.maySilently) return this.goToProvider("silent", null);
      this.attempts.forget();
      this.welcome(null);
      return;
    }
    const attempt = this.attempts.take(arrival.state);
    if (attempt === null) {
      this.welcome(SIGN_IN_SAYS.not_ours);
    } else if (attempt.isSilent && arrival.error !== null && needsAPerson(arrival.error)) {
      this.surroundings.remembered.notSignedIn();
      this.welcome(null);
    } else {
      await this.finish(attempt, arrival.parameters);
    }
  }

  /** Somebody wants to sign in, perhaps to go on with a character; or wants to be somebody else. */
  signIn(character: bigint | null, asSomebodyElse = false): Promise<void> {
    return this.goToProvider(asSomebodyElse ? "somebody_else" : "asked", character);
  }

  /** Somebody has chosen whom to play. */
  enter(session: Session, character: bigint, knownTerrainPath: string): void {
    this.surroundings.remembered.plays(session.subject, character);
    const terrain = this.info.then((answer) =>
      terrainAt(answer.type === "done" ? answer.value.terrainPath : knownTerrainPath),
    );
    // Whoever draws it is told as well; until then nobody listens, which is no error.
    terrain.catch(() => {});
    const addresses = this.info.then((answer) => (answer.type === "done" ? answer.value.addresses : []));
    this.show({ type: "world", session, character, terrain, addresses });
  }

  /** Somebody wants to play another character. */
  async choose(session: Session): Promise<void> {
    // The world that was left must not stand there as if it went on, however long the answer takes.
    this.show({ type: "signing_in" });
    const answer = await this.usableInfo();
    if (answer.type === "done") this.show({ type: "characters", session, info: answer.value });
    else this.welcome(answer.trouble.sentence);
  }

  /** The world does not know that character as theirs: they choose another one. */
  async chooseInstead(session: Session): Promise<void> {
    this.surroundings.remembered.forgetCharacter();
    await this.choose(session);
  }

  /** Somebody signs out, here and at the provider. */
  signOut(session: Session): void {
    const { remembered, goTo, origin } = this.surroundings;
    remembered.forgetAll();
    const address = signOutAddress(session, homeOf(origin));
    session.tokens.drop();
    if (address === null) this.welcome(null);
    else goTo(address, false);
  }

  /** Leaves for the provider, and keeps in the tab what for. */
  private async goToProvider(reason: Reason, character: bigint | null): Promise<void> {
    const { local, now, origin, goTo } = this.surroundings;
    this.show({ type: "signing_in" });
    const answer = await this.usableInfo();
    if (answer.type === "trouble") {
      this.welcome(answer.trouble.sentence);
      return;
    }
    const { signIn, terrainPath } = answer.value;
    try {
      const provider = await findProvider(signIn, local, now());
      const isSilent = reason === "silent";
      const wish = {
        isSilent,
        unansweredCount: isSilent ? this.attempts.unansweredCount : 0,
        asSomebodyElse: reason === "somebody_else",
        signIn,
        terrainPath,
        character,
      };
      const { attempt, address } = await prepare(provider, wish, homeOf(origin), now());
      if (!this.attempts.begin(attempt)) throw new SignInFailure("keeps_nothing");
      goTo(address, isSilent);
    } catch (error) {
      forgetProvider(local);
      this.welcome(SIGN_IN_SAYS[faultOf(error)]);
    }
  }

  /** Somebody is back from the provider. */
  private async finish(attempt: Attempt, answer: URLSearchParams): Promise<void> {
    const { local, now, monotonic, origin, remembered, way } = this.surroundings;
    this.show({ type: "signing_in" });
    if (attempt.isSilent || attempt.character !== null) way.prepare();
    terrainAt(attempt.terrainPath).catch(() => {});
    let session: Session;
    try {
      const provider = await findProvider(attempt.signIn, local, now());
      session = await redeem(provider, attempt, answer, homeOf(origin), monotonic);
    } catch (error) {
      forgetProvider(local);
      way.drop();
      this.welcome(SIGN_IN_SAYS[faultOf(error)]);
      return;
    }
    remembered.signedIn();
    const character = attempt.character === null ? remembered.lastCharacter(session.subject) : BigInt(attempt.character);
    if (character === null) {
      way.drop();
      await this.choose(session);
    } else this.enter(session, character, attempt.terrainPath);
  }

  /** What the server says; asked again where it could not be had the last time. */
  private async usableInfo(): Promise<Answer<WorldInfo>> {
    const answer = await this.info;
    if (answer.type === "done") return answer;
    this.info = this.askInfo();
    return this.info;
  }

  private askInfo(): Promise<Answer<WorldInfo>> {
    const asked = this.surroundings.askWorldInfo();
    void asked.then((answer) => {
      // In the world the socket says it itself, and knows what becomes of what was done.
      const isPlaying = this.current.value.type === "world";
      if (answer.type === "done" && answer.value.build !== BUILD_ID && !isPlaying) this.show({ type: "update" });
    });
    return asked;
  }

  private welcome(trouble: string | null): void {
    this.show({ type: "welcome", trouble });
  }

  /** Nothing leads on from another build's page but a reload. */
  private show(screen: Screen): void {
    if (this.current.value.type !== "update") this.current.value = screen;
  }
}
