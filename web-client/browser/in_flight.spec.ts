// Sixteen actions are on their way when the server dies, some of them written and none answered, and then the page goes as
// well.
import { expect, test } from "@playwright/test";

import { Ground } from "./ground.ts";
import { Player } from "./player.ts";
import { Stack } from "./stack.ts";

let stack: Stack;

test.beforeAll(async () => {
  stack = await Stack.start({ isProxied: true });
});

test.afterAll(async () => {
  await stack?.stop();
});

test("sixteen actions in flight outlive the server and the page, and each happens once", async ({ context }) => {
  const ground = await Ground.of(stack.url);
  const gil = await Player.come(context, stack.url, "Gil");
  const home = await stack.placeOf("Gil");
  const away = ground.around(home).find(({ y }) => y === home.y);
  if (away === undefined) throw new Error("there is no room for a step");
  const seqBefore = await stack.lastSeqOf("Gil");

  await stack.holdReplies();
  // Thirteen steps to and fro end away from home; three things are said.
  const [out] = ground.keys(home, away);
  const [back] = ground.keys(away, home);
  if (out === undefined || back === undefined) throw new Error("there is no way to and fro");
  await gil.toVillage();
  for (let count = 0; count < 13; count += 1) await gil.step(count % 2 === 0 ? out : back);
  for (const text of ["One", "Two", "Three"]) await gil.say(text);
  await expect(gil.standing).toContainText("16 waiting");
  await stack.killServer();
  await stack.release();
  await stack.startServer();
  await gil.page.reload();

  await gil.isPlaying();
  await expect(gil.deeds.getByRole("listitem")).toContainText(["Say “Three”✓ saved", "Say “Two”✓ saved", "Say “One”✓ saved", "Walk 13 steps✓ saved"]);
  await expect(gil.deeds).not.toContainText(/refused|given up|waiting/);
  await expect.poll(() => stack.lastSeqOf("Gil")).toBe(seqBefore + 16);
  expect(await stack.placeOf("Gil")).toEqual(away);
  expect(await stack.rows("SELECT text FROM utterances ORDER BY entity")).toEqual(["One", "Two", "Three"].map((text) => ({ text })));
});
