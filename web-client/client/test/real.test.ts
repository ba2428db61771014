// The client against a real server, database and sign-in, which are killed while it plays.
import { VillageCode, type VillageVerb } from "@holdfast/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Devstack } from "./devstack.ts";
import { MemoryStorage } from "./memory_storage.ts";
import { steps, Villager } from "./villager.ts";

let stack: Devstack;

beforeAll(async () => {
  stack = await Devstack.start();
});

afterAll(async () => {
  await stack?.stop();
});

/** A new character of its own account. */
async function newcomer(name: string, storage: MemoryStorage | null = null): Promise<Villager> {
  const character = await stack.character(name, name);
  return Villager.join(stack, name, character, storage);
}

/** Steps to and fro between where somebody stands and a free tile beside it. */
async function toAndFro(villager: Villager): Promise<(count: number) => VillageVerb> {
  const home = villager.tile();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]] as const) {
    const away = { x: home.x + dx, y: home.y + dy };
    if ((await villager.do({ type: "move", value: { to: away } })) === 0) {
      return (count) => ({ type: "move", value: { to: count % 2 === 0 ? home : away } });
    }
  }
  throw new Error("there is no free tile around");
}

test("two see each other move and talk", async () => {
  const [ada, bob] = [await newcomer("Ada"), await newcomer("Bob")];
  await ada.until(() => {
    expect(ada.part(bob.client.character, "looks")?.name).toBe("Bob");
  });
  const step = await toAndFro(ada);
  for (const count of [0, 1]) {
    expect(await ada.do(step(count))).toBe(0);
    await bob.until(() => {
      expect(bob.tile(ada.client.character)).toEqual(ada.tile());
    });
  }
  expect(await bob.do({ type: "say", value: { text: "Grüße ☃" } })).toBe(0);
  await ada.until(() => {
    const words = ada.all("utterance").map((id) => ada.part(id, "utterance"));
    expect(words).toContainEqual(expect.objectContaining({ speaker: bob.client.character, text: "Grüße ☃" }));
  });
  for (const each of [ada, bob]) {
    expect(each.client.divergenceCount).toBe(0);
    each.client.leave();
  }
});

test("of two who reach for one berry exactly one has it", async () => {
  const [cleo, dan] = [await newcomer("Cleo"), await newcomer("Dan")];
  const berry = cleo.nearestBerry();
  const there = cleo.tile(berry);
  await Promise.all([cleo.walkTo(there), dan.walkTo(there)]);
  expect(Math.max(steps(cleo.tile(), there), steps(dan.tile(), there))).toBe(1);
  const pickUp: VillageVerb = { type: "pick_up", value: { item: berry } };
  const codes = await Promise.all([cleo.do(pickUp), dan.do(pickUp)]);
  expect(codes.toSorted((a, b) => a - b)).toEqual([0, VillageCode.not_there]);
  const [winner, other] = codes[0] === 0 ? [cleo, dan] : [dan, cleo];
  expect(winner.client.copy.own.has(berry)).toBe(true);
  expect(other.client.copy.own.has(berry)).toBe(false);
  await other.until(() => {
    expect(other.client.copy.entity(berry)).toBeUndefined();
  });
  for (const each of [cleo, dan]) each.client.leave();
});

