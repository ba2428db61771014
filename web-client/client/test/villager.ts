// Somebody who plays the village in a test: a client, all that it was told, and eyes for what is in its copy.
import { type ActionName, decodeVillagePart, type Tile, VILLAGE_PART_TAGS, type VillagePart, type VillageVerb } from "@holdfast/protocol";
import { expect } from "vitest";
import { WebSocket } from "ws";

import { village } from "../src/game.ts";
import { fromHex } from "../src/hex.ts";
import { Client } from "../src/net.ts";
import type { ClientEvent } from "../src/net/options.ts";
import type { Socket } from "../src/net/socket.ts";
import { surroundings } from "../src/net/surroundings.ts";
import { ClientStore, type KeyValueStorage } from "../src/store.ts";
import type { Devstack } from "./devstack.ts";
import { named } from "./made.ts";

/** How long anything may take that must happen. */
const WAIT = { timeout: 15_000, interval: 20 };

type Events<Type> = Extract<ClientEvent, { readonly type: Type }>[];
type PartValues = { readonly [Each in VillagePart as Each["type"]]: Each["value"] };

export class Villager {
  readonly client: Client<VillageVerb>;
  readonly events: ClientEvent[] = [];

  private readonly subject: string;

  private constructor(subject: string, build: Uint8Array, ws: string, character: bigint, token: string, storage: KeyValueStorage | null) {
    this.subject = subject;
    this.client = new Client({
      url: ws,
      build,
      character,
      game: village,
      accessToken: async () => token,
      store: storage === null ? null : new ClientStore(storage, build, character, village),
      observer: (event) => {
        this.events.push(event);
      },
      surroundings: surroundings((url) => new WebSocket(url) as Socket, null),
    });
  }

  /** Comes into the world of `stack` as this character, and waits until it is there. */
  static async join(stack: Devstack, subject: string, character: bigint, storage: KeyValueStorage | null = null): Promise<Villager> {
    const answer = await fetch(`${stack.url}/api/build`);
    const build = fromHex(((await answer.json()) as { build: string }).build);
    if (build === null) throw new Error("the server names no build");
    const villager = new Villager(subject, build, stack.ws, character, await stack.token(subject), storage);
    await villager.until(() => {
      expect(villager.client.state.name).toBe("PLAYING");
    });
    return villager;
  }

  /** The same character with a client that knows nothing but what is in `storage`. */
  async again(stack: Devstack, storage: KeyValueStorage | null = null): Promise<Villager> {
    return Villager.join(stack, this.subject, this.client.character, storage);
  }

  /** Waits until what it expects holds. */
  async until(expectation: () => void): Promise<void> {
    await expect.poll(() => holds(expectation), WAIT).toBe("held");
  }

  of<Type extends ClientEvent["type"]>(type: Type): Events<Type> {
    return this.events.filter((event): event is Events<Type>[number] => event.type === type);
  }

  act(verb: VillageVerb): ActionName {
    return named(this.client.act(verb));
  }

  /** Acts, and waits for the code of the verdict. */
  async do(verb: VillageVerb): Promise<number> {
    const name = this.act(verb);
    await this.until(() => {
      expect(this.codesOf(name)).toHaveLength(1);
    });
    return this.codesOf(name)[0] ?? -1;
  }

  /** The codes of all verdicts on this action that were told. */
  codesOf(name: ActionName): number[] {
    return this.of("verdict").flatMap(({ verdict }) => (verdict.action.seq === name.seq && verdict.action.nonce === name.nonce ? [verdict.code] : []));
  }

  /** A part of something in view. */
  part<Type extends keyof PartValues>(id: bigint, type: Type): PartValues[Type] | undefined {
    const tag = VILLAGE_PART_TAGS[type];
    const body = this.client.copy.entity(id)?.parts.get(tag);
    if (body === undefined) return undefined;
    const part: { readonly value: unknown } = decodeVillagePart(tag, body);
    return part.value as PartValues[Type];
  }

  tile(id = this.client.character): Tile {
    const tile = this.part(id, "position")?.tile;
    if (tile === undefined) throw new Error(`${id} is not in view`);
    return tile;
  }

  /** The tick at which the copy stands. */
  tick(): number {
    return Number(this.client.copy.held?.tick ?? 0n);
  }

  /** Everything in view that has this part. */
  all(type: VillagePart["type"]): bigint[] {
    const tag = VILLAGE_PART_TAGS[type];
    const found: bigint[] = [];
    for (const [, place] of this.client.copy.chunks()) {
      for (const [id, parts] of place.all()) if (parts.has(tag)) found.push(id);
    }
    return found;
  }

  /** The berry on the ground that is the fewest steps away, as the crow flies. */
  nearestBerry(): bigint {
    const [nearest] = this.all("item").toSorted((a, b) => steps(this.tile(), this.tile(a)) - steps(this.tile(), this.tile(b)));
    if (nearest === undefined) throw new Error("there is no berry in view");
    return nearest;
  }

  /** Walks until `there` is at most a step away, around whatever is in the way. */
  async walkTo(there: Tile): Promise<void> {
    const refused = new Set<string>();
    for (let count = 0; steps(this.tile(), there) > 1; count += 1) {
      if (count > 60) throw new Error("there is no way to that place");
      const next = around(this.tile())
        .filter(({ x, y }) => !refused.has(`${x} ${y}`))
        .toSorted((a, b) => steps(a, there) - steps(b, there))[0];
      if (next === undefined) throw new Error("there is no way out of here");
      // Whether it was accepted or not: nobody walks in circles.
      refused.add(`${next.x} ${next.y}`);
      await this.do({ type: "move", value: { to: next } });
    }
  }
}

function holds(expectation: () => void): string {
  try {
    expectation();
    return "held";
  } catch (error) {
    return String(error);
  }
}

/** How many steps two tiles are apart. */
export function steps(a: Tile, b: Tile): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}

function around({ x, y }: Tile): Tile[] {
  return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => ({ x: x + dx, y: y + dy }))).filter((tile) => steps(tile, { x, y }) === 1);
}
