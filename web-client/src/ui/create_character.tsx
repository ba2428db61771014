// Making a character. What is wrong with a name is said while it is typed; whether it is free only the server knows.
import { useSignal } from "@preact/signals";
import type { JSX, TargetedEvent, TargetedInputEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Trouble } from "../api/answer.ts";
import { nameFault, tidied } from "../character_name.ts";
import { asksForSignIn, type Choosing } from "../choosing.ts";
import { ARCHETYPE_SAYS, CHARACTER_WORDS, NAME_GOOD, NAME_SAYS, NAME_WITHOUT_SPACE, WELCOME_WORDS } from "../strings/page.ts";
import { Pixels } from "./pictures/pixels.tsx";
import { portraitOf } from "./pictures/portraits.ts";

/** The code by which the server says that a name is not free: told beside the name. */
const NAME_TAKEN = "name_taken";

interface Props {
  readonly archetypes: readonly string[];
  readonly choosing: Choosing;
  readonly isFirst: boolean;
  readonly onMade: (id: bigint) => void;
  readonly onSignIn: () => void;
}

export function CreateCharacter({ archetypes, choosing, isFirst, onMade, onSignIn }: Props): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const name = useSignal("");
  const archetype = useSignal(archetypes[0] ?? "");
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  /** An empty field is only wrong once somebody wanted to go on with it. */
  const wasSent = useSignal(false);

  const fault = nameFault(name.value);
  const isWrong = fault !== null && (wasSent.value || name.value !== "");

  const hadSpace = useSignal(false);
  // Where there is nothing else to choose from, one can begin to type.
  useEffect(() => {
    if (isFirst) field.current?.focus();
  }, [isFirst]);

  const isTaken = trouble.value?.code === NAME_TAKEN;

  const make = async (event: TargetedEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    wasSent.value = true;
    trouble.value = null;
    if (fault !== null || isAsking.value) {
      field.current?.focus();
      return;
    }
    isAsking.value = true;
    const answer = await choosing.create(name.value, archetype.value);
    isAsking.value = false;
    if (answer.type === "done") onMade(answer.value.id);
    else {
      trouble.value = answer.trouble;
      if (answer.trouble.code === NAME_TAKEN) field.current?.select();
    }
  };

  const type = (event: TargetedInputEvent<HTMLInputElement>): void => {
    const typed = event.currentTarget.value;
    name.value = tidied(typed);
    hadSpace.value = name.value !== "" && (/^\s|\s$/.test(typed) || (hadSpace.value && typed.length > 1));
    // What is shown is what counts, also where tidying changed nothing that was known.
    event.currentTarget.value = name.value;
    trouble.value = null;
  };

  return (
    <form class="create" noValidate onSubmit={(event) => void make(event)}>
      <h2>{isFirst ? CHARACTER_WORDS.first : CHARACTER_WORDS.another}</h2>
      <label for="name">{CHARACTER_WORDS.name}</label>
      <input
        ref={field}
        id="name"
        type="text"
        value={name.value}
        onInput={type}
        maxLength={24}
        autocomplete="off"
        autocapitalize="words"
        spellcheck={false}
        aria-describedby="name-says"
        aria-invalid={isWrong || isTaken}
      />
      <p id="name-says" class={isWrong || isTaken ? "says wrong" : "says"} aria-live="polite">
        {isTaken ? trouble.value?.sentence : fault === null ? (hadSpace.value ? NAME_WITHOUT_SPACE : NAME_GOOD) : NAME_SAYS[fault]}
      </p>
      <fieldset>
        <legend>{CHARACTER_WORDS.look}</legend>
        <div class="looks">
          {archetypes.map((kind) => (
            <label key={kind} class="look">
              <input type="radio" name="archetype" value={kind} checked={archetype.value === kind} onChange={() => (archetype.value = kind)} />
              <Pixels picture={portraitOf(kind, null)} size={56} />
              <span>
                {kind}
                <small>{ARCHETYPE_SAYS[kind] ?? ""}</small>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {trouble.value !== null && !isTaken && (
        <p class="error" role="alert">
          {trouble.value.sentence}
        </p>
      )}
      <p class="small">{CHARACTER_WORDS.forGood}</p>
      <div class="row">
        <button type="submit" class="primary" aria-disabled={isAsking.value}>
          {isAsking.value ? CHARACTER_WORDS.making : CHARACTER_WORDS.make(fault === null ? name.value : null)}
        </button>
        {trouble.value !== null && asksForSignIn(trouble.value) && (
          <button type="button" onClick={onSignIn}>
            {WELCOME_WORDS.signInAgain}
          </button>
        )}
      </div>
    </form>
  );
}
