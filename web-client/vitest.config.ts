// Which files are tests: those beside the code that they test.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["*/src/**/*.test.ts", "*/test/**/*.test.ts"] } });
