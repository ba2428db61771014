// Sign-in with a provider that is not ours: the page and the server speak OpenID Connect, and not only with each other.
import { expect, test } from "@playwright/test";

import { Player } from "./player.ts";
import { OtherProvider } from "./provider.ts";
import { Stack } from "./stack.ts";

/** A page hands out no token that ends within half a minute, so these are soon exchanged for the next ones. */
const ACCESS_LIFE_S = 32;

let provider: OtherProvider;
let stack: Stack;

test.beforeAll(async () => {
  provider = await OtherProvider.start();
  stack = await Stack.start({ issuer: provider.url });
  await provider.serve(stack.url, ACCESS_LIFE_S);
});

test.afterAll(async () => {
  await stack?.stop();
  await provider?.close();
});

test("somebody signs in with another provider, and stays signed in when the token has run out", async ({ page }) => {
  const wanda = new Player("Wanda", page);
  await page.goto(stack.url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Another provider" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("wanda");
  await page.getByRole("button", { name: "Sign in" }).click();
  await wanda.makeCharacter();
  expect(new URL(page.url()).search).toBe("");

  // By now the token is not fresh any more, and the next connection needs one that is.
  await page.waitForTimeout(2_500);
  const before = provider.refreshCount;
  await stack.killServer();
  await expect(wanda.standing).toContainText("Coming back");
  await stack.startServer();
  await expect(wanda.standing).toContainText("In the village", { timeout: 30_000 });
  expect(provider.refreshCount).toBeGreaterThan(before);

  // A reload has no token, and asks the provider without asking the player.
  await page.reload();
  await wanda.isPlaying();
  expect(provider.refusals).toEqual([]);
});
