// The world that a browser test plays in: PostgreSQL, sign-in and a server with a page, and all that can happen to them.
import { binary, Devstack } from "../client/test/devstack.ts";
import type { Tile } from "./ground.ts";
import { pageOf } from "./pages.ts";

/** What a test's world is started with. */
export interface StackOptions {
  /** Another provider than the development sign-in. */
  readonly issuer?: string;
  /** Whether flushes can be held. */
  readonly isProxied?: boolean;
  /** How many further servers of the world stand by. */
  readonly standbyCount?: number;
}

/** A running world. */
export class Stack {
  /** Where its page is. */
  readonly url: string;
  /** Where the pages of all its servers are: the first is the one above. */
  readonly servers: readonly string[];
  /** Where its sign-in is. */
  readonly issuer: string;
  /** Where operators read what it measures. */
  readonly staff: string;
  private readonly devstack: Devstack;

  private constructor(devstack: Devstack) {
    this.devstack = devstack;
    this.url = devstack.url;
    this.servers = devstack.servers;
    this.issuer = devstack.issuer;
    this.staff = devstack.staff;
  }

  static async start({ issuer, isProxied = false, standbyCount = 0 }: StackOptions = {}): Promise<Stack> {
    const options = ["--page", pageOf("village")];
    if (issuer !== undefined) options.push("--issuer", issuer);
    if (isProxied) options.push("--proxied");
    if (standbyCount > 0) options.push("--standbys", String(standbyCount));
    return new Stack(await Devstack.start(options));
  }

  /** With -9. */
  async killServer(): Promise<void> {
    await this.devstack.killServer();
  }

  async startServer(): Promise<void> {
    await this.devstack.startServer();
  }

  /** The number of the server that owns the world; null where none does. */
  async owner(): Promise<number | null> {
    const { server } = await this.devstack.ask({ do: "owner" });
    return typeof server === "number" ? server : null;
  }

  /** Kills one of several servers with -9. */
  async kill(server: number): Promise<void> {
    await this.devstack.ask({ do: "kill-server", server });
  }

  /** Starts one of several servers again, and waits until it owns the world or stands by. */
  async startAgain(server: number): Promise<void> {
    await this.devstack.ask({ do: "start-server", server });
  }

  /** The server hangs, its sockets open. */
  async freezeServer(): Promise<void> {
    await this.devstack.ask({ do: "freeze-server" });
  }

  async thawServer(): Promise<void> {
    await this.devstack.ask({ do: "thaw-server" });
  }

  /** What is done from now on is committed, and the server does not hear of it. */
  async holdReplies(): Promise<void> {
    await this.devstack.ask({ do: "hold-replies" });
  }

  async release(): Promise<void> {
    await this.devstack.ask({ do: "release" });
  }

  /** The next build takes this one's place, as an operator would do it. */
  async deployNext(): Promise<void> {
    await this.devstack.ask({ do: "deploy", game: binary("village-next"), page: pageOf("village-next") });
  }

  /** What is true in the database. */
  async rows<Row>(query: string): Promise<readonly Row[]> {
    return (await this.devstack.ask({ do: "sql", query }))["rows"] as readonly Row[];
  }

  /** What a character carries: each item's kind and count, by their place in the bag. */
  bagOf(name: string): Promise<readonly { readonly kind: number; readonly count: number }[]> {
    return this.rows(
      `SELECT items.kind, items.count FROM characters JOIN entities ON entities.home = characters.id
       JOIN carried USING (entity) JOIN items USING (entity) WHERE characters.name = '${name}' ORDER BY carried.slot`,
    );
  }

  /** Where a character stands. */
  async placeOf(name: string): Promise<Tile> {
    const [place] = await this.rows<Tile>(
      `SELECT positions.x, positions.y FROM characters JOIN positions ON positions.entity = characters.id
       WHERE characters.name = '${name}'`,
    );
    if (place === undefined) throw new Error(`${name} stands nowhere`);
    return place;
  }

  /** The number of the last action of a character that the world has decided. */
  async lastSeqOf(name: string): Promise<number> {
    const [row] = await this.rows<{ readonly last: number }>(
      `SELECT character_actions.last_seq AS last FROM characters JOIN character_actions ON entity = characters.id
       WHERE characters.name = '${name}'`,
    );
    return row?.last ?? 0;
  }

  /** The tiles on which berries lie, nearest first. */
  berriesNear({ x, y }: Tile): Promise<readonly Tile[]> {
    return this.rows<Tile>(
      `SELECT positions.x, positions.y FROM items JOIN positions USING (entity)
       ORDER BY greatest(abs(positions.x - ${x}), abs(positions.y - ${y})), positions.x, positions.y`,
    );
  }

  /** How many things there are, in the world and in bags: what no fault may change. */
  async thingCount(): Promise<number> {
    const [sum] = await this.rows<{ readonly count: number }>("SELECT coalesce(sum(count), 0)::int AS count FROM items");
    return sum?.count ?? 0;
  }

  async stop(): Promise<void> {
    await this.devstack.stop();
  }
}
