// The tests in a browser: `npm run test:browser`, after `cargo build --workspace --bins`. Each starts a world of its own.
// The measurements (*.bench.ts) have commands of their own, `npm run bench:latency` and `npm run bench:load`.
import { defineConfig } from "@playwright/test";

import { chromium, CHROMIUM_ARGUMENTS } from "./browser/chromium.ts";

const isMeasuring = process.env["HOLDFAST_MEASURE"] === "1";

export default defineConfig({
  testDir: "browser",
  testMatch: isMeasuring ? "*.bench.ts" : "*.spec.ts",
  outputDir: "../target/web-client/browser/results",
  globalSetup: "./browser/setup.ts",
  // Each test has a server and a database of its own; more than two at once would only wait for each other.
  workers: isMeasuring ? 1 : 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: isMeasuring ? 300_000 : 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: chromium(), args: [...CHROMIUM_ARGUMENTS] },
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    screenshot: isMeasuring ? "off" : "only-on-failure",
  },
});