test("both go on by themselves after the server was killed while they walked", async () => {
  const walkers = [await newcomer("Eve"), await newcomer("Finn")];
  const walks = await Promise.all(walkers.map(async (villager) => ({ villager, step: await toAndFro(villager) })));
  const enough = new AbortController();
  const walking = walks.map(async ({ villager, step }) => {
    // As a person does: the next step when the last one is answered, whatever happens to the connection.
    // They may get into each other's way.
    for (let count = 0; !enough.signal.aborted; count += 1) {
      expect([0, VillageCode.occupied]).toContain(await villager.do(step(count)));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await stack.killServer();
  await stack.startServer();
  const before = walkers.map((walker) => walker.of("verdict").length);
  for (const [place, walker] of walkers.entries()) {
    await walker.until(() => {
      expect(walker.of("verdict").length).toBeGreaterThan((before[place] ?? 0) + 3);
    });
  }
  enough.abort();
  await Promise.all(walking);

  for (const walker of walkers) {
    expect(walker.of("welcomed").map(({ welcomed }) => welcomed.resync)).toEqual(["snapshot_fresh", "delta"]);
    expect(walker.of("gave_up")).toEqual([]);
    expect(walker.client.divergenceCount).toBe(0);
    const names = walker.of("state").map(({ state }) => state.name);
    expect(names[0]).toBe("PLAYING");
    expect(names).toContain("RECONNECTING");
    expect(names.at(-1)).toBe("PLAYING");
  }
  // Nothing moves any more: a fresh snapshot for the same eyes must be what deltas have led to.
  const newcomers: Villager[] = [];
  for (const walker of walkers) {
    const newest = Math.max(...[...walkers, ...newcomers].map((each) => each.tick()));
    await walker.until(() => {
      expect(walker.tick()).toBeGreaterThanOrEqual(newest);
    });
    walker.client.close();
    const fresh = await walker.again(stack);
    await fresh.until(() => {
      expect(walker.client.copy.differences(fresh.client.copy)).toEqual([]);
    });
    expect(fresh.of("welcomed").map(({ welcomed }) => welcomed.resync)).toEqual(["snapshot_fresh"]);
    newcomers.push(fresh);
  }
  for (const each of newcomers) each.client.leave();
});

test("sixteen actions in flight outlive the server and the page: each has exactly one verdict", async () => {
  const storage = new MemoryStorage();
  const first = await newcomer("Gil", storage);
  const step = await toAndFro(first);
  const verbs = Array.from({ length: 16 }, (_, count) => step(count));
  const names = verbs.slice(0, 12).map((verb) => first.act(verb));
  await first.until(() => {
    expect(names.filter((name) => first.codesOf(name).length > 0).length).toBeGreaterThanOrEqual(2);
  });
  await stack.killServer();
  // Of the sixteen some are answered, some decided, some only sent, and these not even that.
  names.push(...verbs.slice(12).map((verb) => first.act(verb)));
  first.client.close();
  const unanswered = first.client.unanswered.length;
  expect(unanswered).toBeGreaterThan(4);
  await stack.startServer();

  const second = await first.again(stack, storage);
  await second.until(() => {
    expect(second.client.unanswered).toEqual([]);
  });
  const codes = names.map((name) => [...first.codesOf(name), ...second.codesOf(name)]);
  expect(codes).toEqual(names.map(() => [0]));
  expect(second.of("verdict")).toHaveLength(unanswered);
  expect([...first.of("gave_up"), ...second.of("gave_up")]).toEqual([]);
  const last = verbs.at(-1);
  expect(last?.type === "move" ? last.value.to : null).toEqual(second.tile());
  second.client.leave();
});

function say(text: string): VillageVerb {
  return { type: "say", value: { text } };
}

/** An action in the form in which a client keeps it. */
function stored(seq: bigint, nonce: number, verb: unknown): unknown {
  return { seq: { $bigint: `${seq}` }, nonce, verb };
}

test("what another build kept is answered once each: what the world had done already, and what it never heard of", async () => {
  const storage = new MemoryStorage();
  const first = await newcomer("Hal", storage);
  const done = first.act(say("Done by the old build"));
  await first.until(() => {
    expect(first.codesOf(done)).toHaveLength(1);
  });
  const key = `holdfast:client:${first.client.character}`;
  const { nextSeq } = JSON.parse(storage.getItem(key) ?? "") as { nextSeq: { $bigint: string } };
  first.client.close();
  // As a page of another build would have left it that never saw the answer, and did two things more.
  const [unheard, last] = [BigInt(nextSeq.$bigint), BigInt(nextSeq.$bigint) + 1n];
  storage.setItem(
    key,
    JSON.stringify({
      build: "00".repeat(16),
      resume: "0102",
      nextSeq: { $bigint: `${last + 1n}` },
      actions: [
        stored(done.seq, done.nonce, say("Done by the old build")),
        stored(unheard, 5, { type: "fly", value: {} }),
        stored(last, 6, say("Never heard of")),
      ],
    }),
  );
  const second = await first.again(stack, storage);
  await second.until(() => {
    expect(second.client.unanswered).toEqual([]);
  });
  expect(second.of("gave_up").map(({ givenUp }) => [givenUp.verb, givenUp.action.seq])).toEqual([["fly", unheard]]);
  expect([second.codesOf(done), second.codesOf({ seq: last, nonce: 6 })]).toEqual([[0], [0]]);
  const mine = second.all("utterance").map((id) => second.part(id, "utterance"));
  const heard = mine.filter((words) => words?.speaker === second.client.character).map((words) => words?.text);
  expect(heard.toSorted()).toEqual(["Done by the old build", "Never heard of"]);
  second.client.leave();
});
