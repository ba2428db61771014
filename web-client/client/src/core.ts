// A client as a synchronous state machine: bytes and time in, events and bytes out.
//
// It owns the copy, the unanswered actions and the resume token, over any number of connections one after the other.
// Sockets, clocks and randomness are its adapter's (net.ts); times are milliseconds since any fixed start.
import {
  type ActionName,
  type BuildId,
  decodeServerMessage,
  encodeClientMessage,
  EngineCode,
  type EntityId,
  type Frame,
  type ServerMessage,
  type Tick,
  type Welcome,
} from "@holdfast/protocol";

import { type Divergence, healsBySnapshot } from "./copy/divergence.ts";
import { WorldCopy } from "./copy.ts";
import type { CoreEvent } from "./event.ts";
import type { Random } from "./random.ts";
import { type CannotAct, type GivenUp, type KeptActions, Unanswered, type UnansweredAction } from "./unanswered.ts";

/** The server sends at least one frame a second; who hears nothing for so long has no connection. */
export const SILENCE_MAX_MS = 4_000;

/**
 * Before the welcome there is nothing to hear but the welcome, and a character's load and the first commit may take
 * their time.
 */
export const WELCOME_WAIT_MAX_MS = 10_000;

/** How often a client says that it is still there. */
export const PING_EVERY_MS = 15_000;

/** How long a client waits for the snapshot that it asked for before it asks again. */
export const SNAPSHOT_WAIT_MAX_MS = 5_000;

/** Where a client stands with its connection. */
export type Stage =
  /** There is no connection. */
  | "apart"
  /** Hello is said, and the welcome has not come. */
  | "greeting"
  /** In the world. */
  | "playing";

/** What must outlive the process to play on as the same client: everything but the copy. */
export interface Kept extends KeptActions {
  readonly resume: Uint8Array | null;
}

/** A client's state over all of its connections. */
export class ClientCore {
  readonly character: EntityId;
  readonly copy = new WorldCopy();
  /** How often the copy went wrong. Zero, where client and server are right. */
  divergenceCount = 0;
  private readonly build: BuildId;
  private readonly unanswered: Unanswered;
  private currentStage: Stage = "apart";
  private resume: Uint8Array | null;
  private toldAddresses: readonly string[] = [];
  /** Answers that wait for the token of their frame. The actions stay among the unanswered until they are told. */
  private answers: CoreEvent[] = [];
  private applied: Tick | null = null;
  private resync: Tick | null = null;
  private snapshotAsked: number | null = null;
  private heard = 0;
  private pingAt = 0;
  private leaving = false;

  /** A client of `build` that plays `character`, and goes on with what another process of the same build kept. */
  constructor(build: BuildId, character: EntityId, kept: Kept | null = null) {
    this.build = build;
    this.character = character;
    this.resume = kept?.resume ?? null;
    this.unanswered = new Unanswered(kept ?? undefined);
  }

  /** What must outlive this process. */
  keep(): Kept {
    return { resume: this.resume, ...this.unanswered.keep() };
  }

  /** A socket is open: the first message to send. */
  hello(now: number, accessToken: string): Uint8Array<ArrayBuffer> {
    this.currentStage = "greeting";
    this.heard = now;
    const { build, character, resume } = this;
    const value = { build, accessToken, character, resume, held: this.copy.held, oldestUnanswered: this.unanswered.oldest };
    return encodeClientMessage({ type: "hello", value });
  }

  /** The socket is gone. Answers that had come and waited for their frame's token are told now. */
  disconnected(): CoreEvent[] {
    this.currentStage = "apart";
    this.applied = null;
    this.resync = null;
    this.snapshotAsked = null;
    return this.takeAnswers();
  }

  /** A message of the socket has come. After `closed` or `lost` the socket is to be dropped. */
  receive(now: number, bytes: Uint8Array): CoreEvent[] {
    this.heard = now;
    let message: ServerMessage;
    try {
      message = decodeServerMessage(bytes);
    } catch {
      return [{ type: "lost", cause: "protocol" }];
    }
    switch (message.type) {
      case "error":
        // It is the other device's session now: who comes back all the same takes the character back, and says so by
        // showing no token of what was before.
        if (message.value.code === EngineCode.replaced) this.resume = null;
        return [{ type: "closed", error: message.value }];
      case "paused":
        return [{ type: "paused", paused: message.value }];
      case "idle_warning":
        return [{ type: "idle_warning", ms: message.value }];
      case "pong":
        return [];
      case "welcome":
        if (this.currentStage === "greeting") return this.welcomed(now, message.value);
        break;
      case "frame":
        if (this.currentStage === "playing") return this.frame(now, message.value);
        break;
      case "refused":
        if (this.currentStage === "playing") {
          const givenUp = this.unanswered.refuse(now, message.value);
          return [{ type: "refused", refusal: message.value }, ...givenUp.map(gaveUp)];
        }
        break;
    }
    return [{ type: "lost", cause: "protocol" }];
  }

  private welcomed(now: number, welcome: Welcome): CoreEvent[] {
    this.currentStage = "playing";
    this.pingAt = now + PING_EVERY_MS;
    if (welcome.resync !== "delta") this.copy.forget();
    this.copy.welcome(welcome);
    const givenUp = this.unanswered.welcome(welcome);
    this.resume = welcome.resume.slice();
    this.toldAddresses = welcome.addresses;
    const { character, resync, lastSeq, tickMs } = welcome;
    return [{ type: "welcomed", welcomed: { character, resync, lastSeq, tickMs } }, ...givenUp.map(gaveUp)];
  }

