// How much memory a frame that waits for its token holds: what the bound on waiting parts counts.
import type { Frame } from "@holdfast/protocol";

/** About what an element of a list costs, with whatever is around it. */
const ELEMENT_BYTES = 64;

/** An id in a list of ids: a number of 64 bits is an object of its own. */
const ID_BYTES = 32;

/** About how many bytes of memory the lists of a frame take. */
export function frameSizeBytes(frame: Frame): number {
  let size = ELEMENT_BYTES;
  const written = [...frame.chunks.map(({ entities }) => entities), frame.own.entities];
  for (const entities of written) {
    size += ELEMENT_BYTES;
    for (const { parts } of entities) {
      size += ELEMENT_BYTES;
      for (const { body } of parts) size += ELEMENT_BYTES + body.length;
    }
  }
  for (const { ids } of frame.rosters) size += ELEMENT_BYTES + ID_BYTES * ids.length;
  size += ID_BYTES * (frame.own.roster?.length ?? 0);
  size += ID_BYTES * frame.lost.length + ELEMENT_BYTES * frame.hashes.length;
  size += ELEMENT_BYTES * frame.verdicts.length;
  for (const { body } of frame.replies) size += ELEMENT_BYTES + body.length;
  return size;
}
