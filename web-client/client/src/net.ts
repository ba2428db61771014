// A client that plays by itself: the adapter that gives the core a socket, a clock and randomness.
//
// It reconnects by itself until it is told to leave, the last refusal is terminal, or the time to resume is over. What
// changed is kept before anything is told or sent: a page that is reloaded at any moment goes on where it was.
import { type ActionName, type EntityId, EngineCode, type ErrorBody } from "@holdfast/protocol";

import { Addresses } from "./addresses.ts";
import { Backoff, type Retry } from "./backoff.ts";
import { ClientCore } from "./core.ts";
import type { WorldCopy } from "./copy.ts";
import type { CoreEvent } from "./event.ts";
import type { AnyVerb } from "./game.ts";
import type { ClientOptions } from "./net/options.ts";
import { Link } from "./net/socket.ts";
import { CONNECTING, type ConnectionState, stateAfter, type StateEvent } from "./state.ts";
import type { CannotAct, UnansweredAction } from "./unanswered.ts";

/** How long whoever gives access tokens may take. */
const TOKEN_WAIT_MAX_MS = 10_000;

type NextTry = Extract<Retry, { readonly type: "at" }>;

/** A client that plays. */
export class Client<Verb extends AnyVerb> {
  private readonly options: ClientOptions<Verb>;
  private readonly core: ClientCore;
  private readonly backoff = new Backoff();
  private readonly addresses: Addresses;
  private readonly stopListening: () => void;
  private currentState: ConnectionState = CONNECTING;
  /** Counts connections, so that what belongs to an earlier one is known for that. */
  private attempt = 0;
  private link: Link | null = null;
  /** What the latest connection was opened with. */
  private token: string | null = null;
  /** The token that the server has just said to have run out. */
  private expired: string | null = null;
  private cancelTimer: () => void = () => {};
  /** The try that is waited for. */
  private waiting: NextTry | null = null;
  private isClosed = false;
  private isKept = true;

  /** Begins to play. Events come once the caller has had its turn. */
  constructor(options: ClientOptions<Verb>) {
    this.options = options;
    this.addresses = new Addresses(options.url);
    const { kept, givenUp } = options.store?.load() ?? { kept: null, givenUp: [] };
    this.core = new ClientCore(options.build, options.character, kept);
    this.stopListening = options.surroundings.onWake(() => {
      this.wake();
    });
    queueMicrotask(() => {
      if (this.isClosed) return;
      this.tell(givenUp.map((gone) => ({ type: "gave_up", givenUp: gone })));
      if (!this.isClosed) void this.connect();
    });
  }

  /** What the client holds of the world. */
  get copy(): WorldCopy {
    return this.core.copy;
  }

  get character(): EntityId {
    return this.core.character;
  }

  /** How it stands with the connection. */
  get state(): ConnectionState {
    return this.currentState;
  }

  /** The address of the server that is played at, or tried. */
  get address(): string {
    return this.addresses.current;
  }

  /** What is known of the world's servers before one of them has let the client in: they are tried as well. */
  know(addresses: readonly string[]): void {
    this.addresses.know(addresses);
  }

  /** The actions without an answer, oldest first. */
  get unanswered(): readonly UnansweredAction[] {
    return this.core.unansweredActions;
  }

  /** How often the copy went wrong. */
  get divergenceCount(): number {
    return this.core.divergenceCount;
  }

  /**
   * Does something: the action is kept until it has its answer, over any number of connections. Returns its name, or
   * why it cannot be taken in.
   */
  act(verb: Verb): ActionName | CannotAct {
    const { game, surroundings } = this.options;
    const named = this.core.act(verb.type, game.encode(verb), surroundings.random);
    if (typeof named !== "string") {
      this.save();
      this.pump();
    }
    return named;
  }

  /** A person wants to play again, after nobody has tried any more. */
  retry(): void {
    if (this.isClosed || !this.currentState.isOver) return;
    this.backoff.reset();
    this.changeState({ type: "wanted" });
    void this.connect();
  }

  /** Ends the session by the player's wish, and with it the client. */
  leave(): void {
    if (this.isClosed) return;
    this.core.leave();
    this.pump();
    this.close();
  }

  /** Ends the client without leaving: the session can be resumed by another that has what this one kept. */
  close(): void {
    this.isClosed = true;
    this.stopListening();
    this.cancelTimer();
    this.link?.drop();
    this.link = null;
  }

