// Where a client connects and as whom, and all that it is told.
import type { BuildId, EntityId } from "@holdfast/protocol";

import type { CoreEvent } from "../event.ts";
import type { AnyVerb, Game } from "../game.ts";
import type { ConnectionState } from "../state.ts";
import type { ClientStore } from "../store.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a client is told. */
export type ClientEvent =
  | CoreEvent
  /** It stands otherwise with the connection. */
  | { readonly type: "state"; readonly state: ConnectionState }
  /** The storage takes nothing: what is unanswered would not outlive a reload. */
  | { readonly type: "not_kept" }
  /** The storage takes everything again. */
  | { readonly type: "kept_again" };

/** Where a client connects, and as whom. */
export interface ClientOptions<Verb extends AnyVerb> {
  /** The world's WebSocket that is tried first. It stays among those that are tried, whatever servers tell. */
  readonly url: string;
  /** The build that the client belongs to; the server refuses any other than its own. */
  readonly build: BuildId;
  readonly character: EntityId;
  readonly game: Game<Verb>;
  /**
   * Asked before each connection. It gives null where nobody is signed in; where it fails the client tries again
   * later, as after a lost connection. `expired` is the token that the server has just said to have run out, so that it
   * is not given again; null where it said no such thing.
   */
  readonly accessToken: (expired: string | null) => Promise<string | null>;
  /** Where actions outlive a reload; null where they need not. */
  readonly store: ClientStore<Verb> | null;
  /** Sees every event in order, as it happens. */
  readonly observer: (event: ClientEvent) => void;
  readonly surroundings: Surroundings;
}
