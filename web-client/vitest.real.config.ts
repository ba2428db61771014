// The tests against a real server, database and sign-in: `npm run test:real`, after `cargo build --workspace --bins`.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["*/test/**/real.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
});
