// Every action of one's own, from the key to its answer.
import type { GivenUp, UnansweredAction } from "@holdfast/client";
import { type ActionName, type Code, decodeVillageVerb, ENGINE_CODES, EngineCode, VILLAGE_CODES, type VillageVerb } from "@holdfast/protocol";

import type { Deed, DeedFate, TilePlace } from "../playing.ts";
import { WORLD_WORDS } from "../strings/world.ts";
import { walksJoined } from "../walks.ts";
import { directionOf } from "./tile.ts";

/**
 * How many answered deeds are kept, a walk being one however many steps it has; those that wait are never dropped, and the
 * client takes no more than 64.
 */
export const ANSWERED_DEEDS_MAX = 30;

const NAMES = new Map(ENGINE_CODES.map(({ code, name }) => [code, name]));
const SAYS = new Map([...ENGINE_CODES, ...VILLAGE_CODES].map(({ code, says }) => [code, says]));

/** The sentence for a code. */
export function sentenceOfCode(code: Code): string {
  return SAYS.get(code) ?? WORLD_WORDS.unknownRefusal;
}

/** Why the world has rejected something, for good. */
function sentenceOfVerdict(code: Code): string {
  return code === EngineCode.internal ? WORLD_WORDS.serverFailed : sentenceOfCode(code);
}

/** Why something will never be answered, and what to do about it. */
function sentenceOfGivenUp(code: Code): string {
  const why = WORLD_WORDS.givenUpSince[NAMES.get(code) ?? ""] ?? sentenceOfCode(code);
  return `${why} ${WORLD_WORDS.givenUp}`;
}

/** What deeds are told in words with. */
export interface DeedContext {
  /** Where a move began. */
  readonly from: TilePlace | null;
  /** What an item is, in words: "a berry". */
  readonly nameOf: (item: bigint) => string | null;
}

/** What a verb is, in words. */
export function wordsOf(verb: VillageVerb, { from, nameOf }: DeedContext): string {
  const words = WORLD_WORDS.deeds;
  switch (verb.type) {
    case "move": {
      const direction = from === null ? null : directionOf(verb.value.to.x - from.x, verb.value.to.y - from.y);
      return direction === null ? words.aStep : words.step(WORLD_WORDS.directions[direction]);
    }
    case "say":
      return words.say(verb.value.text);
    case "look":
      return words.look;
    case "pick_up":
      return words.pickUp(nameOf(verb.value.item) ?? WORLD_WORDS.items.something);
    case "drop":
      return words.drop(nameOf(verb.value.item) ?? WORLD_WORDS.items.something);
  }
}

/** One's own deeds, oldest first. */
export class Deeds {
  private deeds: Deed[] = [];

  get list(): readonly Deed[] {
    return this.deeds;
  }

  get waitingCount(): number {
    return this.deeds.filter(({ fate }) => fate.type === "waiting").length;
  }

  /** Something was done just now. */
  add(name: ActionName, verb: string, what: string): void {
    this.put({ key: keyOf(name), verb, what, stepCount: verb === "move" ? 1 : 0, fate: { type: "waiting" } });
  }

  /** What an earlier page did and has no answer to. */
  addKept(actions: readonly UnansweredAction[], nameOf: (item: bigint) => string | null): void {
    let from: TilePlace | null = null;
    for (const { name, action, verb: type } of actions) {
      const verb = verbOf(action);
      const what = verb === null ? WORLD_WORDS.deeds.other(type) : wordsOf(verb, { from, nameOf });
      // What was given up already stands there, and so does what this page did.
      if (!this.deeds.some(({ key }) => key === keyOf(name))) this.add(name, type, what);
      if (verb?.type === "move") from = verb.value.to;
    }
  }

  /** Its answer is here. Returns the deed as it ended; null where nothing waited for this. */
  answer(name: ActionName, code: Code): Deed | null {
    return this.end(name, code === 0 ? { type: "saved" } : { type: "refused", sentence: sentenceOfVerdict(code) });
  }

  /** It will never be answered. */
  giveUp(givenUp: GivenUp): Deed {
    const fate: DeedFate = { type: "given_up", givenUp, sentence: sentenceOfGivenUp(givenUp.code) };
    const key = keyOf(givenUp.action);
    const deed = { key, verb: givenUp.verb, what: WORLD_WORDS.deeds.other(givenUp.verb), stepCount: 0, fate };
    return this.end(givenUp.action, fate) ?? this.put(deed);
  }

  private end(name: ActionName, fate: DeedFate): Deed | null {
    const key = keyOf(name);
    const deed = this.deeds.find((each) => each.key === key);
    if (deed === undefined || deed.fate.type !== "waiting") return null;
    const ended = { ...deed, fate };
    // A berry is not to be lost behind the steps that came after it.
    this.deeds = walksJoined(this.deeds.map((each) => (each === deed ? ended : each)), ["saved"]);
    this.trim();
    return ended;
  }

  private put(deed: Deed): Deed {
    this.deeds = [...this.deeds, deed];
    this.trim();
    return deed;
  }

  private trim(): void {
    let excess = this.deeds.length - this.waitingCount - ANSWERED_DEEDS_MAX;
    if (excess <= 0) return;
    this.deeds = this.deeds.filter(({ fate }) => {
      if (fate.type === "waiting" || excess <= 0) return true;
      excess -= 1;
      return false;
    });
  }
}

/** What an action was; null where its bytes are none of this build's. */
export function verbOf(action: Uint8Array): VillageVerb | null {
  try {
    return decodeVillageVerb(action);
  } catch {
    return null;
  }
}

function keyOf({ seq, nonce }: ActionName): string {
  return `${seq}:${nonce}`;
}
