// The client's side of a Holdfast world in TypeScript, without a page. In one:
//
//     const store = new ClientStore(sessionStorage, build, character, village);
//     const page = surroundings((url) => new WebSocket(url), { window, document });
//     const client = new Client({ url, build, character, game: village, accessToken, store, observer, surroundings: page });
//     client.act({ type: "say", value: { text: "Hello" } });
//
// Read the modules in this order:
//
// 1. copy.ts: what a client holds of the world, kept current by frames.
// 2. unanswered.ts: the actions that have no answer yet.
// 3. core.ts: a client as a synchronous state machine over both; event.ts is what it tells.
// 4. backoff.ts: when a lost connection is tried again; addresses.ts: where. state.ts: how it stands, in words; sentences.ts: those words.
// 5. store.ts: what outlives a reload.
// 6. net.ts: all of it as a client that plays and reconnects by itself, over the sockets of net/.

export { Addresses, type Turn } from "./addresses.ts";
export { Backoff, type Retry, RETRY_WINDOW_MS } from "./backoff.ts";
export { type Divergence, healsBySnapshot } from "./copy/divergence.ts";
export { type Parts, type Place } from "./copy/place.ts";
export { PENDING_BYTES_MAX, type Received, WorldCopy } from "./copy.ts";
export { ClientCore, type Kept, type Stage } from "./core.ts";
export type { CoreEvent, LostCause, Welcomed } from "./event.ts";
export { type AnyVerb, type Game, village } from "./game.ts";
export { fromHex, toHex } from "./hex.ts";
export { Client } from "./net.ts";
export type { ClientEvent, ClientOptions } from "./net/options.ts";
export { type Socket } from "./net/socket.ts";
export { type Page, surroundings, type Surroundings } from "./net/surroundings.ts";
export { sentenceOf, STATE_WORDS, type StateWords } from "./sentences.ts";
export { CONNECTING, type ConnectionState, STATE_OF_CODE, stateAfter, type StateEvent, type StateName } from "./state.ts";
export { ClientStore, type KeyValueStorage, type Loaded } from "./store.ts";
export { ACTION_BYTES_MAX, type CannotAct, type GivenUp, Unanswered, UNANSWERED_MAX, type UnansweredAction } from "./unanswered.ts";
