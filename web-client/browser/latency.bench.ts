// How long it takes from a key to one's own pixel, and to the other player's: `npm run bench:latency`. Both ends are read
// from the browsers' own timelines; what the screen itself adds is not in them.
import { type Page, test } from "@playwright/test";

import { Ground } from "./ground.ts";
import { Player } from "./player.ts";
import { printed } from "./percentiles.ts";
import { Stack } from "./stack.ts";

const STEP_COUNT = 80;

/** A moment in a page's timeline, in milliseconds since 1970, so that two pages can be compared. */
interface Moment {
  readonly name: string;
  readonly at: number;
  /** Whose mark it is, where it is another's. */
  readonly id: string | null;
}

/** Notes every arrow key and every mark from now on. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const moments: Moment[] = [];
    Object.assign(globalThis, { moments });
    addEventListener("keydown", ({ key, timeStamp }) => {
      if (key.startsWith("Arrow")) moments.push({ name: "key", at: performance.timeOrigin + timeStamp, id: null });
    }, { capture: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const detail = (entry as PerformanceMark).detail as { readonly id?: string } | null;
        moments.push({ name: entry.name, at: performance.timeOrigin + entry.startTime, id: detail?.id ?? null });
      }
    }).observe({ type: "mark" });
  });
}

function momentsOf(page: Page): Promise<readonly Moment[]> {
  return page.evaluate(() => (globalThis as unknown as { readonly moments: readonly Moment[] }).moments);
}

/** For each start, how long until the first end that follows it, before the next start. */
function waits(starts: readonly number[], ends: readonly number[]): number[] {
  return starts.flatMap((start, place) => {
    const end = ends.find((at) => at >= start);
    return end === undefined || end >= (starts[place + 1] ?? Infinity) ? [] : [end - start];
  });
}

test("from a key to both players' pixels", async ({ browser }) => {
  const stack = await Stack.start();
  try {
    const ground = await Ground.of(stack.url);
    const ada = await Player.come(await browser.newContext(), stack.url, "Ada");
    const bob = await Player.come(await browser.newContext(), stack.url, "Bob");
    const [home, other] = [await stack.placeOf("Ada"), await stack.placeOf("Bob")];
    const away = ground.around(home).find((tile) => (tile.x === home.x || tile.y === home.y) && (tile.x !== other.x || tile.y !== other.y));
    const [out] = away === undefined ? [] : ground.keys(home, away);
    const [back] = away === undefined ? [] : ground.keys(away, home);
    if (out === undefined || back === undefined) throw new Error("there is no room for a step");
    await Promise.all([watch(ada.page), watch(bob.page)]);
    await ada.toVillage();
    for (let count = 0; count < STEP_COUNT; count += 1) {
      await ada.step(count % 2 === 0 ? out : back);
      // Not in time with the world's ticks.
      await ada.page.waitForTimeout(350 + ((count * 37) % 50));
    }
    await ada.page.waitForTimeout(500);
    const keys = (await momentsOf(ada.page)).filter(({ name }) => name === "key").map(({ at }) => at);
    const own = (await momentsOf(ada.page)).filter(({ name }) => name === "holdfast:own-pixel").map(({ at }) => at);
    const others = (await momentsOf(bob.page)).filter(({ name }) => name === "holdfast:other-pixel").map(({ at }) => at);
    printed("key to own pixel", waits(keys, own), 60);
    printed("key to the other's pixel", waits(keys, others), 60);
  } finally {
    await stack.stop();
  }
});
