// How the operators' page is built: by `npm run build` after the village's, or alone by `npm run build:staff`, into
// dist-staff/ or HOLDFAST_STAFF_PAGE_OUT.
import { resolve } from "node:path";

import { defineConfig } from "vite";

import { pageConfig } from "../build/page_config.ts";

const folder = resolve(import.meta.dirname, "..", process.env["HOLDFAST_STAFF_PAGE_OUT"] ?? "dist-staff");

export default defineConfig(pageConfig(import.meta.dirname, folder));
