// How much a first load brings over the wire: `npm run size`, after `npm run build`. It fails beyond the budget.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** What all of a first load may have, compressed. */
export const FIRST_LOAD_BYTES_MAX = 120 * 1024;

/** What the answer of /api/world is counted as; it has a few hundred bytes, and is not part of the built page. */
const API_WORLD_BYTES = 1024;

/** A part of a first load. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** The files that this HTML names, in order: all that a browser asks for before anything happens. */
export function filesNamedBy(html: string): string[] {
  const found = html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g);
  return [...new Set(Array.from(found, ([, path]) => path ?? ""))];
}

/** All that a first load of the page in this folder brings, as compressed beside it. */
export async function partsOf(folder: string): Promise<Part[]> {
  const html = await readFile(join(folder, "index.html"), "utf8");
  const names = ["index.html", ...filesNamedBy(html)];
  const files = await Promise.all(
    names.map(async (name) => ({ name, bytes: (await stat(join(folder, `${name}.br`))).size })),
  );
  return [...files, { name: "/api/world (allowance)", bytes: API_WORLD_BYTES }];
}

/** The parts as a table, and whether they are within the budget. */
export function judge(parts: readonly Part[]): { readonly table: string; readonly isWithin: boolean } {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = parts.map(({ name, bytes }) => row(name, bytes));
  const table = [...lines, row("first load, brotli", total), row("budget", FIRST_LOAD_BYTES_MAX)].join("\n");
  return { table, isWithin: total <= FIRST_LOAD_BYTES_MAX };
}

function row(name: string, bytes: number): string {
  return `${name.padEnd(36)}${String(bytes).padStart(8)} bytes`;
}
