// Messages of a server, made by hand.
import {
  type ActionName,
  type EntityWrite,
  encodeServerMessage,
  type Frame,
  type ServerMessage,
  type TokenPoint,
  type TokenStamp,
  type Verdict,
  type Welcome,
} from "@holdfast/protocol";

import type { Random } from "../src/random.ts";

/** Numbers that are the same in each run. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    world: 1n,
    epoch: 1n,
    tag: 5n,
    character: 1n,
    lastSeq: 0n,
    conflict: false,
    resume: Uint8Array.of(7),
    resync: "snapshot_fresh",
    tickMs: 50,
    addresses: [],
    ...fields,
  };
}

export function frame(fields: Partial<Frame> = {}): Frame {
  return {
    from: null,
    verdicts: [],
    replies: [],
    lost: [],
    rosters: [],
    chunks: [],
    own: { roster: null, entities: [] },
    hashes: [],
    token: null,
    ...fields,
  };
}

export function entity(id: bigint, whole: boolean, parts: readonly (readonly [number, number])[]): EntityWrite {
  return { id, whole, parts: parts.map(([tag, byte]) => ({ tag, body: Uint8Array.of(byte) })) };
}

export function from(tick: bigint): TokenPoint {
  return { epoch: 1n, tick };
}

export function at(tick: bigint): TokenStamp {
  return { tick, center: 1n };
}

export function accepted(action: ActionName): Verdict {
  return { action, code: 0, detail: new Uint8Array(4) };
}

export function bytes(message: ServerMessage): Uint8Array<ArrayBuffer> {
  return encodeServerMessage(message);
}

/** A frame in one piece, as bytes. */
export function frameBytes(fromTick: bigint | null, toTick: bigint | null, fields: Partial<Frame> = {}): Uint8Array<ArrayBuffer> {
  const [base, token] = [fromTick === null ? null : from(fromTick), toTick === null ? null : at(toTick)];
  return bytes({ type: "frame", value: frame({ from: base, token, ...fields }) });
}

/** What was named; a test ends where nothing was. */
export function named(name: ActionName | string): ActionName {
  if (typeof name === "string") throw new Error(`the action was not taken in: ${name}`);
  return name;
}
