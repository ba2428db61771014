// One WebSocket to a world: the only place that touches a socket. It carries messages; what they mean is the core's.
import type { LostCause } from "../event.ts";

/** How long opening a connection may take, the upgrade included. */
export const OPEN_WAIT_MAX_MS = 5_000;

/** How large a message of the server's may be. */
export const SERVER_MESSAGE_BYTES_MAX = 256 * 1024;

/** What a `WebSocket` says of itself once it is open. */
const OPEN = 1;

/** The part of the standard `WebSocket` that is needed. */
export interface Socket {
  binaryType: string;
  /** 1 where it is open already. */
  readonly readyState: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** What whoever opened a link hears of it. After `lost`, and after having dropped it, nothing more. */
export interface LinkListener {
  opened(): void;
  message(bytes: Uint8Array): void;
  lost(cause: LostCause): void;
}

/** Calls back once after so many milliseconds, unless the returned function is called before. */
export type SetTimer = (ms: number, then: () => void) => () => void;

/** A connection, open or about to be. */
export class Link {
  private readonly socket: Socket;
  private readonly cancelWait: () => void;
  private listener: LinkListener | null;

  constructor(socket: Socket, openWaitMs: number, setTimer: SetTimer, listener: LinkListener) {
    this.socket = socket;
    this.listener = listener;
    this.cancelWait = setTimer(openWaitMs, () => {
      this.fail("socket");
    });
    socket.binaryType = "arraybuffer";
    const opened = (): void => {
      this.cancelWait();
      this.listener?.opened();
    };
    // One that was opened ahead tells nothing any more.
    if (socket.readyState === OPEN) queueMicrotask(opened);
    else socket.addEventListener("open", opened);
    socket.addEventListener("message", ({ data }) => {
      this.receive(data);
    });
    // An error is always followed by the closing.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => {
      this.fail("socket");
    });
  }

  private receive(data: unknown): void {
    if (data instanceof ArrayBuffer && data.byteLength <= SERVER_MESSAGE_BYTES_MAX) {
      this.listener?.message(new Uint8Array(data));
    } else {
      this.fail("protocol");
    }
  }

  private fail(cause: LostCause): void {
    const { listener } = this;
    this.drop();
    listener?.lost(cause);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.socket.send(bytes);
  }

  /** Closes the socket; what was sent before still goes out. */
  drop(): void {
    this.listener = null;
    this.cancelWait();
    this.socket.close();
  }
}
