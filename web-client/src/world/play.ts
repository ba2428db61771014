// The village as it is played: between the client, which holds what is durable, the stage, which shows it, and the one
// who plays. It offers what playing.ts asks for.
//
// Follow a key: keyboard.ts hears it, wishes.ts makes a step of it, `act` gives it to the client and lists it as a deed,
// and the stage moves at once, to where it is predicted to lead. Then the world's word comes: `hear` takes in what is
// durable now, and each deed's answer.
import { Client, type ClientEvent, ClientStore, surroundings, village } from "@holdfast/client";
import { type ActionName, EngineCode, type EntityId, type Refusal, type Verdict, type VillageVerb } from "@holdfast/protocol";

import type { Cover, Direction, Play, Playing, TilePlace } from "../playing.ts";
import { WORLD_WORDS } from "../strings/world.ts";
import { Chat } from "./chat.ts";
import { Deeds, sentenceOfCode, wordsOf } from "./deeds.ts";
import { Outlook } from "./outlook.ts";
import { Screen } from "./screen.ts";
import { WorldSignals } from "./signals.ts";
import { tabStorage } from "./tab_storage.ts";
import { Terrain } from "./terrain.ts";
import { Wishes } from "./wishes.ts";

const { notices } = WORLD_WORDS;

/** Starts a world on a canvas. */
export const play: Play = (options) => new Village(options);

class Village implements Playing {
  private readonly id: EntityId;
  private readonly client: Client<VillageVerb>;
  private readonly signals = new WorldSignals();
  private readonly deedList = new Deeds();
  private readonly chatLines: Chat;
  private readonly screen: Screen;
  private readonly outlook: Outlook;
  private readonly wishes: Wishes;
  private readonly stopListening: () => void;
  /** Whether it was said that steps wait; it is said once, until the village answers again. */
  private hasSaidWaiting = false;

  readonly connection = this.signals.connection;
  readonly retryInMs = this.signals.retryInMs;
  readonly me = this.signals.me;
  readonly bag = this.signals.bag;
  readonly chat = this.signals.chat;
  readonly reachable = this.signals.reachable;
  readonly neighbours = this.signals.neighbours;
  readonly deeds = this.signals.deeds;
  readonly waitingCount = this.signals.waitingCount;
  readonly notice = this.signals.notice;
  readonly isKept = this.signals.isKept;

  constructor({ canvas, build, socketUrl, openSocket, character, addresses, accessToken, terrain }: Parameters<Play>[0]) {
    this.id = character;
    this.chatLines = new Chat(character);
    this.outlook = new Outlook(character);
    this.client = new Client({
      url: socketUrl,
      build,
      character,
      game: village,
      accessToken,
      store: new ClientStore(tabStorage(), build, character, village),
      observer: (event) => {
        this.hear(event);
      },
      surroundings: surroundings(openSocket, { window, document }),
    });
    void addresses.then((known) => {
      this.client.know(known);
    });
    this.screen = new Screen(canvas, character, (now) => {
      this.frame(now);
    });
    // The client tells first what it gives up of what was kept; all else of it waits.
    queueMicrotask(() => {
      this.deedList.addKept(this.client.unanswered, (item) => this.nameOf(item));
      this.changed();
    });
    terrain.then(
      (bytes) => {
        this.takeTerrain(bytes);
      },
      () => {
        this.signals.say(notices.noMap);
      },
    );
    this.wishes = new Wishes({
      outlook: this.outlook,
      screen: this.screen,
      act: (verb, from) => this.act(verb, from),
      tell: (sentence) => {
        this.signals.say(sentence);
      },
    });
    this.stopListening = this.wishes.listen(canvas);
  }

  private takeTerrain(bytes: ArrayBuffer): void {
    try {
      const terrain = Terrain.decode(bytes);
      this.outlook.terrain = terrain;
      this.screen.setTerrain(terrain);
      this.changed();
    } catch {
      this.signals.say(notices.noMap);
    }
  }

  /** What the client tells. */
  private hear(event: ClientEvent): void {
    switch (event.type) {
      case "updated":
        this.see();
        break;
      case "verdict":
        this.answered(event.verdict);
        break;
      case "gave_up": {
        const { what, fate } = this.deedList.giveUp(event.givenUp);
        if (fate.type === "given_up") this.signals.say(`${what}: ${fate.sentence}`);
        this.changed();
        break;
      }
      case "state":
        this.signals.setConnection(event.state);
        break;
      case "not_kept":
      case "kept_again":
        this.signals.isKept.value = event.type === "kept_again";
        break;
      case "idle_warning":
        this.signals.say(notices.idle(Math.ceil(event.ms / 1_000)));
        break;
      case "refused":
        this.turnedAway(event.refusal);
        break;
      case "welcomed":
      case "diverged":
      case "reply":
      case "paused":
      case "closed":
      case "lost":
        // The connection's state tells people all that there is to these.
        break;
    }
  }

