// How the page is built: `HOLDFAST_BUILD_ID=$(village build-id) npm run build`, into dist/ or HOLDFAST_PAGE_OUT.
//
// Everything comes from files of its own, under absolute paths: the page's policy allows no script, style or picture that
// stands in another file.
import { resolve } from "node:path";

import { defineConfig, type Plugin } from "vite";

import { buildIdOf, completePage } from "./build/page_files.ts";

const buildId = buildIdOrExit();
const folder = resolve(import.meta.dirname, process.env["HOLDFAST_PAGE_OUT"] ?? "dist");

const complete: Plugin = {
  name: "holdfast-page-files",
  apply: "build",
  writeBundle: () => completePage(folder, buildId),
};

export default defineConfig({
  root: import.meta.dirname,
  logLevel: "warn",
  define: { __BUILD_ID__: JSON.stringify(buildId) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  plugins: [complete],
});

/** Whoever started the build reads one sentence, and no stack. */
function buildIdOrExit(): string {
  const id = buildIdOf(process.env["HOLDFAST_BUILD_ID"]);
  if (id !== null) return id;
  process.stderr.write("Set HOLDFAST_BUILD_ID to what `village build-id` prints: the page must be of the server's build.\n");
  return process.exit(1);
}
