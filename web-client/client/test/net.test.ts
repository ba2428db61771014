// The adapter: when it connects, what it keeps, what it tells. Sockets are objects here; real.test.ts has real ones.
import { EngineCode, type VillageVerb } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { village } from "../src/game.ts";
import { Link } from "../src/net/socket.ts";
import { surroundings } from "../src/net/surroundings.ts";
import { ClientStore } from "../src/store.ts";
import { Peer, Rig } from "./fake_server.ts";
import { accepted, frameBytes, named } from "./made.ts";
import { MemoryStorage } from "./memory_storage.ts";

const BUILD = new Uint8Array(16).fill(0xab);
const LOOK: VillageVerb = { type: "look", value: {} };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

async function playing(options: ConstructorParameters<typeof Rig>[0] = {}): Promise<Rig> {
  const rig = new Rig(options);
  await rig.pass(0);
  rig.peer.letIn(10n);
  return rig;
}

function store(storage: MemoryStorage, build = BUILD): ClientStore<VillageVerb> {
  return new ClientStore(storage, build, 1n, village);
}

test("a client that is let in plays", async () => {
  const rig = await playing();
  expect(rig.peer.binaryType).toBe("arraybuffer");
  expect(rig.states()).toEqual(["PLAYING"]);
  expect(rig.client.copy.held?.tick).toBe(10n);
  expect(rig.peer.heard.map(({ type }) => type)).toEqual(["hello", "applied"]);
});

test("a connection that was opened ahead is used as it is", async () => {
  const peer = new Peer();
  peer.happen("open");
  const opened = vi.fn<() => void>();
  const listener = { opened, message: () => {}, lost: () => {} };
  const link = new Link(peer, 5_000, () => () => {}, listener);
  expect(opened, "whoever opens a link has it before it hears of it").not.toHaveBeenCalled();
  await Promise.resolve();
  expect(opened).toHaveBeenCalledOnce();
  link.drop();
});

test("an action outlives its connection", async () => {
  const rig = await playing();
  const name = named(rig.client.act(LOOK));
  expect(rig.peer.acts()).toEqual([name.seq]);
  rig.peer.happen("close");
  await rig.pass(250);
  expect(rig.peers).toHaveLength(2);
  rig.peer.letIn(11n);
  expect(rig.peer.hello()).toMatchObject({ resume: Uint8Array.of(7), oldestUnanswered: name });
  expect(rig.peer.acts()).toEqual([name.seq]);
  rig.peer.say(frameBytes(11n, 12n, { verdicts: [accepted(name)] }));
  expect(rig.of("verdict")).toMatchObject([{ verdict: { action: name }, verb: "look" }]);
  expect(rig.states()).toEqual(["PLAYING", "RECONNECTING", "RECONNECTING", "PLAYING"]);
});

test("a lost connection tells when it is tried again", async () => {
  const rig = await playing();
  const now = performance.now();
  rig.peer.happen("close");
  expect(rig.client.state).toEqual({ name: "RECONNECTING", nextTryAt: now + 250, isOver: false, code: null });
  await rig.pass(249);
  expect(rig.peers).toHaveLength(1);
  await rig.pass(1);
  expect(rig.peers).toHaveLength(2);
});

const [FIRST, STANDBY] = ["ws://world/ws", "ws://standby/ws"];

test("a lost connection is tried at the standby, and that is one loss to a person", async () => {
  const rig = await playing();
  rig.peer.happen("close");
  await rig.pass(250);
  rig.peer.letIn(11n, { addresses: [FIRST, STANDBY] });
  const name = named(rig.client.act(LOOK));
  rig.peer.happen("close");
  await rig.pass(250);
  expect(rig.urls).toEqual([FIRST, FIRST, STANDBY]);
  rig.peer.happen("open");
  rig.peer.refuse(EngineCode.not_owner, true, 300);
  await rig.pass(0);
  expect(rig.urls.at(-1), "the other one at once").toBe(FIRST);
  rig.peer.happen("close");
  await rig.pass(499);
  expect(rig.peers, "and then the round is over").toHaveLength(4);
  await rig.pass(1);
  expect(rig.urls.slice(4), "the standby is due").toEqual([STANDBY]);
  rig.peer.letIn(12n, { addresses: [STANDBY, FIRST] });
  expect(rig.peer.acts()).toEqual([name.seq]);
  expect(rig.client.address).toBe(STANDBY);
  expect(new Set(rig.states())).toEqual(new Set(["PLAYING", "RECONNECTING"]));
});

test("a server that hangs is passed over after a second, where there is another one", async () => {
  const rig = await playing();
  rig.peer.happen("close");
  await rig.pass(250);
  rig.peer.letIn(11n, { addresses: [FIRST, STANDBY] });
  await rig.pass(4_001);
  await rig.pass(250);
  expect(rig.urls.at(-1)).toBe(STANDBY);
  await rig.pass(990);
  expect(rig.peer.isClosed).toBe(false);
  await rig.pass(20);
  expect(rig.urls.at(-1)).toBe(FIRST);
});