  private async connect(): Promise<void> {
    this.attempt += 1;
    const { attempt } = this;
    const isCurrent = (): boolean => !this.isClosed && this.attempt === attempt;
    this.waiting = null;
    this.setTimer(TOKEN_WAIT_MAX_MS, () => {
      this.lost(null);
    });
    this.changeState({ type: "trying" });
    let token: string | null;
    try {
      token = await this.options.accessToken(this.expired);
    } catch {
      if (isCurrent()) this.lost(null);
      return;
    }
    if (!isCurrent()) return;
    this.cancelTimer();
    if (token === null) {
      this.changeState({ type: "signed_out" });
      return;
    }
    this.token = token;
    this.open(token);
  }

  private open(token: string): void {
    const { surroundings } = this.options;
    const { openWaitMs } = this.addresses;
    const address = this.addresses.choose(surroundings.now());
    try {
      this.link = new Link(surroundings.openSocket(address), openWaitMs, surroundings.setTimer, {
        opened: () => {
          this.link?.send(this.core.hello(surroundings.now(), token));
          this.pump();
        },
        message: (bytes) => {
          this.take(this.core.receive(surroundings.now(), bytes));
        },
        lost: (cause) => {
          this.take([{ type: "lost", cause }]);
        },
      });
    } catch {
      // An address that no socket can be opened to.
      this.lost(null);
    }
  }

  /** Keeps what events have changed, tells them, and goes on: with the connection, or without it. */
  private take(events: readonly CoreEvent[]): void {
    if (events.some(({ type }) => type === "welcomed" || type === "verdict" || type === "gave_up")) this.save();
    this.tell(events);
    if (this.isClosed) return;
    const end = events.find((event) => event.type === "closed" || event.type === "lost");
    if (end === undefined) this.pump();
    else this.lost(end.type === "closed" ? end.error : null);
  }

  private tell(events: readonly CoreEvent[]): void {
    for (const event of events) {
      if (this.isClosed) return;
      if (event.type === "welcomed") {
        this.backoff.reset();
        this.addresses.welcomed(this.core.addresses);
      }
      this.options.observer(event);
      if (event.type === "updated") this.changeState({ type: "updated" });
      if (event.type === "paused") this.changeState({ type: "paused", code: event.paused.code });
    }
  }

  private save(): void {
    const isKept = this.options.store?.save(this.core.keep()) ?? true;
    if (isKept === this.isKept) return;
    this.isKept = isKept;
    this.options.observer({ type: isKept ? "kept_again" : "not_kept" });
  }

  /** Sends whatever there is to send, and comes back when time alone makes more of it. */
  private pump(): void {
    const { link } = this;
    if (link === null || this.isClosed) return;
    const { now } = this.options.surroundings;
    for (let message = this.core.nextSend(now()); message !== null; message = this.core.nextSend(now())) {
      link.send(message);
    }
    const { wakeAt } = this.core;
    if (wakeAt === null) return;
    this.setTimer(wakeAt - now(), () => {
      this.take(this.core.clock(now()));
    });
  }

  private lost(error: ErrorBody | null): void {
    this.attempt += 1;
    this.link?.drop();
    this.link = null;
    this.expired = error?.code === EngineCode.token_expired ? this.token : null;
    const events = this.core.disconnected();
    if (events.length > 0) this.save();
    this.tell(events);
    if (this.isClosed) return;
    const { now, random } = this.options.surroundings;
    const turn = this.addresses.lost(now(), error);
    const retry = this.backoff.lost(now(), error, turn, random);
    this.cancelTimer();
    if (retry.type === "at") this.wait(retry);
    this.changeState({ type: "lost", error, retry });
  }

  private wait(retry: NextTry): void {
    this.waiting = retry;
    this.setTimer(retry.at - this.options.surroundings.now(), () => {
      void this.connect();
    });
  }

  /** The network is back, or the page is looked at again: what is waited for may be had, or be gone, already. */
  private wake(): void {
    if (this.waiting !== null) {
      const at = Math.max(this.waiting.notBefore, this.options.surroundings.now());
      if (at < this.waiting.at) this.wait({ ...this.waiting, at });
    } else if (this.link !== null) {
      this.take(this.core.clock(this.options.surroundings.now()));
    }
  }

  /** There is one timer: whatever is waited for next. */
  private setTimer(ms: number, then: () => void): void {
    this.cancelTimer();
    this.cancelTimer = this.options.surroundings.setTimer(Math.max(0, Math.ceil(ms)), then);
  }

  private changeState(event: StateEvent): void {
    const before = this.currentState;
    this.currentState = stateAfter(before, event);
    const { name, nextTryAt } = this.currentState;
    const isSame = name === before.name && nextTryAt === before.nextTryAt && this.currentState.isOver === before.isOver;
    if (!isSame && !this.isClosed) this.options.observer({ type: "state", state: this.currentState });
  }
}
