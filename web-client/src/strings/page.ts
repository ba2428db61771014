// What people read before they are in the world. A translation is another table like this one.
import type { NameFault } from "../character_name.ts";

export const GAME_NAME = "Holdfast Village";

export const WELCOME = "A small village that strangers share. Walk around, talk, and pick berries: whatever is saved stays saved, even if the server is pulled from the wall.";

export const NETWORK_TROUBLE = "The server could not be reached. What was saved is safe; try again in a moment.";

export const NOT_SECURE =
  "This page was opened over an address that browsers do not trust (plain http), so nobody can sign in here. Open it over https, or on the machine that runs it as http://localhost.";

export const NEW_VERSION = "A new version is out. What was saved is safe; update to go on.";

/** What is wrong with a name as far as it is typed. */
export const NAME_SAYS: Readonly<Record<NameFault, string>> = {
  empty: "3 to 16 letters, the first a capital.",
  small_first: "The first letter must be a capital.",
  capital_inside: "Only the first letter may be a capital.",
  no_letter: "Only the letters A to Z: no spaces, digits or accents.",
  too_short: "A little longer: at least 3 letters.",
  too_long: "Too long: at most 16 letters.",
};

export const NAME_GOOD = "That is a good name. Whether it is still free is asked when you make it.";

/** What a kind of character is like. A kind that this page does not know is shown by its name alone. */
export const ARCHETYPE_SAYS: Readonly<Record<string, string>> = {
  villager: "Knows everybody, and every path.",
  gardener: "Straw hat, green thumbs.",
  fisher: "Prefers the beach.",
};