test("a page from a standby finds the owner by what the standby says to everybody", async () => {
  const rig = new Rig();
  rig.client.know([FIRST, STANDBY, "https://world/", "no address"]);
  await rig.pass(0);
  rig.peer.happen("open");
  rig.peer.refuse(EngineCode.not_owner, true, 1_000);
  await rig.pass(0);
  expect(rig.urls).toEqual([FIRST, STANDBY]);
  rig.peer.letIn(10n, { addresses: [STANDBY, FIRST] });
  expect(rig.client.state.name).toBe("PLAYING");
});

test("a connection that does not open is given up", async () => {
  const rig = new Rig();
  await rig.pass(5_000);
  expect(rig.peer.isClosed).toBe(true);
  expect(rig.client.state.name).toBe("UNAVAILABLE");
  rig.peers[0]?.happen("open");
  expect(rig.peers[0]?.heard, "what comes late is not heard").toEqual([]);
});

test("a server that falls silent is left after four seconds", async () => {
  const rig = await playing();
  await rig.pass(4_000);
  expect(rig.of("lost")).toEqual([]);
  await rig.pass(1);
  expect(rig.of("lost")).toEqual([{ type: "lost", cause: "silent" }]);
  expect(rig.peers[0]?.isClosed).toBe(true);
});

test.each([["text", "hello"], ["more than a message may have", new ArrayBuffer(256 * 1024 + 1)]])(
  "a server that sends %s is left",
  async (_, data) => {
    const rig = await playing();
    rig.peer.happen("message", data);
    expect(rig.of("lost")).toEqual([{ type: "lost", cause: "protocol" }]);
    expect(rig.peer.isClosed).toBe(true);
  },
);

test("tries end with the time to resume, and a person begins anew", async () => {
  const rig = await playing();
  rig.peer.happen("close");
  for (let second = 0; second < 130; second += 1) {
    await rig.pass(1_000);
    if (!rig.peer.isClosed) rig.peer.happen("close");
  }
  expect(rig.client.state).toMatchObject({ name: "RETRY_LIMIT_REACHED", isOver: true });
  const count = rig.peers.length;
  rig.wake();
  await rig.pass(60_000);
  expect(rig.peers, "nobody tries any more").toHaveLength(count);
  rig.client.retry();
  await rig.pass(0);
  expect(rig.peers).toHaveLength(count + 1);
  rig.peer.letIn(20n);
  expect(rig.client.state.name).toBe("PLAYING");
});

test("the network's return cuts the wait short", async () => {
  const rig = await playing();
  rig.peer.happen("close");
  await rig.pass(250);
  rig.peer.happen("close");
  await rig.pass(100);
  expect(rig.peers, "the second wait is of half a second").toHaveLength(2);
  rig.wake();
  await rig.pass(0);
  expect(rig.peers).toHaveLength(3);
  await rig.pass(1_000);
  expect(rig.peers, "and what was waited for is not tried as well").toHaveLength(3);
});

test("the network's return does not undercut the server's time", async () => {
  const rig = await playing();
  rig.peer.refuse(EngineCode.server_full, true, 7_000);
  expect(rig.client.state.name).toBe("SERVER_FULL");
  rig.wake();
  await rig.pass(6_999);
  expect(rig.peers).toHaveLength(1);
  await rig.pass(1);
  expect(rig.peers).toHaveLength(2);
});

test("a page that is looked at again notices at once that its connection is gone", async () => {
  const rig = await playing();
  // A machine that slept: time has passed, and no timer has run.
  const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  rig.wake();
  expect(rig.of("lost")).toEqual([{ type: "lost", cause: "silent" }]);
  clock.mockRestore();
});

test("an access token that ran out is followed by a new one, once and at once", async () => {
  let count = 0;
  const expired: (string | null)[] = [];
  const rig = await playing({
    accessToken: async (last) => {
      expired.push(last);
      return `token ${(count += 1)}`;
    },
  });
  rig.peer.refuse(EngineCode.token_expired, false);
  await rig.pass(0);
  rig.peer.happen("open");
  expect(rig.peer.hello()).toMatchObject({ accessToken: "token 2", resume: Uint8Array.of(7) });
  rig.peer.refuse(EngineCode.token_expired, false);
  expect(rig.client.state).toMatchObject({ name: "SIGNED_OUT", isOver: true });
  await rig.pass(60_000);
  expect(rig.peers).toHaveLength(2);
  expect(expired, "whoever gives the tokens hears which one is of no use").toEqual([null, "token 1"]);
});

test("nobody signed in is signed out, and a failing question is asked again", async () => {
  const answers = [async () => Promise.reject(new Error("no network")), async () => null];
  const rig = new Rig({ accessToken: () => (answers.shift() ?? (async () => "token"))() });
  await rig.pass(0);
  expect(rig.client.state.name).toBe("UNAVAILABLE");
  await rig.pass(250);
  expect(rig.client.state).toMatchObject({ name: "SIGNED_OUT", isOver: true });
  rig.client.retry();
  await rig.pass(0);
  expect(rig.peers).toHaveLength(1);
});

