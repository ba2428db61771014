// The browser: the system's own Chromium, so that none has to be downloaded.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The variable that names the program, before all other places. */
const OVERRIDE = "HOLDFAST_CHROMIUM";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** The program's path; throws a sentence that says what to install. */
export function chromium(): string {
  const named = process.env[OVERRIDE];
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`${OVERRIDE}=${named} is no program`);
  }
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`Chromium is needed: install the package \`chromium\` (or name the program in ${OVERRIDE})`);
  return found;
}

/** How it is started: as root in a container it has no sandbox, and nothing here needs a GPU or the network. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Several windows are watched at once, and none of them is behind another one.
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];
