// The pages that the tests' servers serve, to players and to operators: this build's and the next one's, each built with
// its server's build id. They are built once before all tests, and then only found.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { binary } from "../client/test/devstack.ts";

/** The servers that have a page. */
export type Game = "village" | "village-next";

const WEB_CLIENT = fileURLToPath(new URL("..", import.meta.url));

/** The folder of a server's page. */
export function pageOf(game: Game): string {
  return fileURLToPath(new URL(`../../target/web-client/browser/${game}`, import.meta.url));
}

/** The folder of a server's page for operators. */
export function staffPageOf(game: Game): string {
  return `${pageOf(game)}-staff`;
}

/** Builds the pages of a server. */
export function buildPage(game: Game): void {
  const id = execFileSync(binary(game), ["build-id"], { encoding: "utf8" }).trim();
  const environment = { ...process.env, HOLDFAST_BUILD_ID: id, HOLDFAST_PAGE_OUT: pageOf(game), HOLDFAST_STAFF_PAGE_OUT: staffPageOf(game) };
  execFileSync("npm", ["run", "--silent", "build"], { cwd: WEB_CLIENT, env: environment, stdio: "inherit" });
}
