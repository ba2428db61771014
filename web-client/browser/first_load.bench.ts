// How long a visitor who has played before waits on a slow link until they can walk, with nothing in the browser's cache:
// `npm run bench:load`. The page, the sign-in and the world are all behind the link, and the sign-in is on the way.
import { type BrowserContext, chromium, expect, test } from "@playwright/test";

import { chromium as program, CHROMIUM_ARGUMENTS } from "./chromium.ts";
import { Link, SLOW } from "./link.ts";
import { percentile, printed } from "./percentiles.ts";
import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

const LOAD_COUNT = 20;

/** What is promised, in milliseconds, for the 95th percentile. */
const PLAYABLE_MS_MAX = 1_500;

/** What the browser remembers of a page that is not part of the visit: what the provider said of itself. */
const KEPT = new Set(["holdfast.was_signed_in", "holdfast.last_character"]);

/** How long a load took, in milliseconds. */
interface Times {
  /** Until the page had been left for the sign-in and was asked for again. */
  readonly back: number;
  /** Until one could walk. */
  readonly playable: number;
}

/** From the first navigation to the page, past the sign-in, to the mark that says that one can walk. */
async function load(context: BrowserContext, url: string): Promise<Times> {
  const page = await context.newPage();
  await page.addInitScript((origin) => {
    if (location.origin === origin) sessionStorage["began"] ??= String(performance.timeOrigin);
  }, url);
  await page.goto(url);
  const marked = await page.waitForFunction(() => {
    const [mark] = performance.getEntriesByName("holdfast:playable");
    const back = performance.timeOrigin - Number(sessionStorage["began"]);
    return mark === undefined ? null : { back, playable: back + mark.startTime };
  });
  const times = await marked.jsonValue();
  if (times === null) throw new Error("there was no mark");
  return times;
}

test("a cold load over a slow link", async () => {
  const stack = await Stack.start();
  const link = new Link(SLOW);
  const ports = [stack.url, stack.issuer].map((url) => Number(new URL(url).port));
  const rules = await Promise.all(ports.map(async (port) => `MAP 127.0.0.1:${port} 127.0.0.1:${await link.lead(port)}`));
  const browser = await chromium.launch({ executablePath: program(), args: [...CHROMIUM_ARGUMENTS, `--host-resolver-rules=${rules.join(",")}`] });
  try {
    const first = await browser.newContext();
    await Player.come(first, stack.url, "Ada");
    const { cookies, origins } = await first.storageState();
    await first.close();
    expect(link.downBytes).toBeGreaterThan(10_000);
    const remembered = origins.map(({ origin, localStorage }) => ({ origin, localStorage: localStorage.filter(({ name }) => KEPT.has(name)) }));
    const times: Times[] = [];
    for (let count = 0; count < LOAD_COUNT; count += 1) {
      const context = await browser.newContext({ storageState: { cookies, origins: remembered } });
      const before = link.downBytes;
      times.push(await load(context, stack.url));
      console.log(`load ${count + 1}: ${times.at(-1)?.playable.toFixed(0)} ms, ${((link.downBytes - before) / 1_000).toFixed(0)} KB`);
      await context.close();
    }
    const playable = times.map((each) => each.playable);
    printed("back from the sign-in", times.map(({ back }) => back), LOAD_COUNT);
    printed("first playable", playable, LOAD_COUNT);
    expect(percentile(playable, 0.95)).toBeLessThanOrEqual(PLAYABLE_MS_MAX);
  } finally {
    await browser.close();
    await link.close();
    await stack.stop();
  }
});
