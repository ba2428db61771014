// How a page is built, whichever it is.
//
// Everything comes from files of its own, under absolute paths: the pages' policy allows no script, style or picture that
// stands in another file.
import type { Plugin, UserConfig } from "vite";

import { buildIdOf, completePage } from "./page_files.ts";

/** The page whose sources are in `root`, built into `folder` with the build id that the environment names. */
export function pageConfig(root: string, folder: string): UserConfig {
  const buildId = buildIdOrExit();
  const complete: Plugin = {
    name: "holdfast-page-files",
    apply: "build",
    writeBundle: () => completePage(folder, buildId),
  };
  return {
    root,
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
  };
}

/** Whoever started the build reads one sentence, and no stack. */
function buildIdOrExit(): string {
  const id = buildIdOf(process.env["HOLDFAST_BUILD_ID"]);
  if (id !== null) return id;
  process.stderr.write("Set HOLDFAST_BUILD_ID to what `village build-id` prints: the page must be of the server's build.\n");
  return process.exit(1);
}