  /** The copy has changed. */
  private see(): void {
    this.outlook.see(this.client.copy);
    const lines = this.chatLines.hear(this.outlook.sight.words);
    if (lines !== null) this.signals.chat.value = lines;
    this.changed();
  }

  private answered({ action, code }: Verdict): void {
    const deed = this.deedList.answer(action, code);
    if (deed?.fate.type === "refused") {
      if (deed.verb === "move") this.wishes.stepRefused();
      else this.signals.say(`${deed.what}: ${deed.fate.sentence}`);
    }
    this.changed();
  }

  /** Words that came too fast hold back the steps after them for up to two seconds: that must not look like a standstill. */
  private turnedAway({ action, code }: Refusal): void {
    const verb = this.client.unanswered.find(({ name }) => name.seq === action.seq)?.verb;
    if (verb === "say" && code === EngineCode.rate_limited) this.signals.say(sentenceOfCode(code));
  }

  /** What is durable, or what is unanswered, has changed: everything that follows from the two is made anew. */
  private changed(): void {
    const now = performance.now();
    this.outlook.reckon(now, this.client.unanswered);
    const { sight, wanted, isWanted, standing } = this.outlook;
    this.screen.stage.see(now, sight, wanted);
    if (standing !== null) {
      this.screen.stage.own?.motion.settle(standing);
      this.signals.see(sight, this.id, isWanted, standing);
    }
    this.signals.setDeeds(this.deedList.list, this.deedList.waitingCount);
    this.screen.isStale = true;
  }

  /** Before each drawing. */
  private frame(now: number): void {
    this.wishes.goOn(now);
    this.screen.ghost = this.outlook.stalled(now, this.connection.peek().name === "PLAYING");
    this.sayWaiting(this.screen.ghost !== null);
    this.screen.target = this.wishes.goal;
    this.screen.hint = this.reachable.peek()[0]?.tile ?? null;
  }

  /** Whoever wants to walk on and cannot, since no step is answered, is told why. */
  private sayWaiting(isStalled: boolean): void {
    const { waitingMoves } = this.outlook;
    if (!isStalled) this.hasSaidWaiting = false;
    else if (!this.hasSaidWaiting && this.wishes.isHeldBack(waitingMoves)) {
      this.hasSaidWaiting = true;
      this.signals.say(notices.stepsWait(waitingMoves));
    }
  }

  /** Does something. Null where it could not be taken in, with a notice. */
  private act(verb: VillageVerb, from: TilePlace | null): ActionName | null {
    // Nobody tries any more by themselves: what is done now would only surprise later.
    if (this.client.state.isOver) {
      this.signals.say(notices.notConnected);
      return null;
    }
    const named = this.client.act(verb);
    switch (named) {
      case "full":
        this.signals.say(notices.full);
        return null;
      case "not_welcomed":
        this.signals.say(notices.notInWorld);
        return null;
      case "too_large":
        this.signals.say(notices.tooLarge);
        return null;
      default:
        this.signals.passNotice();
        this.deedList.add(named, verb.type, wordsOf(verb, { from, nameOf: (item) => this.nameOf(item) }));
        if (verb.type === "move") this.screen.stage.own?.motion.step(verb.value.to);
        this.changed();
        return named;
    }
  }

  private nameOf(item: EntityId): string | null {
    const { items, bag } = this.outlook.sight;
    const found = items.get(item) ?? bag.find(({ id }) => id === item);
    return found === undefined ? null : WORLD_WORDS.items.named(found.item.kind, found.item.count);
  }

  hold(direction: Direction): void {
    this.wishes.hold(direction);
  }

  release(direction: Direction): void {
    this.wishes.release(direction);
  }

  step(direction: Direction): void {
    this.wishes.step(direction);
  }

  walkTo(tile: TilePlace): void {
    this.wishes.walkTo(tile);
  }

  say(text: string): boolean {
    return this.wishes.say(text);
  }

  pickUp(item?: bigint): void {
    this.wishes.pickUp(item);
  }

  drop(item: bigint): void {
    this.wishes.drop(item);
  }

  cover(cover: Cover): void {
    this.screen.cover = cover;
    this.screen.isStale = true;
  }

  retry(): void {
    this.client.retry();
  }

  leave(): void {
    this.client.leave();
    this.end();
  }

  close(): void {
    this.client.close();
    this.end();
  }

  private end(): void {
    this.stopListening();
    this.screen.close();
    this.signals.close();
  }
}
