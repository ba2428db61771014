// A client without a socket: bytes and time in, events and bytes out.
import { type ActionName, type ClientMessage, decodeClientMessage, EngineCode, type Hello } from "@holdfast/protocol";
import { expect, test } from "vitest";

import { ClientCore } from "../src/core.ts";
import { PENDING_BYTES_MAX } from "../src/copy.ts";
import type { CoreEvent } from "../src/event.ts";
import { accepted, bytes, frameBytes, named, seeded, welcome } from "./made.ts";

const BUILD = new Uint8Array(16).fill(3);
const PONG = bytes({ type: "pong" });
const random = seeded(1);

function core(): ClientCore {
  return new ClientCore(BUILD, 1n);
}

function welcomeBytes(resync: "delta" | "snapshot_fresh", lastSeq = 0n): Uint8Array {
  return bytes({ type: "welcome", value: welcome({ resync, lastSeq }) });
}

function playing(): ClientCore {
  const client = core();
  client.hello(0, "token");
  client.receive(0, welcomeBytes("snapshot_fresh"));
  client.receive(0, frameBytes(null, 10n));
  sent(client, 0);
  return client;
}

function sent(client: ClientCore, now: number): ClientMessage[] {
  const messages: ClientMessage[] = [];
  for (let message = client.nextSend(now); message !== null; message = client.nextSend(now)) {
    messages.push(decodeClientMessage(message));
  }
  return messages;
}

function act(client: ClientCore): ActionName {
  return named(client.act("say", Uint8Array.of(1, 2), random));
}

function hello(client: ClientCore, token: string): Hello {
  const message = decodeClientMessage(client.hello(1, token));
  if (message.type !== "hello") throw new Error(message.type);
  return message.value;
}

function types(events: readonly CoreEvent[]): string[] {
  return events.map(({ type }) => type);
}

test("a first hello shows nothing and a second shows all that is held", () => {
  const client = playing();
  const name = act(client);
  client.disconnected();
  const second = hello(client, "next");
  expect(second).toMatchObject({ accessToken: "next", resume: Uint8Array.of(7), oldestUnanswered: name });
  expect(second.held?.tick).toBe(10n);
  expect(hello(core(), "t")).toMatchObject({ resume: null, held: null, oldestUnanswered: null });
});

test("nothing but hello is said before the welcome", () => {
  const client = core();
  client.hello(0, "token");
  expect(sent(client, 0)).toEqual([]);
  expect(client.act("say", new Uint8Array(), random)).toBe("not_welcomed");
});

test("an adopted token is told to both sides", () => {
  const client = playing();
  expect(client.receive(50, frameBytes(10n, 11n))).toMatchObject([{ type: "updated", token: { tick: 11n } }]);
  client.receive(100, frameBytes(11n, 12n));
  expect(sent(client, 100), "only the newest is worth telling").toEqual([{ type: "applied", value: { tick: 12n } }]);
});

test("a verdict is told once and after its effect", () => {
  const client = playing();
  const name = act(client);
  expect(sent(client, 0)).toHaveLength(1);
  expect(client.receive(50, frameBytes(10n, null, { verdicts: [accepted(name)] }))).toEqual([]);
  const events = client.receive(51, frameBytes(10n, 11n, { verdicts: [accepted(name)] }));
  expect(types(events)).toEqual(["updated", "verdict"]);
  expect(events[1]).toMatchObject({ verdict: { action: name }, verb: "say" });
  expect(types(client.receive(100, frameBytes(11n, 12n, { verdicts: [accepted(name)] })))).toEqual(["updated"]);
  expect(client.unansweredActions).toEqual([]);
});

test("a verdict is final whatever its code, also one that is retryable where it closes a connection", () => {
  const client = playing();
  const name = act(client);
  client.receive(50, frameBytes(10n, 11n, { verdicts: [{ ...accepted(name), code: EngineCode.internal }] }));
  expect(client.keep().actions).toEqual([]);
  client.disconnected();
  expect(hello(client, "next").oldestUnanswered).toBeNull();
});

test("an action is kept until its verdict is told", () => {
  const client = playing();
  const name = act(client);
  client.receive(50, frameBytes(10n, null, { verdicts: [accepted(name)] }));
  expect(client.keep().actions.map((kept) => kept.name)).toEqual([name]);
  client.receive(51, frameBytes(10n, 11n));
  expect(client.keep().actions).toEqual([]);
});

test("a verdict whose frame was cut off is told at the loss", () => {
  const client = playing();
  const name = act(client);
  client.receive(50, frameBytes(10n, null, { verdicts: [accepted(name)] }));
  expect(client.disconnected()).toMatchObject([{ type: "verdict", verdict: { action: name } }]);
  expect(client.unansweredActions).toEqual([]);
});

