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

test("what another build kept is gone on with under the same names, without its resume token", () => {
  const storage = new MemoryStorage();
  store(storage, OTHER_BUILD).save(kept());
  expect(store(storage).load()).toEqual({ kept: { ...kept(), resume: null }, givenUp: [] });
});

/** What another build wrote, with some of its actions' verbs of its own. */
function keptByOther(verbs: readonly unknown[]): MemoryStorage {
  const storage = new MemoryStorage();
  const actions = verbs.map((verb, place) => ({ seq: { $bigint: `${place + 7}` }, nonce: place, verb }));
  const stored = { build: "cd".repeat(16), resume: "00", nextSeq: { $bigint: `${verbs.length + 7}` }, actions };
  storage.setItem(KEY, JSON.stringify(stored));
  return storage;
}

test.each([
  ["a verb that is gone", { type: "fly", value: {} }],
  ["a field that is gone", { type: "move", value: { to: { x: 1, y: 1 }, isRunning: true } }],
  ["a field that is new", { type: "move", value: { to: { x: 1 } } }],
  ["a field of another type", { type: "pick_up", value: { item: 5 } }],
  ["no fields at all", { type: "say" }],
])("what this build cannot express is given up once, and nothing stands in its place: %s", (_, verb) => {
  const say = { type: "say", value: { text: "Hi" } } as const;
  const storage = keptByOther([say, verb, say]);
  const { kept: found, givenUp } = store(storage).load();
  expect(givenUp).toEqual([{ action: { seq: 8n, nonce: 1 }, verb: verb.type, code: EngineCode.update_required }]);
  expect(found?.nextSeq).toBe(10n);
  expect(found?.actions.map(({ name }) => name)).toEqual([7n, 8n, 9n].map((seq, nonce) => ({ seq, nonce })));
  expect(found?.actions.map(({ action }) => village.decode(action))).toEqual([say, village.idle, say]);
  expect(store(storage).load()).toEqual({ kept: found, givenUp: [] });
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
