// What was said nearby. Words fade from the air after half a minute; here they stay, the last fifty of them.
import type { EntityId } from "@holdfast/protocol";

import type { ChatLine } from "../playing.ts";
import type { Words } from "./sight.ts";

/** How many lines are kept; beyond that the oldest go. */
export const CHAT_LINES_MAX = 50;

/** The chat. */
export class Chat {
  private readonly me: EntityId;
  private lines: { readonly line: ChatLine; readonly saidAt: bigint }[] = [];
  /** How far the ids went of those that were dropped or kept: words are told of once. Ids only grow. */
  private newest: EntityId = 0n;

  constructor(me: EntityId) {
    this.me = me;
  }

  /** Takes in what is in the air. Returns the lines where there is something new, null otherwise. */
  hear(words: ReadonlyMap<EntityId, Words>): readonly ChatLine[] | null {
    const heard = [...words.values()].filter(({ id }) => !this.lines.some(({ line }) => line.id === id) && this.isNew(id));
    if (heard.length === 0) return null;
    for (const { id, utterance } of heard) {
      const { speaker, name, text, saidAt } = utterance;
      this.lines.push({ line: { id, speaker, name, text, isMine: speaker === this.me }, saidAt });
      if (id > this.newest) this.newest = id;
    }
    this.lines.sort((a, b) => Number(a.saidAt - b.saidAt) || Number(a.line.id - b.line.id));
    this.lines = this.lines.slice(-CHAT_LINES_MAX);
    return this.lines.map(({ line }) => line);
  }

  /** Older words come into view where one walks; they are new here unless the list has dropped such old ones. */
  private isNew(id: EntityId): boolean {
    const [oldest] = this.lines;
    return id > this.newest || this.lines.length < CHAT_LINES_MAX || (oldest !== undefined && id > oldest.line.id);
  }
}
