import { describe, expect, it } from "vitest";

import { isLoopback } from "./provider.ts";

describe("plain http", () => {
  it.each(["http://localhost:9400", "http://127.0.0.1:9400", "http://127.8.9.10", "http://[::1]:9400", "http://id.localhost"])(
    "is fit for %s",
    (issuer) => {
      expect(isLoopback(new URL(issuer))).toBe(true);
    },
  );

  it.each(["http://example.org", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://192.168.1.4", "https://localhost"])(
    "is not asked for with %s",
    (issuer) => {
      expect(isLoopback(new URL(issuer))).toBe(false);
    },
  );
});
