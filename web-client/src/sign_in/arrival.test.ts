import { describe, expect, it } from "vitest";

import { needsAPerson, readArrival } from "./arrival.ts";

describe("how somebody arrives", () => {
  it.each(["", "?", "?utm_source=friend", "?state=abc"])("is plain with the address %j", (search) => {
    expect(readArrival(search)).toEqual({ type: "plain" });
  });

  it("is with a code", () => {
    const arrival = readArrival("?code=a%2Fb&state=s1&iss=http%3A%2F%2F127.0.0.1%3A9400");
    expect(arrival).toMatchObject({ type: "answer", state: "s1", error: null });
    expect(arrival.type === "answer" ? arrival.parameters.get("code") : null).toBe("a/b");
  });

  it("is with an error", () => {
    expect(readArrival("?error=access_denied&state=s1")).toMatchObject({ type: "answer", state: "s1", error: "access_denied" });
    expect(readArrival("?error=server_error")).toMatchObject({ state: null, error: "server_error" });
  });
});

describe("an error of a provider that was to show nothing", () => {
  it("is none where it only asks for a person", () => {
    expect(needsAPerson("login_required")).toBe(true);
    expect(needsAPerson("consent_required")).toBe(true);
    expect(needsAPerson("access_denied")).toBe(false);
  });
});
