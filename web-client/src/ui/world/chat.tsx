// What is said nearby, and saying something.
import { useSignal } from "@preact/signals";
import type { JSX, TargetedEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Playing } from "../../playing.ts";
import { leftWords, NOTHING_SAID, PANEL_WORDS, SAY_MAX } from "../../strings/panels.ts";
import { Panel } from "./panel.tsx";

/** How many characters may be left before they are counted aloud. */
const TIGHT = 40;

/** How far from its end the list may be scrolled and still follow what comes. */
const FOLLOWS_PX = 40;

interface Props {
  readonly playing: Playing;
  /** Whether it is the sheet that is open, on a phone. */
  readonly isOpen: boolean;
  /** Gives the keys back to the village. */
  readonly toVillage: () => void;
  /** Gives the keys back to the village, and closes the sheet. */
  readonly onClose: () => void;
}

/** Where a finger types, the keyboard on the screen stays for the next sentence. */
const typesByFinger = matchMedia("(pointer: coarse)");

export function Chat({ playing, isOpen, toVillage, onClose }: Props): JSX.Element {
  const log = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const text = useSignal("");
  const lines = playing.chat.value;

  useLayoutEffect(() => {
    if (follows.current && log.current !== null) log.current.scrollTop = log.current.scrollHeight;
  }, [lines, isOpen]);

  const say = (event: TargetedEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (text.value.trim() === "") {
      onClose();
    } else if (playing.say(text.value)) {
      text.value = "";
      if (!typesByFinger.matches) toVillage();
    }
  };
  // Counted as the world counts them: by code points.
  const { length } = Array.from(text.value);

  return (
    <Panel id="talk" title={PANEL_WORDS.talk} note={PANEL_WORDS.talkNote}>
      <div
        ref={log}
        class="log"
        role="log"
        aria-label={PANEL_WORDS.said}
        tabIndex={0}
        data-keys="scroll"
        onClick={toVillage}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          follows.current = scrollTop + clientHeight > scrollHeight - FOLLOWS_PX;
        }}
      >
        {lines.length === 0 ? (
          <p class="small">{NOTHING_SAID}</p>
        ) : (
          lines.map(({ id, name, text: said, isMine }) => (
            <p key={String(id)} class={isMine ? "mine" : ""}>
              <b>{isMine ? PANEL_WORDS.you : name}:</b> <bdi>{said}</bdi>
            </p>
          ))
        )}
      </div>
      <form class="say" onSubmit={say}>
        <label for="say" class="unseen">
          {PANEL_WORDS.saySomething}
        </label>
        <input
          id="say"
          type="text"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          placeholder={`${PANEL_WORDS.saySomething} …`}
          autocomplete="off"
          enterkeyhint="send"
          aria-describedby="say-left"
          aria-invalid={length > SAY_MAX}
        />
        <button type="submit" class="primary" disabled={length > SAY_MAX}>
          {PANEL_WORDS.say}
        </button>
        <p id="say-left" class={length > SAY_MAX ? "left wrong" : "left"}>
          {length > SAY_MAX - TIGHT ? leftWords(length) : ""}
        </p>
      </form>
    </Panel>
  );
}
