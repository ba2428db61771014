// Another build takes the place of the one that somebody plays on, while some of what they did has no answer yet.
import { execFileSync } from "node:child_process";

import { expect, test } from "@playwright/test";

import { binary } from "../client/test/devstack.ts";
import { Ground } from "./ground.ts";
import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

let stack: Stack;

test.beforeAll(async () => {
  stack = await Stack.start();
});

test.afterAll(async () => {
  await stack?.stop();
});

test("a new version asks for one press of a button, and then it goes on with what was not answered", async ({ context }) => {
  const ground = await Ground.of(stack.url);
  const ada = await Player.come(context, stack.url, "Ada");
  const here = await stack.placeOf("Ada");
  const there = ground.around(here).find(({ y }) => y === here.y);
  const [key] = there === undefined ? [] : ground.keys(here, there);
  if (there === undefined || key === undefined) throw new Error("there is no room for a step");
  await ada.say("Before the update");
  await ada.isPlaying();
  const seqBefore = await stack.lastSeqOf("Ada");

  await stack.killServer();
  await expect(ada.standing).toContainText("Coming back");
  await ada.step(key);
  await ada.say("During the update");
  await expect(ada.standing).toContainText("2 waiting");
  await stack.deployNext();

  await expect(ada.obstacle).toContainText("New version", { timeout: 30_000 });
  await expect(ada.obstacle).toContainText("What was saved is safe");
  await ada.obstacle.getByRole("button", { name: "Update" }).click();
  await ada.isPlaying();
  const { build } = (await (await fetch(`${stack.url}/api/world`)).json()) as { readonly build: string };
  expect(build).toBe(execFileSync(binary("village-next"), ["build-id"], { encoding: "utf8" }).trim());

  // Each of the two has one answer: it is saved, or it is said why nobody will ever know more.
  const deeds = ada.deeds.getByRole("listitem");
  await expect(deeds).toHaveCount(2);
  for (const deed of await deeds.all()) await expect(deed).toContainText(/✓ saved|\? given up/);
  const savedCount = await deeds.filter({ hasText: "✓ saved" }).count();
  expect(await stack.lastSeqOf("Ada")).toBe(seqBefore + savedCount);
  const said = await stack.rows<{ readonly text: string }>("SELECT text FROM utterances ORDER BY entity");
  const isSaid = (await deeds.filter({ hasText: "During the update" }).filter({ hasText: "✓ saved" }).count()) === 1;
  expect(said.filter(({ text }) => text === "During the update")).toHaveLength(isSaid ? 1 : 0);
  await ada.say("After the update");
  await expect(ada.said).toContainText("You: After the update");
});
