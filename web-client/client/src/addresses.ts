// Where a client tries next: the addresses of all servers of its world, in turn.
//
// One server at a time plays a world; the others stand by, and each may be the next that does. So whoever loses one goes
// round through all of them, without waiting in between. Only from round to round it waits, as backoff.ts says. Where a
// server asks to wait, that holds for that server.
import { type Code, EngineCode, type ErrorBody } from "@holdfast/protocol";

import { OPEN_WAIT_MAX_MS } from "./net/socket.ts";

/** How many addresses a server may tell of, and how long each may be, in bytes; what is beyond is left out. */
const TOLD_MAX = 8;
const BYTES_MAX = 255;

/**
 * How long opening a connection may take in the first round, where there is another address to go to. A server that
 * hangs still accepts connections, and says nothing on them. In each later round it is twice as long, for slow lines.
 */
const FIRST_OPEN_WAIT_MS = 1_000;

/**
 * The codes by which a server that ends a connection speaks of itself, so that another one may take the client in. All
 * others speak of the client: it would hear the same anywhere.
 */
const OF_THE_SERVER: ReadonlySet<Code> = new Set([
  EngineCode.not_owner,
  EngineCode.maintenance,
  EngineCode.store_unavailable,
  EngineCode.internal,
]);

/** What comes after a lost connection. Times are milliseconds since any fixed start. */
export interface Turn {
  /** Whether a new round begins with it, so that there is a wait before. */
  readonly beginsRound: boolean;
  /** When the first of the addresses that may be next is due, as their servers have asked. */
  readonly notBefore: number;
}

interface Known {
  readonly url: string;
  notBefore: number;
  isTried: boolean;
}

/** The addresses of a world: the one that the user configured, always, and those that servers have told of. */
export class Addresses {
  private readonly configured: string;
  /** In the order in which they are tried; at most two more than a server may tell of. The first is the current one. */
  private all: [Known, ...Known[]];
  /** Whether the next try is to be at another one. */
  private goesOn = false;
  /** How many rounds have begun since the last welcome. */
  private roundCount = 1;

  /** Only what the user configured. */
  constructor(configured: string) {
    this.configured = URL.canParse(configured) ? new URL(configured).href : configured;
    this.all = [known(this.configured)];
  }

  /**
   * The address to connect to now: where the last one is to be left, the first after it that is yet to be tried in this
   * round and is due; where none is due, the one that soonest is.
   */
  choose(now: number): string {
    if (!this.goesOn) return this.current;
    this.goesOn = false;
    const [current, ...others] = this.all;
    const inOrder = [...others, current];
    const left = inOrder.filter(({ isTried }) => !isTried);
    const soonest = Math.min(...left.map(({ notBefore }) => Math.max(notBefore, now)));
    const place = inOrder.findIndex(({ isTried, notBefore }) => !isTried && notBefore <= soonest);
    const [first, ...rest] = [...inOrder.slice(place), ...inOrder.slice(0, place)];
    if (place >= 0 && first !== undefined) this.all = [first, ...rest];
    return this.current;
  }

  /** The address that was chosen last. */
  get current(): string {
    return this.all[0].url;
  }

  /** How long opening a connection to it may take. */
  get openWaitMs(): number {
    if (this.all.length === 1) return OPEN_WAIT_MAX_MS;
    return Math.min(FIRST_OPEN_WAIT_MS * 2 ** Math.max(0, this.roundCount - 1), OPEN_WAIT_MAX_MS);
  }

  /** What else is known before a server has let the client in. */
  know(told: readonly string[]): void {
    for (const url of usable(told)) if (!this.all.some((other) => other.url === url)) this.all.push(known(url));
  }

  /** The server at the current address has let the client in, and told of all servers of the world, itself first. */
  welcomed(told: readonly string[]): void {
    const { current } = this;
    const urls = usable(told);
    // Reached by another name (a balancer's, perhaps): the first is the same server, so it is the last to go to.
    const [itself] = urls;
    if (itself !== undefined && !urls.includes(current)) urls.push(...urls.splice(0, 1));
    for (const always of [this.configured, current]) if (!urls.includes(always)) urls.unshift(always);
    const place = urls.indexOf(current);
    const others = [...urls.slice(place + 1), ...urls.slice(0, place)];
    this.all = [known(current), ...others.map(known)];
    this.goesOn = false;
    this.roundCount = 0;
  }

  /** The connection to the current address was lost, or could not be had; with the server's last word, where it had one. */
  lost(now: number, error: ErrorBody | null): Turn {
    const [current] = this.all;
    current.notBefore = now + (error?.retryAfterMs ?? 0);
    current.isTried = this.roundCount > 0;
    const stays = error !== null && !OF_THE_SERVER.has(error.code);
    const beginsRound = stays || this.roundCount === 0 || this.all.every(({ isTried }) => isTried);
    if (beginsRound) {
      this.roundCount += 1;
      for (const each of this.all) each.isTried = false;
    }
    this.goesOn = !stays;
    const next = stays ? [current] : this.all.filter(({ isTried }) => !isTried);
    return { beginsRound, notBefore: Math.min(...next.map(({ notBefore }) => notBefore)) };
  }
}

function known(url: string): Known {
  return { url, notBefore: 0, isTried: false };
}

/** What a socket can be opened to, each once, as browsers write it. */
function usable(told: readonly string[]): string[] {
  const urls = told.slice(0, TOLD_MAX).flatMap((text) => {
    if (text.length > BYTES_MAX || !URL.canParse(text)) return [];
    const url = new URL(text);
    return url.protocol === "ws:" || url.protocol === "wss:" ? [url.href] : [];
  });
  return [...new Set(urls)];
}