test("a question for a token that is never answered is given up", async () => {
  const rig = new Rig({ accessToken: () => new Promise(() => {}) });
  await rig.pass(10_000);
  expect(rig.client.state).toMatchObject({ name: "UNAVAILABLE", isOver: false });
});

test("who is replaced never comes back by itself", async () => {
  const rig = await playing();
  rig.peer.refuse(EngineCode.replaced, false);
  rig.wake();
  await rig.pass(60_000);
  expect(rig.peers).toHaveLength(1);
  expect(rig.client.state).toMatchObject({ name: "REPLACED", isOver: true, code: EngineCode.replaced });
});

test("a client that is thrown away goes on from its storage", async () => {
  const storage = new MemoryStorage();
  const first = await playing({ store: store(storage) });
  const names = [named(first.client.act(LOOK)), named(first.client.act({ type: "say", value: { text: "☃" } }))];
  first.client.close();
  expect(first.peer.isClosed).toBe(true);

  const second = await playing({ store: store(storage) });
  expect(second.peer.hello()).toMatchObject({ resume: Uint8Array.of(7), held: null, oldestUnanswered: names[0] });
  expect(second.peer.acts()).toEqual(names.map(({ seq }) => seq));
  second.peer.say(frameBytes(10n, 11n, { verdicts: names.map(accepted) }));
  second.client.close();

  const third = await playing({ store: store(storage) });
  expect(third.peer.hello().oldestUnanswered, "what is answered is not kept").toBeNull();
});

test("an action is kept before it is sent", async () => {
  const storage = new MemoryStorage();
  const rig = await playing({ store: store(storage) });
  let keptCount = 0;
  vi.spyOn(rig.peer, "send").mockImplementation(() => {
    keptCount = store(storage).load().kept?.actions.length ?? 0;
  });
  rig.client.act(LOOK);
  expect(keptCount).toBe(1);
});

test("what another build kept is sent again under its name, by a fresh session", async () => {
  const storage = new MemoryStorage();
  const other = await playing({ store: store(storage, new Uint8Array(16)) });
  const name = named(other.client.act(LOOK));
  other.client.close();
  const rig = await playing({ store: store(storage) });
  expect(rig.of("gave_up")).toEqual([]);
  expect(rig.peer.hello()).toMatchObject({ resume: null, held: null, oldestUnanswered: name });
  expect(rig.peer.acts()).toEqual([name.seq]);
});

test("what this build cannot express is told as given up, and what comes behind it keeps its name", async () => {
  const storage = new MemoryStorage();
  const other = await playing({ store: store(storage, new Uint8Array(16)) });
  const names = [named(other.client.act(LOOK)), named(other.client.act({ type: "say", value: { text: "Hi" } }))];
  other.client.close();
  const key = "holdfast:client:1";
  storage.setItem(key, (storage.getItem(key) ?? "").replace('"look"', '"fly"'));
  const rig = await playing({ store: store(storage) });
  const givenUp = { action: names[0], verb: "fly", code: EngineCode.update_required };
  expect(rig.of("gave_up")).toEqual([{ type: "gave_up", givenUp }]);
  expect(rig.peer.acts()).toEqual(names.map(({ seq }) => seq));
});

test("a storage that is full is told once, and so is that it takes everything again", async () => {
  let isFull = true;
  const full = {
    getItem: () => null,
    setItem: () => {
      if (isFull) throw new Error("full");
    },
    removeItem: () => {},
  };
  const rig = await playing({ store: new ClientStore(full, BUILD, 1n, village) });
  rig.client.act(LOOK);
  rig.client.act(LOOK);
  expect(rig.of("not_kept")).toHaveLength(1);
  expect(rig.peer.acts(), "play goes on").toHaveLength(2);
  isFull = false;
  rig.client.act(LOOK);
  rig.client.act(LOOK);
  expect(rig.of("kept_again")).toHaveLength(1);
});

test("leaving is said and ends it", async () => {
  const rig = await playing();
  rig.client.leave();
  expect(rig.peer.heard.at(-1)).toEqual({ type: "leave" });
  expect(rig.peer.isClosed).toBe(true);
  await rig.pass(60_000);
  expect(rig.peers).toHaveLength(1);
});

test("a page tells of the network's return and of being looked at, until nobody listens", () => {
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: "hidden" })];
  const wake = vi.fn<() => void>();
  const stop = surroundings(() => new Peer(), { window, document }).onWake(wake);
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(wake, "a page that is hidden is not looked at").toHaveBeenCalledTimes(1);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(wake).toHaveBeenCalledTimes(2);
  stop();
  window.dispatchEvent(new Event("online"));
  expect(wake).toHaveBeenCalledTimes(2);
});
