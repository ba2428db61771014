// All that a client knows of the game that it plays: how its verbs become bytes. Another world brings another of these.
import { decodeVillageVerb, encodeVillageVerb, type VillageVerb } from "@holdfast/protocol";

/** What every verb has: a name, which does not change from build to build. */
export interface AnyVerb {
  readonly type: string;
}

/** A game's verbs. */
export interface Game<Verb extends AnyVerb> {
  readonly encode: (verb: Verb) => Uint8Array;
  readonly decode: (action: Uint8Array) => Verb;
  /**
   * A verb that changes nothing. It takes the place of an action of another build that this one cannot express any more:
   * the world takes actions in `seq` order without gaps, and those behind it must keep their names.
   */
  readonly idle: Verb;
}

/** The village. */
export const village: Game<VillageVerb> = {
  encode: encodeVillageVerb,
  decode: decodeVillageVerb,
  idle: { type: "look", value: {} },
};
