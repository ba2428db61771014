// Two servers of one world: the one that owns it is killed under two players, who play on at the other one.
import { expect, test } from "@playwright/test";

import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

let stack: Stack;

test.beforeAll(async () => {
  stack = await Stack.start({ standbyCount: 1 });
});

test.afterAll(async () => {
  await stack?.stop();
});

test("whoever plays goes on at the standby without a reload, and back again", async ({ browser }) => {
  const [ada, bob] = await Promise.all(["Ada", "Bob"].map(async (name) => Player.come(await browser.newContext(), stack.url, name)));
  if (ada === undefined || bob === undefined) throw new Error("nobody came");
  const both = [ada, bob];
  for (const player of both) await player.remember();
  const things = await stack.thingCount();
  expect(await stack.owner()).toBe(0);

  for (const [killed, other] of [[0, 1], [1, 0]] as const) {
    await test.step(`server ${killed} is killed while both talk`, async () => {
      await stack.kill(killed);
      await ada.say(`Ada, after server ${killed}`);
      await expect.poll(() => stack.owner()).toBe(other);
      for (const player of both) await player.isPlaying();
      await bob.say(`Bob, at server ${other}`);
      await expect(bob.said).toContainText(`Ada: Ada, after server ${killed}`);
      await expect(ada.said).toContainText(`Bob: Bob, at server ${other}`);
      for (const player of both) await expect(player.deeds).not.toContainText(/given up|refused/);
      // It comes back as the standby of the other one.
      await stack.startAgain(killed);
      expect(await stack.owner()).toBe(other);
    });
  }

  expect(await Promise.all(both.map((player) => player.isRemembered()))).toEqual([true, true]);
  expect(await stack.thingCount()).toBe(things);
  expect(both.flatMap((player) => player.errors)).toEqual([]);
});

test("a page that comes from a standby leads to the owner", async ({ context }) => {
  const second = stack.servers[1];
  if (second === undefined) throw new Error("there is one server");
  await stack.kill(0);
  await expect.poll(() => stack.owner()).toBe(1);
  const cleo = await Player.come(context, second, "Cleo");
  await cleo.page.close();
  await stack.startAgain(0);
  await stack.kill(1);
  await expect.poll(() => stack.owner()).toBe(0);
  await stack.startAgain(1);

  // The page knows who has played; that its own server does not let anybody in it learns only now.
  const again = new Player("Cleo", await context.newPage());
  await again.page.goto(second);
  await again.isPlaying();
  await again.say("Here I am");
  await expect(again.said).toContainText("You: Here I am");
});
