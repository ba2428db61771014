// How the village's page is built: `HOLDFAST_BUILD_ID=$(village build-id) npm run build`, into dist/ or HOLDFAST_PAGE_OUT.
import { resolve } from "node:path";

import { defineConfig } from "vite";

import { pageConfig } from "./build/page_config.ts";

const folder = resolve(import.meta.dirname, process.env["HOLDFAST_PAGE_OUT"] ?? "dist");

export default defineConfig(pageConfig(import.meta.dirname, folder));
