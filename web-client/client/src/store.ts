// What outlives a reload of the page: the unanswered actions and the resume token, in a storage that is handed in
// (sessionStorage in the page, so that each tab keeps its own).
//
// The copy is not kept, and so neither is its sync token: after a reload the client shows none, and gets a snapshot. What
// another build has kept is dropped, since its bytes may mean something else here; which actions those were is told, by
// their verbs' names.
import { type BuildId, type EntityId, EngineCode } from "@holdfast/protocol";

import type { Kept } from "./core.ts";
import type { AnyVerb, Game } from "./game.ts";
import { toHex } from "./hex.ts";
import { fromStored, readStored, resumeOf, type StoredClient, toStored, writeStored } from "./store/json.ts";
import type { GivenUp } from "./unanswered.ts";

/** The part of the browser's `Storage` that is needed. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What was found. */
export interface Loaded {
  /** What to go on with; null where there is nothing of this build. */
  readonly kept: Kept | null;
  /** The actions of another build, which are given up. */
  readonly givenUp: readonly GivenUp[];
}

const NOTHING: Loaded = { kept: null, givenUp: [] };

/** Where one character's client keeps itself. */
export class ClientStore<Verb extends AnyVerb> {
  private readonly storage: KeyValueStorage;
  private readonly key: string;
  private readonly build: string;
  private readonly game: Game<Verb>;

  constructor(storage: KeyValueStorage, build: BuildId, character: EntityId, game: Game<Verb>) {
    this.storage = storage;
    this.key = `holdfast:client:${character}`;
    this.build = toHex(build);
    this.game = game;
  }

  /** What an earlier client kept. What is of no use here is removed, so that it is told once. */
  load(): Loaded {
    let stored: StoredClient | null;
    try {
      const text = this.storage.getItem(this.key);
      if (text === null) return NOTHING;
      stored = readStored(text);
    } catch {
      // A browser may forbid the storage altogether.
      return NOTHING;
    }
    const loaded = stored === null ? NOTHING : this.read(stored);
    if (loaded.kept === null) this.remove();
    return loaded;
  }

  private read(stored: StoredClient): Loaded {
    if (stored.build !== this.build) {
      const code = EngineCode.update_required;
      const givenUp = stored.actions.map(({ seq, nonce, verb }) => ({ action: { seq, nonce }, verb: verb.type, code }));
      return { kept: null, givenUp };
    }
    const resume = resumeOf(stored);
    if (resume === undefined) return NOTHING;
    try {
      const actions = stored.actions.map((action) => fromStored(action, this.game));
      return { kept: { resume, nextSeq: stored.nextSeq, actions }, givenUp: [] };
    } catch {
      // Whoever wrote this was no client of this build.
      return NOTHING;
    }
  }

  /** Keeps this. False where the storage is full or forbidden: play goes on, and a reload would lose it. */
  save({ resume, nextSeq, actions }: Kept): boolean {
    const stored = {
      build: this.build,
      resume: resume === null ? null : toHex(resume),
      nextSeq,
      actions: actions.map((action) => toStored(action, this.game)),
    };
    try {
      this.storage.setItem(this.key, writeStored(stored));
      return true;
    } catch {
      return false;
    }
  }

  private remove(): void {
    try {
      this.storage.removeItem(this.key);
    } catch {
      // As above: what cannot be removed cannot be read either.
    }
  }
}
