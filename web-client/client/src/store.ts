// What outlives a reload of the page: the unanswered actions and the resume token, in a storage that is handed in
// (sessionStorage in the page, so that each tab keeps its own).
//
// The copy is not kept, and so neither is its sync token: after a reload the client shows none, and gets a snapshot.
//
// What another build has kept is gone on with. Its bytes may mean something else here, but its actions are kept by their
// verbs' names: each is encoded anew and keeps its `seq` and nonce, so that the world answers it exactly once, also where
// it was done before the update. Its resume token is of no use to another build, so the session is a fresh one, which
// knows what was done by the character's ring. An action that this build cannot express is given up, and told by its
// verb's name; a verb that changes nothing takes its place, since the world wants every `seq`, and what was done behind
// it must not be lost with it. Where the old build had brought it to the world, the world has its effect and repeats its
// answer; where not, nothing happens.
import { type BuildId, type EntityId, EngineCode } from "@holdfast/protocol";

import type { Kept } from "./core.ts";
import type { AnyVerb, Game } from "./game.ts";
import { toHex } from "./hex.ts";
import { expressed, fromStored, readStored, resumeOf, type StoredClient, toStored, writeStored } from "./store/json.ts";
import type { GivenUp, UnansweredAction } from "./unanswered.ts";

/** The part of the browser's `Storage` that is needed. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What was found. */
export interface Loaded {
  /** What to go on with; null where there is nothing. */
  readonly kept: Kept | null;
  /** The actions of another build that this one cannot express. */
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
    if (stored.build !== this.build) return this.readOther(stored);
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

  /** What another build kept, in this build's terms. */
  private readOther({ nextSeq, actions }: StoredClient): Loaded {
    const givenUp: GivenUp[] = [];
    const again = actions.map((stored): UnansweredAction => {
      const action = expressed(stored, this.game);
      if (action !== null) return action;
      const { seq, nonce, verb } = stored;
      givenUp.push({ action: { seq, nonce }, verb: verb.type, code: EngineCode.update_required });
      return { name: { seq, nonce }, verb: this.game.idle.type, action: this.game.encode(this.game.idle) };
    });
    const kept: Kept = { resume: null, nextSeq, actions: again };
    // Kept in this build's form at once, so that what is given up is told once.
    this.save(kept);
    return { kept, givenUp };
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
