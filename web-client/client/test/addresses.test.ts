// Where a client goes, seen from outside: which address it connects to, and when.
import { EngineCode, type ErrorBody } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { Addresses } from "../src/addresses.ts";

const NOW = 1_000_000;

function error(code: number, retryAfterMs = 0): ErrorBody {
  return { code, category: "dependency", retryable: true, retryAfterMs, correlationId: 0n };
}

function urls(names: readonly string[]): string[] {
  return names.map((name) => `ws://${name}/ws`);
}

/** Welcomed at the first of these, which is also what the user configured. */
function atHome(first: string, ...others: string[]): Addresses {
  const addresses = new Addresses(`ws://${first}/ws`);
  addresses.welcomed(urls([first, ...others]));
  return addresses;
}

/** The short names of where it goes, over so many losses; a new round is marked. */
function goes(addresses: Addresses, count: number): string {
  const way: string[] = [];
  for (let left = count; left > 0; left -= 1) {
    if (addresses.lost(NOW, null).beginsRound) way.push("|");
    way.push(new URL(addresses.choose(NOW)).hostname);
  }
  return way.join(" ");
}

test("a lone address is tried again and again", () => {
  const addresses = new Addresses("ws://a/ws");
  expect(goes(addresses, 3)).toBe("| a | a | a");
  addresses.welcomed([]);
  expect(goes(addresses, 3)).toBe("| a | a | a");
  expect(addresses.openWaitMs).toBe(5_000);
});

test("each round goes through all of them without a wait, and begins with another one", () => {
  expect(goes(atHome("a", "b", "c"), 9)).toBe("| b c a | b c a | b c a");
});

test("the one that answered is left only when it is lost", () => {
  const addresses = atHome("a", "b");
  addresses.lost(NOW, null);
  addresses.choose(NOW);
  addresses.welcomed(urls(["b", "a"]));
  expect(addresses.current).toBe("ws://b/ws");
  expect(goes(addresses, 2)).toBe("| a b");
});

test("what the user configured stays, whatever servers tell", () => {
  const addresses = atHome("home", "b");
  addresses.lost(NOW, null);
  addresses.choose(NOW);
  addresses.welcomed(urls(["b", "c"]));
  expect(goes(addresses, 3)).toBe("| c home b");
  addresses.welcomed([]);
  expect(goes(addresses, 2), "and so does the one that answers").toBe("| home b");
});

test("a server that was reached by another name is not the first to be tried again", () => {
  const addresses = new Addresses("ws://balancer/ws");
  addresses.welcomed(urls(["a", "b", "c"]));
  expect(addresses.current).toBe("ws://balancer/ws");
  expect(goes(addresses, 4)).toBe("| b c a balancer");
});

test("a server that asks to wait is waited for, and the others are not", () => {
  const addresses = atHome("a", "b", "c");
  addresses.lost(NOW, null);
  expect(addresses.choose(NOW)).toBe("ws://b/ws");
  expect(addresses.lost(NOW, error(EngineCode.not_owner, 700))).toEqual({ beginsRound: false, notBefore: 0 });
  expect(addresses.choose(NOW)).toBe("ws://c/ws");
  expect(goes(addresses, 3), "b is not due yet").toBe("a | c a");
  expect(addresses.lost(NOW, null)).toEqual({ beginsRound: false, notBefore: NOW + 700 });
  expect(addresses.choose(NOW + 700)).toBe("ws://b/ws");
});

test("who is due is judged when it is tried", () => {
  const addresses = atHome("a", "b");
  addresses.lost(NOW, null);
  addresses.choose(NOW);
  addresses.lost(NOW, error(EngineCode.not_owner, 200));
  addresses.choose(NOW);
  expect(addresses.lost(NOW, null), "a may be tried at once").toEqual({ beginsRound: true, notBefore: NOW });
  expect(addresses.choose(NOW + 200), "but after the wait b is first").toBe("ws://b/ws");
  expect(addresses.choose(NOW), "and stays chosen until it is lost").toBe("ws://b/ws");
});

test.each([
  ["not_owner", true],
  ["maintenance", true],
  ["store_unavailable", true],
  ["internal", true],
  ["world_reloaded", false],
  ["server_full", false],
  ["token_expired", false],
  ["slow_reader", false],
] as const)("%s leads on to another server: %s", (code, leadsOn) => {
  const addresses = atHome("a", "b");
  const turn = addresses.lost(NOW, error(EngineCode[code], 300));
  expect(addresses.choose(NOW)).toBe(leadsOn ? "ws://b/ws" : "ws://a/ws");
  expect(turn).toEqual({ beginsRound: true, notBefore: leadsOn ? 0 : NOW + 300 });
});

test("opening may take longer in each round", () => {
  const addresses = atHome("a", "b");
  const waits = Array.from({ length: 8 }, () => {
    goes(addresses, 1);
    return addresses.openWaitMs;
  });
  expect(waits).toEqual([1_000, 1_000, 2_000, 2_000, 4_000, 4_000, 5_000, 5_000]);
  addresses.welcomed(urls(["a", "b"]));
  addresses.lost(NOW, null);
  expect(addresses.openWaitMs).toBe(1_000);
});

test("no server can tell of more than a few addresses, or of what cannot be opened", () => {
  const addresses = new Addresses("ws://home/ws");
  addresses.welcomed(Array.from({ length: 100 }, (_, number) => `ws://s${number}/ws`));
  const seen = new Set(Array.from({ length: 50 }, () => goes(addresses, 1)));
  expect([...seen].filter((name) => !name.startsWith("|"))).toHaveLength(8);
  addresses.welcomed(["http://a/", "no address", `ws://${"x".repeat(255)}/ws`]);
  expect(addresses.current, "where it was").not.toBe("http://a/");
});

test("one address is not two because it is written otherwise", () => {
  const addresses = new Addresses("ws://A:80/ws");
  addresses.welcomed(["ws://a/ws", "ws://b/ws"]);
  expect(goes(addresses, 2)).toBe("| b a");
});
