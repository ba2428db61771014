// The chat keeps what the air does not.
import { expect, test } from "vitest";

import { Chat, CHAT_LINES_MAX } from "./chat.ts";
import type { Words } from "./sight.ts";

function said(...ids: number[]): Map<bigint, Words> {
  const position = { tile: { x: 1, y: 1 }, facing: 4 };
  return new Map(
    ids.map((id) => {
      const utterance = { speaker: BigInt(id % 2), name: "Ada", text: `${id}`, saidAt: BigInt(id) };
      return [BigInt(id), { id: BigInt(id), utterance, position }];
    }),
  );
}

test("words are listed once, oldest first, and stay when they have faded", () => {
  const chat = new Chat(1n);
  expect(chat.hear(said(5, 4))?.map(({ text, isMine }) => [text, isMine])).toEqual([["4", false], ["5", true]]);
  expect(chat.hear(said(4, 5))).toBeNull();
  expect(chat.hear(new Map())).toBeNull();
  expect(chat.hear(said(6))?.map(({ text }) => text)).toEqual(["4", "5", "6"]);
});

test("older words that come into view are put where they belong", () => {
  const chat = new Chat(1n);
  chat.hear(said(9));
  expect(chat.hear(said(3, 9))?.map(({ text }) => text)).toEqual(["3", "9"]);
});

test("only the last ones are kept, and what was dropped is not new again", () => {
  const chat = new Chat(1n);
  const ids = Array.from({ length: CHAT_LINES_MAX + 10 }, (_, place) => place + 1);
  expect(chat.hear(said(...ids))).toHaveLength(CHAT_LINES_MAX);
  expect(chat.hear(said(1, 2, 3))).toBeNull();
});
