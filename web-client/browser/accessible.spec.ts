// For everybody: each screen by the rules of axe, the whole tour by keys alone, and the tour on a phone by touch.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";

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

/** Axe finds nothing on what is seen now. */
async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`)).toEqual([]);
}

/** Goes on by Tab until this has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let count = 0; count < 60; count += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("it cannot be reached by Tab");
}

test("the whole tour by keys alone, and axe finds nothing on any screen", async ({ page }) => {
  const kim = new Player("Kim", page);
  await page.goto(stack.url);
  const signIn = page.getByRole("button", { name: "Sign in" });
  await expect(signIn).toBeVisible();
  await isAccessible(page);
  await tabTo(page, signIn);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Who plays?" })).toBeVisible();
  await isAccessible(page);
  await tabTo(page, page.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type("Kim");
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "Who will you be?" })).toBeVisible();
  await isAccessible(page);
  await tabTo(page, page.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type("kim 7");
  await expect(page.getByText("Only the letters A to Z")).toBeVisible();
  await isAccessible(page);
  for (let count = 0; count < 5; count += 1) await page.keyboard.press("Backspace");
  await page.keyboard.type("Kim");
  await tabTo(page, page.getByRole("radio").first());
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: /gardener/ })).toBeChecked();
  await tabTo(page, page.getByRole("button", { name: "Make Kim and play" }));
  await page.keyboard.press("Enter");
  await kim.isPlaying();
  await isAccessible(page);

  await test.step("in the village", async () => {
    const [berry] = await stack.berriesNear(await stack.placeOf("Kim"));
    const [beside] = berry === undefined ? [] : ground.around(berry);
    if (beside === undefined) throw new Error("nobody can stand beside a berry");
    const here = await stack.placeOf("Kim");
    for (const arrow of ground.keys(here, beside)) await kim.step(arrow);
    await expect.poll(() => stack.placeOf("Kim")).toEqual(beside);
    await page.keyboard.press("e");
    await expect(kim.bag).toContainText("1 of 12 places");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: "Say something" })).toBeFocused();
    await page.keyboard.type("Hello, village");
    await page.keyboard.press("Enter");
    await expect(kim.said).toContainText("You: Hello, village");
    await page.keyboard.press("Escape");
    await isAccessible(page);
    const drop = kim.bag.getByRole("button", { name: "Drop a berry" });
    await tabTo(page, drop);
    await page.keyboard.press("Enter");
    await expect(kim.bag).toContainText("0 of 12 places");
    await page.keyboard.press("?");
    await expect(page.getByRole("heading", { name: "How to play" })).toBeVisible();
    await isAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("heading", { name: "How to play" })).toBeHidden();
  });

  await test.step("while the server is away", async () => {
    await stack.killServer();
    await expect(kim.standing).toContainText("Coming back");
    await isAccessible(page);
    await stack.startServer();
    await expect(kim.standing).toContainText("In the village", { timeout: 30_000 });
  });

  await test.step("and out again", async () => {
    await tabTo(page, page.getByRole("button", { name: "Menu" }));
    await page.keyboard.press("Enter");
    await isAccessible(page);
    await tabTo(page, page.getByRole("button", { name: "Sign out" }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  });
});

test("the tour on a phone by touch", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const page = await context.newPage();
  const tess = new Player("Tess", page);
  await page.goto(stack.url);
  await page.getByRole("button", { name: "Sign in" }).tap();
  await page.getByRole("textbox", { name: "Name" }).tap();
  await page.keyboard.type("Tess");
  await page.getByRole("button", { name: "Sign in" }).tap();
  await expect(page.getByRole("heading", { name: "Who will you be?" })).toBeVisible();
  await isAccessible(page);
  await page.getByRole("textbox", { name: "Name" }).tap();
  await page.keyboard.type("Tess");
  await page.locator("label", { hasText: "fisher" }).tap();
  await page.getByRole("button", { name: "Make Tess and play" }).tap();
  await expect(tess.standing).toContainText("In the village");
  await isAccessible(page);

  const before = await stack.placeOf("Tess");
  await page.getByRole("button", { name: "Walk south", exact: true }).tap();
  await expect.poll(() => stack.placeOf("Tess")).toEqual({ x: before.x, y: before.y + 1 });
  // A tap on the ground leads there.
  const here = await stack.placeOf("Tess");
  const goal = { x: here.x, y: here.y + 2 };
  expect(ground.isWalkable(goal)).toBe(true);
  await page.waitForTimeout(700);
  await tess.tap(goal, here, ground);
  await expect.poll(() => stack.placeOf("Tess")).toEqual(goal);

  for (const [tab, inside] of [
    ["Bag", tess.bag],
    ["Around", tess.around],
    ["Saved", tess.deeds],
    ["Talk", tess.talk],
  ] as const) {
    await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: tab }).tap();
    await expect(inside).toBeVisible();
    await isAccessible(page);
  }
  await page.getByRole("textbox", { name: "Say something" }).tap();
  await page.keyboard.type("From a phone");
  await page.getByRole("button", { name: "Say", exact: true }).tap();
  await expect(tess.said).toContainText("You: From a phone");
  await page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: "Talk" }).tap();
  await expect(tess.talk).toBeHidden();
  await context.close();
});
