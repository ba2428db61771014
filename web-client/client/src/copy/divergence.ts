// Why a copy is no longer what the server thinks it is.
import type { ChunkId, EntityId, TokenPoint } from "@holdfast/protocol";

/**
 * Why a frame could not be applied, or did not lead where it should have. The copy is void, and a snapshot heals it.
 * A chunk of `null` is what is the client's own.
 */
export type Divergence =
  /** The frame builds upon another point than the one that is held. */
  | { readonly type: "other_base"; readonly held: TokenPoint | null; readonly from: TokenPoint | null }
  /** A part builds upon another point than the parts before it. */
  | { readonly type: "mixed_parts" }
  /** More waits for its token than any view holds. */
  | { readonly type: "too_large" }
  /** A frame came before the welcome. */
  | { readonly type: "not_welcomed" }
  /** An entity is said to have changed that is not where it changed. */
  | { readonly type: "unknown_entity"; readonly chunk: ChunkId | null; readonly id: EntityId }
  /** What is in a chunk is not what its roster lists. */
  | { readonly type: "membership"; readonly chunk: ChunkId | null }
  /** A chunk hashes to something else than it does at the server. */
  | { readonly type: "hash"; readonly chunk: ChunkId; readonly expected: number; readonly found: number };

/**
 * Whether asking for a snapshot on the same connection heals it. Where it does not, the stream itself is not one that
 * can be followed, and only a new connection helps.
 */
export function healsBySnapshot(divergence: Divergence): boolean {
  return !["mixed_parts", "too_large", "not_welcomed"].includes(divergence.type);
}
