// What people read before they are in the world. A translation is another table like this one.
import type { NameFault } from "../character_name.ts";

export const GAME_NAME = "Holdfast Village";

export const NETWORK_TROUBLE = "The server could not be reached. What was saved is safe; try again in a moment.";

export const WELCOME_WORDS = {
  whatThisIs:
    "A small village that strangers share. Walk around, talk, and pick berries: what is saved stays saved, even if the server stops this very moment.",
  signIn: "Sign in",
  signInAgain: "Sign in again",
  whatFollows: "Signing in opens another page for a moment, and brings you back here.",
  picture: "A house, trees and a beach; people talk beside berry bushes.",
  signingIn: "Signing you in …",
  notSecure:
    "This page was opened over an address that browsers do not trust (plain http), so nobody can sign in here. Open it over https, or on the machine that runs it as http://localhost.",
  newVersion: "A new version is out. What was saved is safe; update to go on.",
  update: "Update",
} as const;

/** Who is signed in: the account, which is not the character. */
export function signedInAs(account: string): string {
  return `Signed in as ${account}`;
}

export const CHARACTER_WORDS = {
  title: "Who will you be?",
  loading: "Looking for your characters …",
  none: "You have no character yet. Make your first one: it takes a name and a look, and you are in the village.",
  enough: "You have ten characters, and that is as many as there may be.",
  play: (name: string): string => `Play ${name}`,
  first: "Your first character",
  another: "Someone new",
  name: "Name",
  look: "Look",
  forGood: "Name and look are for good. The colours of hair and coat are a surprise.",
  /** The name, where it is one; null where it is none yet. */
  make: (name: string | null): string => `Make ${name ?? "this character"} and play`,
  making: "Making it …",
  tryAgain: "Try again",
  signOut: "Sign out",
} as const;

/** What is wrong with a name as far as it is typed. */
export const NAME_SAYS: Readonly<Record<NameFault, string>> = {
  empty: "3 to 16 letters from A to Z, the first one a capital.",
  small_first: "The first letter must be a capital.",
  capital_inside: "Only the first letter may be a capital.",
  no_letter: "Only the letters A to Z: no spaces, digits or accents.",
  too_short: "A little longer: at least 3 letters.",
  too_long: "Too long: at most 16 letters.",
};

export const NAME_GOOD = "✓ A good name. You will be told if somebody has it already.";

/** A space was left out of what was typed. */
export const NAME_WITHOUT_SPACE = "✓ A good name. A name has no spaces, so they were left out.";

/** What a kind of character is like. A kind that this page does not know is shown by its name alone. */
export const ARCHETYPE_SAYS: Readonly<Record<string, string>> = {
  villager: "Knows everybody, and every path.",
  gardener: "Straw hat, green thumbs.",
  fisher: "Prefers the beach.",
};
