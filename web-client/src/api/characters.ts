// The characters of whoever is signed in.
import { type Answer, ask } from "./answer.ts";
import { listIn, textIn } from "./json.ts";

/** How many characters somebody may have. */
export const CHARACTERS_MAX = 10;

/** A character, as it is chosen. */
export interface Character {
  readonly id: bigint;
  readonly name: string;
  readonly archetype: string;
}

/** All of one's own, oldest first. */
export function listCharacters(token: string): Promise<Answer<readonly Character[]>> {
  return ask({ path: "/api/characters", token, read: readCharacters });
}

/** Makes a character. Asked again for the same, it answers the same. */
export function createCharacter(token: string, name: string, archetype: string): Promise<Answer<Character>> {
  return ask({ path: "/api/characters", token, body: { name, archetype }, read: readCharacter });
}

/** What a list of characters says; null where it is none. */
export function readCharacters(json: unknown): readonly Character[] | null {
  const characters = listIn(json, "characters")?.map(readCharacter);
  if (characters === undefined) return null;
  const whole = characters.filter((character) => character !== null);
  return whole.length === characters.length ? whole : null;
}

function readCharacter(json: unknown): Character | null {
  const id = textIn(json, "id");
  const name = textIn(json, "name");
  const archetype = textIn(json, "archetype");
  if (id === null || !/^\d{1,20}$/.test(id) || name === null || archetype === null) return null;
  return { id: BigInt(id), name, archetype };
}
