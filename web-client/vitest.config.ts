// Which files are tests: those in each package's test folder, and those beside the code that they test. What needs a
// running stack has a configuration of its own, vitest.real.config.ts.
import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __BUILD_ID__: JSON.stringify("0123456789abcdef0123456789abcdef") },
  test: {
    include: ["src/**/*.test.ts", "build/*.test.ts", "*/src/**/*.test.ts", "*/test/**/*.test.ts"],
    exclude: ["**/real.test.ts"],
  },
});
