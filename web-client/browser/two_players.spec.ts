// The story that the whole of it is about: two people in one village, and a server that is killed under them.
import { expect, test } from "@playwright/test";

import { Ground } from "./ground.ts";
import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

let stack: Stack;
let ground: Ground;

test.beforeAll(async () => {
  stack = await Stack.start();
  ground = await Ground.of(stack.url);
});

test.afterAll(async () => {
  await stack?.stop();
});

test("two play in one village, and a killed server takes nothing from them", async ({ browser }) => {
  const [ada, bob] = await Promise.all(["Ada", "Bob"].map(async (name) => Player.come(await browser.newContext(), stack.url, name)));
  if (ada === undefined || bob === undefined) throw new Error("nobody came");
  const both = [ada, bob];

  await test.step("they see each other walk", async () => {
    await expect(ada.around).toContainText("Bob");
    await expect(bob.around).toContainText("Ada");
    await expect(ada.around).toContainText(/1 step (north|south|east|west)/);
    const before = await stack.placeOf("Ada");
    await ada.toVillage();
    await ada.press("ArrowDown", 500);
    await expect.poll(async () => (await stack.placeOf("Ada")).y).toBeGreaterThan(before.y + 1);
    await expect(bob.around).toContainText(/[2-9] steps (north|south|east|west)/);
  });

  await test.step("and hear each other talk", async () => {
    await ada.say("Grüße ☃");
    await expect(bob.said).toContainText("Ada: Grüße ☃");
    await bob.say("Hello Ada");
    await expect(ada.said).toContainText("Bob: Hello Ada");
    await expect(ada.said).toContainText("You: Grüße ☃");
  });

  await test.step("of two who reach for one berry exactly one has it, and the other reads why not", async () => {
    const [berry] = await stack.berriesNear(await stack.placeOf("Ada"));
    const [first, second] = berry === undefined ? [] : ground.around(berry);
    if (first === undefined || second === undefined) throw new Error("two cannot stand beside a berry");
    await ada.follow(ground.keys(await stack.placeOf("Ada"), first, [await stack.placeOf("Bob")]));
    await bob.follow(ground.keys(await stack.placeOf("Bob"), second, [await stack.placeOf("Ada")]));
    await expect.poll(async () => [await stack.placeOf("Ada"), await stack.placeOf("Bob")]).toEqual([first, second]);
    // Both keys are pressed before the world decides on either.
    await stack.freezeServer();
    await Promise.all(both.map((player) => player.press("e")));
    for (const player of both) await expect(player.deeds).toContainText("Pick up a berry… waiting");
    await stack.thawServer();
    await expect.poll(async () => (await Promise.all(both.map((player) => player.carriedCount()))).toSorted()).toEqual([0, 1]);
    const loser = (await ada.carriedCount()) === 0 ? ada : bob;
    await expect(loser.deeds.getByRole("listitem").filter({ hasText: "Pick up a berry" }).first()).toContainText("It is not there any more.");
    await expect(loser.deeds).toContainText("✗ refused");
  });

  const things = await stack.thingCount();
  const bags = await Promise.all(both.map(({ name }) => stack.bagOf(name)));

  await test.step("the server is killed while both walk, and both go on without a reload", async () => {
    for (const player of both) await player.remember();
    const enough = new AbortController();
    const walks = [ada.walk(["ArrowLeft", "ArrowRight"], enough.signal), bob.walk(["ArrowUp", "ArrowDown"], enough.signal)];
    await ada.page.waitForTimeout(1_000);
    await stack.killServer();
    for (const player of both) await expect(player.standing).toContainText("Coming back");
    await stack.startServer();
    for (const player of both) await expect(player.standing).toContainText("In the village", { timeout: 30_000 });
    const stood = await Promise.all(both.map(({ name }) => stack.placeOf(name)));
    for (const [place, { name }] of both.entries()) await expect.poll(() => stack.placeOf(name)).not.toEqual(stood[place]);
    enough.abort();
    await Promise.all(walks);
    for (const player of both) {
      await player.isPlaying();
      await expect(player.deeds).not.toContainText("given up");
      expect(await player.isRemembered()).toBe(true);
    }
    expect(await stack.thingCount()).toBe(things);
    expect(await Promise.all(both.map(({ name }) => stack.bagOf(name)))).toEqual(bags);
  });

  await test.step("both reload and find everything as it was", async () => {
    await ada.say("Still here");
    await expect(bob.said).toContainText("Ada: Still here");
    await ada.isPlaying();
    const [bagCounts, places] = await Promise.all([
      Promise.all(both.map((player) => player.carriedCount())),
      Promise.all(both.map(({ name }) => stack.placeOf(name))),
    ]);
    await Promise.all(both.map(({ page }) => page.reload()));
    for (const player of both) await player.isPlaying();
    expect(await ada.isRemembered()).toBe(false);
    expect(await Promise.all(both.map((player) => player.carriedCount()))).toEqual(bagCounts);
    expect(await Promise.all(both.map(({ name }) => stack.placeOf(name)))).toEqual(places);
    await expect(ada.said).toContainText("You: Still here");
    await expect(bob.said).toContainText("Ada: Still here");
    await expect(ada.around).toContainText("Bob");
  });
});
