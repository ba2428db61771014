// Somebody at a browser: signs in, makes a character, walks, talks, and reads the panels, all of it by what a person sees
// and presses.
import { type BrowserContext, expect, type Locator, type Page } from "@playwright/test";

import { originOf, viewportOf } from "../src/render/viewport.ts";
import { type Box, COVERS, coverOf } from "../src/ui/world/cover.ts";
import type { Arrow, Ground, Tile } from "./ground.ts";

/** The pause between two single steps, a little longer than one takes. */
const STEP_PAUSE_MS = 160;

/** Somebody who plays. */
export class Player {
  readonly name: string;
  readonly page: Page;
  /** What the page has thrown and nobody caught. */
  readonly errors: string[] = [];

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
    page.on("pageerror", ({ message }) => this.errors.push(message));
  }

  /** Opens a window of their own, signs in with the development sign-in, and makes a character of that name. */
  static async come(context: BrowserContext, url: string, name: string): Promise<Player> {
    const player = new Player(name, await context.newPage());
    await player.page.goto(url);
    await player.signIn();
    await player.makeCharacter();
    return player;
  }

  async signIn(): Promise<void> {
    const { page } = this;
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Who plays?" })).toBeVisible();
    await page.getByRole("textbox", { name: "Name" }).fill(this.name);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  async makeCharacter(): Promise<void> {
    const { page, name } = this;
    await expect(page.getByRole("heading", { name: "Who will you be?" })).toBeVisible();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("button", { name: `Make ${name} and play` }).click();
    await this.isPlaying();
  }

  /** Waits until the page says that they are in the village, and that all is saved; until now nothing has gone wrong. */
  async isPlaying(): Promise<void> {
    await expect(this.standing).toContainText("In the village");
    await expect(this.standing).toContainText(/All saved|Nothing waits/);
    await expect(this.bag).toBeAttached();
    expect(this.errors).toEqual([]);
  }

  /** How it stands with the connection and with what was done: always in view. */
  get standing(): Locator {
    return this.page.getByRole("banner");
  }

  get bag(): Locator {
    return this.page.locator("section", { has: this.page.getByRole("heading", { name: "Bag", exact: true, includeHidden: true }) });
  }

  get around(): Locator {
    return this.page.getByRole("region", { name: "Around you" });
  }

  get talk(): Locator {
    return this.page.getByRole("region", { name: "Talk" });
  }

  get said(): Locator {
    return this.page.getByRole("log", { name: "What was said" });
  }

  get deeds(): Locator {
    return this.page.getByRole("region", { name: "What you did" });
  }

  /** The one thing that stands in the way, where there is one. */
  get obstacle(): Locator {
    return this.page.getByRole("alertdialog");
  }

  /** How many things are in the bag. */
  carriedCount(): Promise<number> {
    return this.bag.getByRole("button", { name: /^Drop /, includeHidden: true }).count();
  }

  /** Presses a key for so long. */
  async press(key: string, ms = 30): Promise<void> {
    await this.page.keyboard.press(key, { delay: ms });
  }

  /** Says something: Enter, the words, Enter, and back to the village. */
  async say(text: string): Promise<void> {
    await this.toVillage();
    await this.press("Enter");
    await expect(this.page.getByRole("textbox", { name: "Say something" })).toBeFocused();
    await this.page.keyboard.type(text);
    await this.press("Enter");
    await this.press("Escape");
  }

  /** Gives the keys to the village. */
  async toVillage(): Promise<void> {
    await this.page.locator("#village").focus();
  }

  /** Taps on a tile, as it is seen while the character stands on `here`. */
  async tap(tile: Tile, here: Tile, ground: Ground): Promise<void> {
    const size = this.page.viewportSize();
    if (size === null) throw new Error("the window has no size");
    const ratio = await this.page.evaluate(() => devicePixelRatio);
    const viewport = viewportOf(size.width, size.height, ratio);
    const boxes = await this.page.locator(COVERS).evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().toJSON() as Box));
    const origin = originOf(viewport, here, ground.width, ground.height, coverOf(size.width, size.height, boxes));
    const x = ((tile.x + 0.5) * viewport.tile - origin.left) / ratio;
    const y = ((tile.y + 0.5) * viewport.tile - origin.top) / ratio;
    await this.page.touchscreen.tap(x, y);
  }

  /** One step: the key is up again at once, however slow the machine is, since the two are sent together. */
  async step(arrow: Arrow): Promise<void> {
    await Promise.all([this.page.keyboard.down(arrow), this.page.keyboard.up(arrow)]);
    await this.page.waitForTimeout(STEP_PAUSE_MS);
  }

  /** Walks step by step, and waits until all of it is saved. */
  async follow(way: readonly Arrow[]): Promise<void> {
    await this.toVillage();
    for (const arrow of way) await this.step(arrow);
    await expect(this.standing).toContainText(/All saved|Nothing waits/);
  }

  /** Walks to and fro by the arrow keys until told to stop. */
  async walk(keys: readonly [Arrow, Arrow], signal: AbortSignal): Promise<void> {
    await this.toVillage();
    for (let count = 0; !signal.aborted; count += 1) await this.press(keys[count % 2] ?? keys[0], 350);
  }

  /** Marks this very page, so that a reload would be noticed. */
  async remember(): Promise<void> {
    await this.page.evaluate(() => {
      document.documentElement.dataset["remembered"] = "yes";
    });
  }

  /** Whether it is still the page that was marked. */
  isRemembered(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.dataset["remembered"] === "yes");
  }
}
