// One direction of a link: what is put on it leaves byte by byte at the bandwidth, and arrives half a round trip later, in
// order. Bounded by what flows may have in flight (flow.ts).
import type { LinkOptions } from "../link.ts";

interface Packet {
  readonly arrivesAt: number;
  readonly bytes: number;
  readonly arrive: () => void;
}

/** One direction, shared by all connections. */
export class Lane {
  readonly halfTripMs: number;
  private readonly bytesPerMs: number;
  private readonly packets: Packet[] = [];
  /** When everything that was put on it will have left. */
  private freeAt = 0;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private delivered = 0;

  constructor({ roundTripMs, bitsPerSecond }: LinkOptions) {
    this.halfTripMs = roundTripMs / 2;
    this.bytesPerMs = bitsPerSecond / 8 / 1000;
  }

  get deliveredBytes(): number {
    return this.delivered;
  }

  /** Puts so many bytes on the lane; `arrive` is called when the last of them is there. */
  put(bytes: number, arrive: () => void): void {
    this.freeAt = Math.max(performance.now(), this.freeAt) + bytes / this.bytesPerMs;
    this.packets.push({ arrivesAt: this.freeAt + this.halfTripMs, bytes, arrive });
    this.wait();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  go(): void {
    this.isStopped = false;
    this.wait();
  }

  private wait(): void {
    const [next] = this.packets;
    if (next === undefined || this.isStopped || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.deliver();
      this.wait();
    }, Math.max(0, next.arrivesAt - performance.now()));
  }

  private deliver(): void {
    // A timer may fire a little early; what is due within half a millisecond is due.
    const now = performance.now() + 0.5;
    while (!this.isStopped) {
      const [next] = this.packets;
      if (next === undefined || next.arrivesAt > now) return;
      this.packets.shift();
      this.delivered += next.bytes;
      next.arrive();
    }
  }
}
