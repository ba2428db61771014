// One direction of one connection: takes bytes from a socket and lets them onto the lane as a sender would that does not
// know the link yet. It begins with ten segments in flight, and may have more with each one that is acknowledged.
import type { Socket } from "node:net";

import type { Lane } from "./lane.ts";

/** What a segment carries, and what a packet on the lane holds at most, in bytes. */
const SEGMENT_BYTES = 1_460;

/** How many bytes may be in flight at first. */
const WINDOW_BYTES_FIRST = 10 * SEGMENT_BYTES;

/** How many may ever be: beyond it a browser's machine has no room for more. */
const WINDOW_BYTES_MAX = 4 * 1024 * 1024;

/** How many bytes may wait for the lane before the sender is told to wait. */
const WAITING_BYTES_MAX = 256 * 1024;

/** One direction of one connection. */
export class Flow {
  private readonly from: Socket;
  private readonly to: Socket;
  private readonly lane: Lane;
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private window = WINDOW_BYTES_FIRST;
  private inFlight = 0;
  private hasEnded = false;
  private toldEnd = false;

  constructor(from: Socket, to: Socket, lane: Lane) {
    this.from = from;
    this.to = to;
    this.lane = lane;
  }

  start(): void {
    this.from.on("data", (chunk: Buffer) => {
      for (let start = 0; start < chunk.length; start += SEGMENT_BYTES) this.waiting.push(chunk.subarray(start, start + SEGMENT_BYTES));
      this.waitingBytes += chunk.length;
      if (this.waitingBytes > WAITING_BYTES_MAX) this.from.pause();
      this.send();
    });
    this.from.on("end", () => {
      this.hasEnded = true;
      this.send();
    });
    this.from.resume();
  }

  private send(): void {
    for (let [next] = this.waiting; next !== undefined && this.inFlight + next.length <= this.window; [next] = this.waiting) {
      this.waiting.shift();
      this.put(next);
    }
    if (this.waitingBytes <= WAITING_BYTES_MAX && this.from.isPaused()) this.from.resume();
    if (this.hasEnded && this.waiting.length === 0 && !this.toldEnd) {
      this.toldEnd = true;
      this.lane.put(0, () => this.to.end());
    }
  }

  private put(segment: Buffer): void {
    this.waitingBytes -= segment.length;
    this.inFlight += segment.length;
    this.lane.put(segment.length, () => {
      if (!this.to.destroyed) this.to.write(segment);
      // The word that it arrived takes half a trip back, and next to no bandwidth.
      setTimeout(() => {
        this.inFlight -= segment.length;
        this.window = Math.min(WINDOW_BYTES_MAX, this.window + segment.length);
        this.send();
      }, this.lane.halfTripMs);
    });
  }
}
