// Everything that a client is told by its core: a closed list.
import type {
  EntityId,
  ErrorBody,
  Paused,
  Refusal,
  Reply,
  ResyncKind,
  Seq,
  SyncToken,
  Verdict,
} from "@holdfast/protocol";

import type { Divergence } from "./copy/divergence.ts";
import type { GivenUp } from "./unanswered.ts";

/** What a welcome says to people. */
export interface Welcomed {
  /** The character that is played. */
  readonly character: EntityId;
  /** What the first frame will be, and why. */
  readonly resync: ResyncKind;
  /** The last action that the world has decided for this character. */
  readonly lastSeq: Seq;
  /** How long a tick lasts, in milliseconds. */
  readonly tickMs: number;
}

/** Why a connection can no longer be followed. */
export type LostCause =
  /** Nothing was heard for too long. */
  | "silent"
  /** What came is no message of this build, or comes out of turn. */
  | "protocol"
  /** The socket broke, or could not be opened. */
  | "socket";

/** What a client is told. A verdict comes after the update that holds its effect. */
export type CoreEvent =
  /** The character is in the world; its state follows with the first update. */
  | { readonly type: "welcomed"; readonly welcomed: Welcomed }
  /** The copy stands at this token now. */
  | { readonly type: "updated"; readonly token: SyncToken }
  /** The copy went wrong, and a snapshot is asked for. */
  | { readonly type: "diverged"; readonly divergence: Divergence }
  /** The durable answer to an action. */
  | { readonly type: "verdict"; readonly verdict: Verdict; readonly verb: string }
  /** The longer answer to an action; it comes before the verdict. */
  | { readonly type: "reply"; readonly reply: Reply }
  /** An action was turned away without effect. It is sent again by itself, unless it is given up in the next event. */
  | { readonly type: "refused"; readonly refusal: Refusal }
  /** An action will never be answered as this client's. */
  | { readonly type: "gave_up"; readonly givenUp: GivenUp }
  /** The world stands still: its store cannot be reached. */
  | { readonly type: "paused"; readonly paused: Paused }
  /** In so many milliseconds the session ends, unless something is done. */
  | { readonly type: "idle_warning"; readonly ms: number }
  /** The connection is to be dropped: the server's last word. */
  | { readonly type: "closed"; readonly error: ErrorBody }
  /** The connection is to be dropped: it can no longer be followed. */
  | { readonly type: "lost"; readonly cause: LostCause };
