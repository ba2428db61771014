// A prepared connection is used once, while it is of use.
import { beforeEach, expect, test, vi } from "vitest";

import { WayAhead } from "./way_ahead.ts";

const URL = "ws://127.0.0.1:1/ws";
const [CONNECTING, OPEN, CLOSED] = [0, 1, 3];

beforeEach(() => {
  vi.stubGlobal("WebSocket", { CONNECTING, OPEN, CLOSED });
});

function sockets(): { opened: { readyState: number; close: () => void }[]; way: WayAhead; pass: (ms: number) => void } {
  const opened: { readyState: number; close: () => void }[] = [];
  let now = 0;
  const open = (): WebSocket => {
    const socket = { readyState: CONNECTING, close: vi.fn<() => void>() };
    opened.push(socket);
    return socket as unknown as WebSocket;
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { opened, way: new WayAhead(URL, open, () => now), pass };
}

test("what was prepared is taken once", () => {
  const { opened, way } = sockets();
  way.prepare();
  way.prepare();
  expect(opened).toHaveLength(1);
  expect(way.take(URL)).toBe(opened[0]);
  expect(way.take(URL)).toBe(opened[1]);
});

test("what the server has hung up on, or will soon, is not used", () => {
  const { opened, way, pass } = sockets();
  way.prepare();
  pass(4_000);
  expect(way.take(URL)).toBe(opened[1]);
  expect(opened[0]?.close).toHaveBeenCalledOnce();
  way.prepare();
  const third = opened[2];
  if (third !== undefined) third.readyState = CLOSED;
  expect(way.take(URL)).toBe(opened[3]);
});

test("what leads elsewhere is not used", () => {
  const { opened, way } = sockets();
  way.prepare();
  expect(way.take("ws://127.0.0.1:2/ws")).toBe(opened[1]);
  expect(opened[0]?.close).toHaveBeenCalledOnce();
});

test("what nobody wants is hung up", () => {
  const { opened, way } = sockets();
  way.prepare();
  way.drop();
  expect(opened[0]?.close).toHaveBeenCalledOnce();
});
