// One person, one browser, two tabs with a character in each: a tab is its own over a reload, and one tab's copy takes the
// character over without losing or doubling what was done.
import { expect, test } from "@playwright/test";

import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

let stack: Stack;

test.beforeAll(async () => {
  stack = await Stack.start({ isProxied: true });
});

test.afterAll(async () => {
  await stack.stop();
});

test("a reload leads each tab back to its own character", async ({ context }) => {
  const first = await Player.come(context, stack.url, "Mona");
  const second = new Player("Nils", await context.newPage());
  await second.page.goto(stack.url);
  await expect(first.obstacle).toContainText("Played elsewhere");
  await second.page.getByRole("button", { name: "Menu" }).click();
  await second.page.getByRole("button", { name: "Play another character" }).click();
  await second.page.getByRole("textbox", { name: "Name" }).fill("Nils");
  await second.page.getByRole("button", { name: "Make Nils and play" }).click();
  await second.isPlaying();
  await first.obstacle.getByRole("button", { name: "Take it back here" }).click();
  await first.isPlaying();
  await first.page.reload();
  await first.isPlaying();
  await expect(first.standing).toContainText("Mona");
  await expect(second.standing).toContainText("In the village");
  await expect(second.standing).toContainText("Nils");
});

test("a copied tab and its original each hear what became of what was done before, and it is done once", async ({ context }) => {
  const first = await Player.come(context, stack.url, "Olga");
  await stack.holdReplies();
  await first.say("Hello from the first tab");
  await expect(first.deeds.getByRole("listitem").first()).toContainText("waiting");
  const opened = context.waitForEvent("page");
  // As "duplicate tab" does: the new one begins with a copy of what the browser keeps for this one.
  await first.page.evaluate(() => {
    open(location.href);
  });
  const second = new Player("Olga", await opened);
  await stack.release();
  await second.isPlaying();
  await expect(second.deeds.getByRole("listitem")).toHaveText([/Hello from the first tab.*saved/]);
  await expect(second.said.getByText("Hello from the first tab")).toHaveCount(1);
  await expect(first.obstacle).toContainText("Played elsewhere");
  await first.obstacle.getByRole("button", { name: "Take it back here" }).click();
  await first.isPlaying();
  await expect(first.deeds.getByRole("listitem")).toHaveText([/Hello from the first tab.*saved/]);
  await expect(first.said.getByText("Hello from the first tab")).toHaveCount(1);
});
