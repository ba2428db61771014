// The operators' page: whether it says which stage is to blame, to everybody, and what it says while it cannot know.
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, type Route, test } from "@playwright/test";

import { staffPageOf } from "./pages.ts";
import { Player } from "./player.ts";
import { Stack } from "./stack.ts";
import { fakeAnswer, LOAD, MARKET, type Situation, SLOW_DATABASE } from "./staff_feed.ts";

const URL_OF_PAGE = "http://staff.test/";

/** As strict as a server is: nothing that stands in another file. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };

/** What the browser has to complain about: a broken policy, a script that failed. */
const complaints: string[] = [];

/** Serves the page as a server does, and these answers to its questions: the last one from then on. */
async function serve(page: Page, ...inTurn: ((route: Route) => Promise<void>)[]): Promise<{ readonly asked: string[] }> {
  const asked: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (said) => {
    if (/policy/i.test(said.text())) complaints.push(said.text());
  });
  await page.route(`${URL_OF_PAGE}**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    if (pathname === "/api/histograms") {
      asked.push(search);
      return inTurn[Math.min(asked.length, inTurn.length) - 1]?.(route);
    }
    const file = pathname === "/" ? "index.html" : pathname;
    const body = await readFile(join(staffPageOf("village"), file));
    return route.fulfill({ body, headers: { "content-type": TYPES[extname(file)] ?? "", "content-security-policy": POLICY } });
  });
  return { asked };
}

function answers(json: unknown): (route: Route) => Promise<void> {
  return (route) => route.fulfill({ json });
}

function away(route: Route): Promise<void> {
  return route.abort("connectionrefused");
}

function quietAnswer(): unknown {
  return { interval_ms: 5_000, now_ms: Date.now(), histograms: [] };
}

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`)).toEqual([]);
}

test.beforeEach(() => {
  complaints.length = 0;
});

test.afterEach(() => {
  expect(complaints).toEqual([]);
});

for (const [what, situation, sentence] of [
  ["under load", LOAD, /longest stage is queue with .* ms: waiting for the next tick/],
  ["with a slow database", SLOW_DATABASE, /longest stage is commit with .* ms: the database/],
  ["at a market", MARKET, /longest stage is socket with .* ms: the network or the clients/],
] as const satisfies readonly (readonly [string, Situation, RegExp])[]) {
  test(`${what} it says which stage is to blame, light and wide as dark and narrow`, async ({ page }) => {
    await serve(page, answers(fakeAnswer(situation, Date.now(), 240_000)));
    await page.goto(URL_OF_PAGE);
    await expect(page.getByRole("region", { name: "The last minute" })).toContainText(sentence);
    await expect(page.getByRole("img", { name: /by percentile/ }).locator("canvas")).toBeVisible();
    for (const [width, colorScheme] of [[1280, "light"], [390, "dark"]] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await isAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out").toBe(true);
    }
  });
}

test("what is shown is chosen by keys alone", async ({ page }) => {
  await serve(page, answers(fakeAnswer(SLOW_DATABASE, Date.now(), 240_000)));
  await page.goto(URL_OF_PAGE);
  const commit = page.getByRole("row", { name: /^action_commit/ });
  const lastMinute = await commit.textContent();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Last minute" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Last 15 minutes" })).toHaveAttribute("aria-pressed", "true");
  await expect(commit).not.toHaveText(lastMinute ?? "");
  const shown = page.getByRole("combobox", { name: "Shown" });
  for (let count = 0; count < 10 && !(await shown.evaluate((element) => element === document.activeElement)); count += 1) await page.keyboard.press("Tab");
  await page.keyboard.type("flush");
  await expect(page.getByRole("img", { name: /One of them over time.*: flush/ })).toBeVisible();
});

test("who points at a place of a chart reads there how much each line is", async ({ page }) => {
  await serve(page, answers(fakeAnswer(LOAD, Date.now())));
  await page.goto(URL_OF_PAGE);
  const section = page.locator("section", { has: page.getByRole("heading", { name: /by percentile/ }) });
  await expect(section.locator(".where")).toHaveText("p95");
  await section.getByRole("img").hover();
  await expect(section.locator(".where")).toHaveText(/^p(?!95$)[\d.]+$/);
  await page.getByRole("button", { name: "Last minute" }).hover();
  await expect(section.locator(".where")).toHaveText("p95");
});

test("it goes on asking for what is new", async ({ page }) => {
  const now = Date.now();
  const first = fakeAnswer(LOAD, now);
  const { asked } = await serve(page, answers({ ...(first as object), interval_ms: 200 }));
  await page.goto(URL_OF_PAGE);
  await expect.poll(() => asked.length).toBeGreaterThan(2);
  expect(asked.slice(0, 2)).toEqual(["?since=0", `?since=${now}`]);
});

test("it says that it waits, that nothing happened, and that the server is away", async ({ page }) => {
  const held: Route[] = [];
  const hold = async (route: Route): Promise<void> => void held.push(route);
  await serve(page, hold, away, answers(quietAnswer()));
  await page.goto(URL_OF_PAGE);
  await expect(page.getByText("Asking the server …")).toBeVisible();
  await isAccessible(page);
  await held[0]?.fulfill({ json: { ...(quietAnswer() as object), interval_ms: 500 } });
  const verdict = page.getByRole("region", { name: "The last minute" }).locator(".sentence");
  await expect(verdict).toHaveText("No actions in the last minute.");
  const trouble = page.getByRole("alert");
  await expect(trouble).toHaveText(/The server cannot be reached\. It was last heard at \d\d:\d\d:\d\d/);
  await expect(verdict).toBeVisible();
  await isAccessible(page);
  await expect(trouble).toBeHidden();
});

test("it says what it cannot read, and shows the rest", async ({ page }) => {
  const sound = fakeAnswer(LOAD, Date.now()) as { histograms: { name: string; total: string }[] };
  const histograms = sound.histograms.map((one) => (one.name === "flush" ? { ...one, total: "AAAA" } : one));
  await serve(page, answers({ ...sound, histograms }));
  await page.goto(URL_OF_PAGE);
  await expect(page.getByText("flush cannot be read: it ends within its header. All else is shown.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^action_commit/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /^flush/ })).toBeHidden();
  await isAccessible(page);
});

test("a real server's page names a real trouble: a database that answers late", async ({ context, page }) => {
  const stack = await Stack.start({ isProxied: true });
  try {
    const ida = await Player.come(context, stack.url, "Ida");
    page.on("console", (said) => {
      if (/policy/i.test(said.text())) complaints.push(said.text());
    });
    await page.goto(stack.staff);
    await ida.toVillage();
    const verdict = page.getByRole("region", { name: "The last minute" });
    await expect(async () => {
      await stack.holdReplies();
      await ida.say("Is anybody there?");
      await ida.page.waitForTimeout(300);
      await stack.release();
      await expect(verdict).toContainText(/longest stage is commit with \d{3,} ms: the database/, { timeout: 6_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByRole("img", { name: /by percentile/ }).locator("canvas")).toBeVisible();
    await expect(page.getByRole("row", { name: /^action_latency/ })).toBeVisible();
    await expect(page.getByText("cannot be read")).toBeHidden();
    await isAccessible(page);
  } finally {
    await stack.stop();
  }
});
