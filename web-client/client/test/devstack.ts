// A whole stack for tests: PostgreSQL, sign-in and server, as children of `devstack run`, which ends with this process.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../", import.meta.url);

/** Where cargo puts what it builds. */
function targetFolder(): string {
  return process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(new URL("target", ROOT));
}

/** The path of a binary of this workspace. */
export function binary(name: string): string {
  const path = `${targetFolder()}/debug/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: build it with \`cargo build --workspace --bins\``);
  return path;
}

/** Where a stack is. */
interface Where {
  readonly url: string;
  /** All servers of the world: the first is the one above. */
  readonly servers: readonly string[];
  readonly ws: string;
  readonly issuer: string;
  /** Where operators read what the first server measures. */
  readonly staff: string;
}

/** A running stack. */
export class Devstack {
  readonly url: string;
  readonly servers: readonly string[];
  readonly ws: string;
  readonly issuer: string;
  readonly staff: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, where: Where) {
    this.child = child;
    this.lines = lines;
    this.url = where.url;
    this.servers = where.servers;
    this.ws = where.ws;
    this.issuer = where.issuer;
    this.staff = where.staff;
  }

  /** Starts one, with a village of its own, and with further options of `devstack run`. */
  static async start(options: readonly string[] = []): Promise<Devstack> {
    const child = spawn(binary("devstack"), ["run", "--game", "village", ...options]);
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`devstack ended at once: ${said}`);
    return new Devstack(child, lines, JSON.parse(first.value) as Where);
  }

  /** Asks for one thing after the other; each is answered before the next is asked. */
  async ask(command: Readonly<Record<string, string | number>>): Promise<Readonly<Record<string, unknown>>> {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error(`devstack ended at ${command["do"]}`);
    const value = JSON.parse(answer.value) as Readonly<Record<string, unknown>>;
    if (value["error"] !== undefined) throw new Error(`${command["do"]}: ${String(value["error"])}`);
    return value;
  }

  async token(subject: string): Promise<string> {
    return String((await this.ask({ do: "token", subject }))["token"]);
  }

  /** Makes a character and returns its id. */
  async character(subject: string, name: string): Promise<bigint> {
    return BigInt(String((await this.ask({ do: "character", subject, name, archetype: "villager" }))["id"]));
  }

  /** With -9. */
  async killServer(): Promise<void> {
    await this.ask({ do: "kill-server" });
  }

  /** Starts the server again, and waits until it is ready. */
  async startServer(): Promise<void> {
    await this.ask({ do: "start-server" });
  }

  /** Ends all of it, and waits until it has. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin.end();
    await ended;
  }
}
