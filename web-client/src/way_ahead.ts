// A connection to the world that is opened before it is known who will use it: while the provider is still asked who
// somebody is, the socket makes the trips that it needs anyway, which on a slow line is a good part of the wait.

/** For how long the server waits for somebody to say who they are, less a margin: an older connection is of no use. */
const AGE_MAX_MS = 4_000;

/** The sockets of a page. */
export class WayAhead {
  /** Where the one that is prepared leads. */
  readonly url: string;
  private readonly open: (url: string) => WebSocket;
  private readonly now: () => number;
  private ahead: { readonly socket: WebSocket; readonly since: number } | null = null;

  constructor(url: string, open: (url: string) => WebSocket, now: () => number) {
    this.url = url;
    this.open = open;
    this.now = now;
  }

  /** Opens one that will be wanted soon. */
  prepare(): void {
    this.ahead ??= { socket: this.open(this.url), since: this.now() };
  }

  /** A socket to this address, open or about to be: the one that was prepared, where it leads there and is of use. */
  take(url: string): WebSocket {
    const { ahead } = this;
    this.ahead = null;
    if (ahead === null) return this.open(url);
    const isOfUse = url === this.url && this.now() - ahead.since < AGE_MAX_MS;
    if (isOfUse && (ahead.socket.readyState === WebSocket.CONNECTING || ahead.socket.readyState === WebSocket.OPEN)) return ahead.socket;
    ahead.socket.close();
    return this.open(url);
  }

  /** Nobody will want it. */
  drop(): void {
    this.ahead?.socket.close();
    this.ahead = null;
  }
}
