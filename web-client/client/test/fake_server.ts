// A server of a few lines, whose sockets are objects: the test says what it says, and sees what it hears.
import { type ClientMessage, decodeClientMessage, type ErrorBody, type ServerMessage, type VillageVerb, type Welcome } from "@holdfast/protocol";
import { vi } from "vitest";

import { village } from "../src/game.ts";
import { Client } from "../src/net.ts";
import type { ClientEvent, ClientOptions } from "../src/net/options.ts";
import type { Socket } from "../src/net/socket.ts";
import { bytes, frameBytes, welcome } from "./made.ts";

type Listener = (event: { readonly data: unknown }) => void;

/** One connection, seen from the server. */
export class Peer implements Socket {
  binaryType = "blob";
  readyState = 0;
  isClosed = false;
  readonly heard: ClientMessage[] = [];
  private readonly listeners = new Map<string, Listener[]>();

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.heard.push(decodeClientMessage(message));
  }

  close(): void {
    this.isClosed = true;
  }

  /** What a client would be told by its browser. */
  happen(type: "open" | "close" | "message", data?: unknown): void {
    if (type === "open") this.readyState = 1;
    for (const listener of this.listeners.get(type) ?? []) listener({ data });
  }

  say(message: ServerMessage | Uint8Array<ArrayBuffer>): void {
    this.happen("message", (message instanceof Uint8Array ? message : bytes(message)).buffer);
  }

  /** Takes the client in: its hello is there, and it gets a snapshot or what it held. */
  letIn(tick: bigint, fields: Partial<Welcome> = {}): void {
    this.happen("open");
    const { held } = this.hello();
    const resync = held === null ? "snapshot_fresh" : "delta";
    this.say({ type: "welcome", value: welcome({ resync, ...fields }) });
    this.say(frameBytes(held?.tick ?? null, tick));
  }

  refuse(code: number, retryable: boolean, retryAfterMs = 0): void {
    const value: ErrorBody = { code, category: "capacity", retryable, retryAfterMs, correlationId: 1n };
    this.say({ type: "error", value });
  }

  hello(): Extract<ClientMessage, { type: "hello" }>["value"] {
    const [first] = this.heard;
    if (first?.type !== "hello") throw new Error("hello comes first");
    return first.value;
  }

  acts(): bigint[] {
    return this.heard.flatMap((message) => (message.type === "act" ? [message.value.name.seq] : []));
  }
}

/** A client, all that it was told, and all of its connections. Time is vitest's. */
export class Rig {
  readonly peers: Peer[] = [];
  /** Where each of them was opened to. */
  readonly urls: string[] = [];
  readonly events: ClientEvent[] = [];
  readonly client: Client<VillageVerb>;
  /** The network is back. */
  wake: () => void = () => {};

  constructor(options: Partial<ClientOptions<VillageVerb>> = {}) {
    this.client = new Client({
      url: "ws://world/ws",
      build: new Uint8Array(16).fill(0xab),
      character: 1n,
      game: village,
      accessToken: async () => "token",
      store: null,
      observer: (event) => {
        this.events.push(event);
      },
      surroundings: {
        now: () => performance.now(),
        // The longest jitter that there is.
        random: () => 0.999_999,
        setTimer: (ms, then) => {
          const timer = setTimeout(then, ms);
          return () => {
            clearTimeout(timer);
          };
        },
        openSocket: (url) => {
          const peer = new Peer();
          this.urls.push(url);
          this.peers.push(peer);
          return peer;
        },
        onWake: (wake) => {
          this.wake = wake;
          return () => {
            this.wake = () => {};
          };
        },
      },
      ...options,
    });
  }

  /** The latest connection. */
  get peer(): Peer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("there is no connection");
    return peer;
  }

  /** Lets so many milliseconds pass, and all that is due in them happen. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  of<Type extends ClientEvent["type"]>(type: Type): Extract<ClientEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<ClientEvent, { type: Type }> => event.type === type);
  }

  states(): string[] {
    return this.of("state").map(({ state }) => state.name);
  }
}
