// The characters of whoever is signed in, as they are chosen from and made.
import { type ReadonlySignal, signal } from "@preact/signals";

import type { Answer, Trouble } from "./api/answer.ts";
import { type Character, createCharacter, listCharacters } from "./api/characters.ts";
import { NETWORK_TROUBLE } from "./strings/page.ts";
import type { Tokens } from "./sign_in/tokens.ts";
import { sentenceOfCode } from "./strings/codes.ts";

/** How it stands with the list. */
export type Choice =
  | { readonly type: "loading" }
  | { readonly type: "here"; readonly characters: readonly Character[] }
  | { readonly type: "trouble"; readonly trouble: Trouble };

/** Choosing a character, and making one. */
export class Choosing {
  private readonly current = signal<Choice>({ type: "loading" });
  private readonly tokens: Tokens;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  get choice(): ReadonlySignal<Choice> {
    return this.current;
  }

  /** Asks for the list, once more where that went wrong. */
  async load(): Promise<void> {
    this.current.value = { type: "loading" };
    const answer = await this.asked(listCharacters);
    this.current.value =
      answer.type === "done" ? { type: "here", characters: answer.value } : { type: "trouble", trouble: answer.trouble };
  }

  /** Makes a character; or says why not. */
  create(name: string, archetype: string): Promise<Answer<Character>> {
    return this.asked((token) => createCharacter(token, name, archetype));
  }

  private async asked<Value>(question: (token: string) => Promise<Answer<Value>>): Promise<Answer<Value>> {
    try {
      const token = await this.tokens.accessToken();
      if (token === null) return NOBODY;
      const answer = await question(token);
      // The clock that this is told by may stand still while the device sleeps: the server knows better.
      if (answer.type === "done" || answer.trouble.code !== "token_expired") return answer;
      const next = await this.tokens.accessToken(token);
      return next === null ? NOBODY : await question(next);
    } catch {
      return { type: "trouble", trouble: { code: null, sentence: NETWORK_TROUBLE } };
    }
  }
}

/** What comes of a question where nobody is signed in any more. */
const NOBODY: Answer<never> = {
  type: "trouble",
  trouble: { code: "token_expired", sentence: sentenceOfCode("token_expired") },
};

/** The codes that another sign-in may heal. */
const HEALED_BY_SIGN_IN = new Set(["token_invalid", "token_expired", "scope_missing"]);

/** Whether signing in again may be what is missing. */
export function asksForSignIn({ code }: Trouble): boolean {
  return code !== null && HEALED_BY_SIGN_IN.has(code);
}
