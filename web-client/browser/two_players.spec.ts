// The story that the whole of it is about: two people in one village, and a server that is killed under them.
import { expect, test } from "@playwright/test";

import { Ground, type Tile } from "./ground.ts";
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

/** The berry that is nearest to both, on foot. */
async function nearestBerry(from: readonly Tile[]): Promise<Tile> {
  const berries = await stack.rows<Tile>("SELECT positions.x, positions.y FROM items JOIN positions USING (entity)");
  const far = (berry: Tile): number => Math.max(...from.map((place) => Math.abs(place.x - berry.x) + Math.abs(place.y - berry.y)));
  const [nearest] = berries.toSorted((a, b) => far(a) - far(b));
  if (nearest === undefined) throw new Error("there are no berries");
  return nearest;
}

/** Walks there by clicks on the ground, a screen at a time where it is far. */
async function walkTo(player: Player, goal: Tile): Promise<void> {
  const reach = 4;
  for (let leg = 0; leg < 12; leg += 1) {
    const here = await stack.placeOf(player.name);
    if (here.x === goal.x && here.y === goal.y) return;
    const near = (from: number, to: number): number => from + Math.sign(to - from) * Math.min(reach, Math.abs(to - from));
    const wanted = { x: near(here.x, goal.x), y: near(here.y, goal.y) };
    const next = [wanted, ...ground.around(wanted)].find((tile) => ground.isWalkable(tile)) ?? goal;
    await player.click(next, here, ground);
    await expect.poll(() => stack.placeOf(player.name), { timeout: 8_000 }).toEqual(next);
    // The camera arrives a little after the character.
    await player.page.waitForTimeout(700);
  }
  throw new Error(`${player.name} has not arrived`);
}

test("two play in one village, and a killed server takes nothing from them", async ({ browser }) => {
  const [ada, bob] = await Promise.all(["Ada", "Bob"].map(async (name) => Player.come(await browser.newContext(), stack.url, name)));
  if (ada === undefined || bob === undefined) throw new Error("nobody came");
  const both = [ada, bob];

  await test.step("they see each other walk", async () => {
    await expect(ada.around).toContainText("Bob");
    await expect(bob.around).toContainText("Ada");
    await expect(ada.around).toContainText("1 step away");
    const before = await stack.placeOf("Ada");
    await ada.toVillage();
    await ada.press("ArrowDown", 500);
    await expect.poll(async () => (await stack.placeOf("Ada")).y).toBeGreaterThan(before.y + 1);
    await expect(bob.around).toContainText(/[2-9] steps away/);
  });

  await test.step("and hear each other talk", async () => {
    await ada.say("Grüße ☃");
    await expect(bob.said).toContainText("Ada: Grüße ☃");
    await bob.say("Hello Ada");
    await expect(ada.said).toContainText("Bob: Hello Ada");
    await expect(ada.said).toContainText("You: Grüße ☃");
  });

  await test.step("of two who reach for one berry exactly one has it, and the other reads why not", async () => {
    const berry = await nearestBerry(await Promise.all(both.map(({ name }) => stack.placeOf(name))));
    const [west, east] = ground.around(berry).toSorted((a, b) => a.x - b.x || a.y - b.y).filter((_, place, all) => place === 0 || place === all.length - 1);
    if (west === undefined || east === undefined) throw new Error("nobody can stand beside the berry");
    await walkTo(ada, west);
    await walkTo(bob, east);
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
