// A slow link between browsers and servers of this machine: a round trip, a bandwidth that all connections share, and the
// slow start of each of them. For tests and measurements; a browser is led over it by its rules for addresses.
//
// Opening a connection takes a round trip, each way half of one. Nothing is lost or reordered. While the link is cut
// nothing passes and nothing is closed, as with a pulled cable; what was on its way then arrives later, as it would by
// being sent again.
import { createServer, connect, type Server, type Socket } from "node:net";

import { Flow } from "./link/flow.ts";
import { Lane } from "./link/lane.ts";

/** What a link is like. */
export interface LinkOptions {
  readonly roundTripMs: number;
  /** For each direction; all connections share it. */
  readonly bitsPerSecond: number;
}

/** A phone on a usual day. */
export const SLOW: LinkOptions = { roundTripMs: 85, bitsPerSecond: 9_000_000 };

/** A link. Servers are put behind it by `lead`. */
export class Link {
  private readonly options: LinkOptions;
  private readonly up: Lane;
  private readonly down: Lane;
  private readonly doors = new Set<Server>();
  private readonly sockets = new Set<Socket>();

  constructor(options: LinkOptions) {
    this.options = options;
    this.up = new Lane(options);
    this.down = new Lane(options);
  }

  /** Puts a server of this machine behind the link, and says at which port it is found there. */
  async lead(port: number, host = "127.0.0.1"): Promise<number> {
    const door = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      this.carry(client, connect({ host, port, allowHalfOpen: true }));
    });
    this.doors.add(door);
    await new Promise<void>((resolve, reject) => {
      door.once("error", reject);
      door.listen(0, "127.0.0.1", resolve);
    });
    const address = door.address();
    if (address === null || typeof address === "string") throw new Error("the link has no port");
    return address.port;
  }

  /** From now on nothing passes. */
  cut(): void {
    this.up.stop();
    this.down.stop();
  }

  /** Everything passes again. */
  restore(): void {
    this.up.go();
    this.down.go();
  }

  /** How many bytes have come out at the browsers' end. */
  get downBytes(): number {
    return this.down.deliveredBytes;
  }

  /** Ends all connections and takes no more. */
  async close(): Promise<void> {
    this.cut();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(
      [...this.doors].map((door) => {
        const closed = new Promise((resolve) => door.close(resolve));
        return closed;
      }),
    );
  }

  private carry(client: Socket, server: Socket): void {
    const flows = [new Flow(client, server, this.up), new Flow(server, client, this.down)];
    this.follow(client, server, this.up);
    this.follow(server, client, this.down);
    // The hands are shaken: only then does anything of the client's leave.
    setTimeout(() => {
      for (const flow of flows) flow.start();
    }, this.options.roundTripMs);
  }

  /** An orderly end is a flow's to pass on; one that breaks off breaks off the other side as well, half a trip later. */
  private follow(socket: Socket, other: Socket, lane: Lane): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    // Why it broke off is the business of whoever speaks over it.
    socket.on("error", () => socket.destroy());
    socket.on("close", (hasFailed) => {
      this.sockets.delete(socket);
      if (hasFailed) lane.put(0, () => other.destroy());
    });
  }
}
