import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

import { afterEach, beforeEach, expect, test } from "vitest";

import { Link } from "./link.ts";

/** Says everything again. */
let echo: Server;
let link: Link;

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await link.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** A connection over a new link. */
async function over(roundTripMs: number, bitsPerSecond: number): Promise<() => Promise<Socket>> {
  link = new Link({ roundTripMs, bitsPerSecond });
  const address = echo.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const port = await link.lead(address.port);
  return async () => {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    return socket;
  };
}

/** Says so many bytes and waits until they are back; how long that took. */
async function echoed(socket: Socket, bytes: number): Promise<number> {
  const start = performance.now();
  let left = bytes;
  const back = new Promise<void>((resolve) => {
    const listen = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off("data", listen);
      resolve();
    };
    socket.on("data", listen);
  });
  socket.write(Buffer.alloc(bytes, 7));
  await back;
  return performance.now() - start;
}

test("opening takes a round trip, and each word another one", async () => {
  const open = await over(60, 100_000_000);
  const socket = await open();
  const first = await echoed(socket, 1);
  expect(first).toBeGreaterThanOrEqual(118);
  const second = await echoed(socket, 1);
  expect(second).toBeGreaterThanOrEqual(58);
  expect(second).toBeLessThan(first);
  socket.destroy();
});

test("all connections share the bandwidth", async () => {
  // 100 bytes a millisecond.
  const open = await over(2, 800_000);
  const sockets = [await open(), await open()];
  await Promise.all(sockets.map((socket) => echoed(socket, 1)));
  const start = performance.now();
  await Promise.all(sockets.map((socket) => echoed(socket, 10_000)));
  expect(performance.now() - start).toBeGreaterThanOrEqual(195);
  expect(link.downBytes).toBe(20_002);
  for (const socket of sockets) socket.destroy();
});

test("a new connection does not know yet how much the link carries", async () => {
  const open = await over(60, 1_000_000_000);
  const socket = await open();
  // Ten segments in the first trip, twenty in the second: forty-five take three.
  const first = await echoed(socket, 45 * 1_460);
  expect(first).toBeGreaterThanOrEqual(60 + 2 * 60 + 55);
  const second = await echoed(socket, 45 * 1_460);
  expect(second).toBeLessThan(first - 50);
  socket.destroy();
});

test("what is said over a cut link arrives once it is restored, and nothing is closed", async () => {
  const open = await over(2, 100_000_000);
  const socket = await open();
  await echoed(socket, 1);
  link.cut();
  let isBack = false;
  const back = echoed(socket, 5).then((time) => {
    isBack = true;
    return time;
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(isBack).toBe(false);
  link.restore();
  expect(await back).toBeGreaterThanOrEqual(150);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test("everything arrives, in order, and then the end", async () => {
  const open = await over(4, 50_000_000);
  const socket = await open();
  const said = Buffer.from(Array.from({ length: 200_000 }, (_, place) => place % 251));
  const heard: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => heard.push(chunk));
  socket.end(said);
  await once(socket, "end");
  expect(Buffer.concat(heard).equals(said)).toBe(true);
});