test("a reply comes before its verdict and a stranger's reply never", () => {
  const client = playing();
  const name = act(client);
  const replies = [name.seq, 99n].map((seq) => ({ seq, body: Uint8Array.of(4) }));
  const events = client.receive(50, frameBytes(10n, 11n, { verdicts: [accepted(name)], replies }));
  expect(types(events)).toEqual(["updated", "reply", "verdict"]);
});

test("a divergence is healed by one snapshot", () => {
  const client = playing();
  expect(types(client.receive(50, frameBytes(9n, 11n)))).toEqual(["diverged"]);
  expect(sent(client, 50)).toEqual([{ type: "resync", value: { tick: 11n } }]);
  const name = act(client);
  const underWay = client.receive(60, frameBytes(11n, 12n, { verdicts: [accepted(name)] }));
  expect(types(underWay), "verdicts count also while the copy is void").toEqual(["verdict"]);
  expect(sent(client, 60)).toEqual([]);
  expect(types(client.receive(100, frameBytes(null, 13n)))).toEqual(["updated"]);
  expect(client.divergenceCount).toBe(1);
});

test("a snapshot that does not come is asked for again", () => {
  const client = playing();
  client.receive(0, frameBytes(9n, 11n));
  sent(client, 0);
  for (const now of [2_000, 4_000]) client.receive(now, PONG);
  expect(client.clock(5_001)).toEqual([]);
  expect(sent(client, 5_001)).toEqual([{ type: "resync", value: { tick: 0n } }]);
});

test("a stream that cannot be followed is left", () => {
  const client = playing();
  const lost = Array.from({ length: PENDING_BYTES_MAX / 32 }, () => 1n);
  expect(types(client.receive(1, frameBytes(10n, null, { lost })))).toEqual(["diverged", "lost"]);
  const nonsense = [{ type: "lost", cause: "protocol" }];
  expect(client.receive(1, Uint8Array.of(0xff))).toEqual(nonsense);
  expect(client.receive(1, welcomeBytes("delta"))).toEqual(nonsense);
  expect(core().receive(1, frameBytes(null, 1n))).toEqual(nonsense);
});

test("silence is a loss and a frame a second is not", () => {
  const client = playing();
  expect(client.clock(4_000)).toEqual([]);
  client.receive(4_000, frameBytes(10n, 11n));
  expect(client.clock(8_000)).toEqual([]);
  expect(client.clock(8_001)).toEqual([{ type: "lost", cause: "silent" }]);
  client.disconnected();
  expect(client.clock(99_000)).toEqual([]);
});

test("a ping is sent every fifteen seconds", () => {
  const client = playing();
  expect(sent(client, 14_999)).toEqual([]);
  expect(sent(client, 15_000)).toEqual([{ type: "ping" }]);
  expect(sent(client, 15_001)).toEqual([]);
});

test("refused actions are sent again on time", () => {
  const client = playing();
  const action = act(client);
  sent(client, 0);
  const refusal = { action, code: EngineCode.rate_limited, retryAfterMs: 120, expected: 0n };
  expect(client.receive(10, bytes({ type: "refused", value: refusal }))).toEqual([{ type: "refused", refusal }]);
  expect(client.wakeAt).toBe(130);
  expect(sent(client, 130)).toHaveLength(1);
});

test("sixty-four actions are carried over two connections", () => {
  const client = playing();
  const names = Array.from({ length: 64 }, () => act(client));
  for (const now of [10, 20]) {
    client.disconnected();
    client.hello(now, "token");
    client.receive(now, welcomeBytes("delta"));
    expect(sent(client, now)).toHaveLength(64);
  }
  expect(client.receive(60, frameBytes(10n, 11n, { verdicts: names.map(accepted) }))).toHaveLength(65);
  expect(client.unansweredActions).toEqual([]);
});

test("a kept client resumes without its copy", () => {
  const client = playing();
  const name = act(client);
  const after = new ClientCore(BUILD, 1n, client.keep());
  expect(hello(after, "t")).toMatchObject({ resume: Uint8Array.of(7), held: null, oldestUnanswered: name });
});

test("the server's last word is told", () => {
  const error = { code: EngineCode.replaced, category: "consistency", retryable: false, retryAfterMs: 0, correlationId: 9n } as const;
  expect(playing().receive(1, bytes({ type: "error", value: error }))).toEqual([{ type: "closed", error }]);
});

test("who was replaced takes the character back without the token of before", () => {
  const error = { category: "consistency", retryable: false, retryAfterMs: 0, correlationId: 9n } as const;
  for (const [code, resume] of [
    [EngineCode.replaced, null],
    [EngineCode.slow_reader, Uint8Array.of(7)],
  ] as const) {
    const client = playing();
    client.receive(1, bytes({ type: "error", value: { ...error, code } }));
    client.disconnected();
    expect(hello(client, "t")).toMatchObject({ resume });
  }
});

test("nothing is said after leaving", () => {
  const client = playing();
  act(client);
  client.leave();
  expect(sent(client, 1)).toEqual([{ type: "leave" }]);
});
