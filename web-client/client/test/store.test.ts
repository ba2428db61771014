// What outlives a reload.
import { EngineCode, type VillageVerb } from "@holdfast/protocol";
import { expect, test } from "vitest";

import type { Kept } from "../src/core.ts";
import { village } from "../src/game.ts";
import { ClientStore } from "../src/store.ts";
import { MemoryStorage } from "./memory_storage.ts";

const BUILD = new Uint8Array(16).fill(0xab);
const OTHER_BUILD = new Uint8Array(16).fill(0xcd);
const KEY = "holdfast:client:3";

const VERBS: readonly VillageVerb[] = [
  { type: "move", value: { to: { x: 300, y: 1 } } },
  { type: "say", value: { text: '☃ "{$bigint}" 12n' } },
  { type: "look", value: {} },
  { type: "pick_up", value: { item: 2n ** 64n - 1n } },
];

function kept(): Kept {
  const actions = VERBS.map((verb, place) => ({
    name: { seq: 2n ** 60n + BigInt(place), nonce: 0xffff_ffff - place },
    verb: verb.type,
    action: village.encode(verb),
  }));
  return { resume: Uint8Array.of(0, 9, 255), nextSeq: 2n ** 60n + 4n, actions };
}

function store(storage: MemoryStorage, build = BUILD, character = 3n): ClientStore<VillageVerb> {
  return new ClientStore(storage, build, character, village);
}

test("what is kept is found again, every bit of it", () => {
  const storage = new MemoryStorage();
  expect(store(storage).save(kept())).toBe(true);
  expect(store(storage).load()).toEqual({ kept: kept(), givenUp: [] });
});

test("actions are written by their verbs' names", () => {
  const storage = new MemoryStorage();
  store(storage).save(kept());
  const written = JSON.parse(storage.getItem(KEY) ?? "") as { actions: unknown[]; build: string };
  expect(written.build).toBe("ab".repeat(16));
  expect(written.actions[3]).toEqual({
    seq: { $bigint: "1152921504606846979" },
    nonce: 0xffff_ffff - 3,
    verb: { type: "pick_up", value: { item: { $bigint: "18446744073709551615" } } },
  });
});

test("what another build kept is given up by name, and once", () => {
  const storage = new MemoryStorage();
  store(storage, OTHER_BUILD).save(kept());
  const { kept: found, givenUp } = store(storage).load();
  expect(found).toBeNull();
  expect(givenUp.map(({ verb }) => verb)).toEqual(["move", "say", "look", "pick_up"]);
  expect(givenUp[0]).toEqual({ action: { seq: 2n ** 60n, nonce: 0xffff_ffff }, verb: "move", code: EngineCode.update_required });
  expect(store(storage).load()).toEqual({ kept: null, givenUp: [] });
});

test("each character has its own", () => {
  const storage = new MemoryStorage();
  store(storage).save(kept());
  expect(store(storage, BUILD, 5n).load().kept).toBeNull();
});

test.each([
  "",
  "nonsense",
  "null",
  "[]",
  "{}",
  `{"build":"${"ab".repeat(16)}","resume":"xy","nextSeq":null,"actions":[]}`,
  `{"build":"${"ab".repeat(16)}","resume":null,"nextSeq":7,"actions":[]}`,
  `{"build":"${"ab".repeat(16)}","resume":null,"nextSeq":null,"actions":[{"seq":{"$bigint":"1"},"nonce":1,"verb":{"type":"fly"}}]}`,
  `{"build":"${"ab".repeat(16)}","resume":null,"nextSeq":null,"actions":[{"seq":{"$bigint":"1"},"nonce":1}]}`,
  `{"build":"${"ab".repeat(16)}","resume":null,"nextSeq":null,"actions":[{"seq":{"$bigint":"1"},"nonce":-1,"verb":{"type":"look","value":{}}}]}`,
])("what no client wrote is nothing, and is removed: %s", (text) => {
  const storage = new MemoryStorage();
  storage.setItem(KEY, text);
  expect(store(storage).load()).toEqual({ kept: null, givenUp: [] });
  expect(storage.getItem(KEY)).toBeNull();
});

test("a storage that refuses is said and not fatal", () => {
  const forbidden = {
    getItem: () => {
      throw new Error("forbidden");
    },
    setItem: () => {
      throw new Error("full");
    },
    removeItem: () => {
      throw new Error("forbidden");
    },
  };
  const refused = new ClientStore(forbidden, BUILD, 3n, village);
  expect(refused.load()).toEqual({ kept: null, givenUp: [] });
  expect(refused.save(kept())).toBe(false);
});