  private frame(now: number, frame: Frame): CoreEvent[] {
    this.noteAnswers(frame);
    const received = this.copy.receive(frame);
    switch (received.type) {
      case "waits":
        return [];
      case "adopted":
        this.applied = received.token.tick;
        this.snapshotAsked = null;
        return [{ type: "updated", token: received.token }, ...this.takeAnswers()];
      case "diverged":
        // Until the snapshot comes, what is still under way builds upon a copy that is void.
        if (this.snapshotAsked !== null) return this.takeAnswers();
        return [...this.takeAnswers(), ...this.diverged(now, received.divergence, frame.token?.tick ?? null)];
    }
  }

  /** Of what is no longer unanswered, and of what is noted already, nothing is new. */
  private noteAnswers({ replies, verdicts }: Frame): void {
    for (const { seq, body } of replies) {
      if (this.unanswered.waitsFor(seq)) this.answers.push({ type: "reply", reply: { seq, body: body.slice() } });
    }
    for (const verdict of verdicts) {
      const { seq, nonce } = verdict.action;
      const action = this.unanswered.all.find(({ name }) => name.seq === seq && name.nonce === nonce);
      if (action === undefined) continue;
      const isNoted = this.answers.some((event) => event.type === "verdict" && event.verdict.action.seq === seq);
      const answer = { ...verdict, detail: verdict.detail.slice() };
      if (!isNoted) this.answers.push({ type: "verdict", verdict: answer, verb: action.verb });
    }
  }

  /**
   * The answers that are to be told now. Only with this are their actions answered: a process that ends before it was
   * told of a verdict has kept the action, and is told when it asks again.
   */
  private takeAnswers(): CoreEvent[] {
    const told = this.answers;
    this.answers = [];
    for (const event of told) if (event.type === "verdict") this.unanswered.retire(event.verdict.action);
    return told;
  }

  private diverged(now: number, divergence: Divergence, tick: Tick | null): CoreEvent[] {
    this.divergenceCount += 1;
    if (!healsBySnapshot(divergence)) {
      return [{ type: "diverged", divergence }, { type: "lost", cause: "protocol" }];
    }
    this.resync = tick ?? 0n;
    this.snapshotAsked = now;
    return [{ type: "diverged", divergence }];
  }

  /** Time has passed. */
  clock(now: number): CoreEvent[] {
    if (this.currentStage === "apart") return [];
    const waitMax = this.currentStage === "greeting" ? WELCOME_WAIT_MAX_MS : SILENCE_MAX_MS;
    if (now - this.heard > waitMax) return [{ type: "lost", cause: "silent" }];
    if (this.snapshotAsked !== null && now - this.snapshotAsked > SNAPSHOT_WAIT_MAX_MS) {
      this.resync = 0n;
      this.snapshotAsked = now;
    }
    return [];
  }

  /**
   * Takes in an action. It is sent when there is a connection, and again on each following one until it has its answer.
   */
  act(verb: string, action: Uint8Array, random: Random): ActionName | CannotAct {
    return this.unanswered.act(verb, action, random);
  }

  /** The player is going for good: the next messages are the last. */
  leave(): void {
    this.leaving = true;
  }

  /** The next message to send; null where there is nothing to say now. */
  nextSend(now: number): Uint8Array<ArrayBuffer> | null {
    if (this.currentStage !== "playing") return null;
    if (this.resync !== null) {
      const tick = this.resync;
      this.resync = null;
      return encodeClientMessage({ type: "resync", value: { tick } });
    }
    if (this.applied !== null) {
      const tick = this.applied;
      this.applied = null;
      return encodeClientMessage({ type: "applied", value: { tick } });
    }
    if (now >= this.pingAt) {
      this.pingAt = now + PING_EVERY_MS;
      return encodeClientMessage({ type: "ping" });
    }
    if (this.leaving) {
      // What follows a leave is not read any more.
      this.leaving = false;
      this.currentStage = "apart";
      return encodeClientMessage({ type: "leave" });
    }
    return this.unanswered.nextSend(now);
  }

  /** When `clock` and `nextSend` are to be asked again at the latest; null without a connection. */
  get wakeAt(): number | null {
    if (this.currentStage === "apart") return null;
    if (this.currentStage === "greeting") return this.heard + WELCOME_WAIT_MAX_MS + 1;
    const times = [this.heard + SILENCE_MAX_MS + 1, this.pingAt];
    if (this.snapshotAsked !== null) times.push(this.snapshotAsked + SNAPSHOT_WAIT_MAX_MS + 1);
    const { wakeAt } = this.unanswered;
    if (wakeAt !== null) times.push(wakeAt);
    return Math.min(...times);
  }

  /** The addresses of all servers of the world, as the last welcome told them: the answering server's own first. */
  get addresses(): readonly string[] {
    return this.toldAddresses;
  }

  get stage(): Stage {
    return this.currentStage;
  }

  /** The actions without an answer, oldest first. */
  get unansweredActions(): readonly UnansweredAction[] {
    return this.unanswered.all;
  }
}

function gaveUp(givenUp: GivenUp): CoreEvent {
  return { type: "gave_up", givenUp };
}
