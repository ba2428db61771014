// How much of the village the panels cover, told from where they are: so that one's own character keeps out from under
// them, whatever the style sheet does at this size of window.
import { type Cover, type CoveredCorner, UNCOVERED } from "../../playing.ts";

/** A place on the page, in its pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Elements of the village's screen that cover it as long as they are there. Notices and hints come and go, and do not count. */
export const COVERS = ".top, .bar, .panel, .side, .pad, .help";

/** Below the bar at the top there is room for one notice or hint. */
const NOTICE_PX = 68;

/** What reaches over so much of the village's breadth or height takes all of that side. */
const WHOLE_SIDE = 0.5;

/** What these boxes cover of a surface that begins at 0, 0. */
export function coverOf(width: number, height: number, boxes: readonly Box[]): Cover {
  let { top, right, bottom, left, bottomLeft, bottomRight } = UNCOVERED;
  let noticesEnd = 0;
  for (const box of boxes) {
    const [breadth, depth] = [box.right - box.left, box.bottom - box.top];
    const isEast = box.left + box.right > width;
    const isSouth = box.top + box.bottom > height;
    const isWithinAnother = boxes.some((other) => other !== box && isWithin(box, other));
    if (breadth <= 0 || depth <= 0 || isWithinAnother) continue;
    if (breadth >= width * WHOLE_SIDE) {
      if (isSouth) bottom = Math.max(bottom, height - box.top);
      else {
        top = Math.max(top, box.bottom);
        if (box.top <= 0) noticesEnd = Math.max(noticesEnd, box.bottom + NOTICE_PX);
      }
    } else if (depth >= height * WHOLE_SIDE) {
      if (isEast) right = Math.max(right, width - box.left);
      else left = Math.max(left, box.right);
    } else if (isSouth) {
      if (isEast) bottomRight = larger(bottomRight, width - box.left, height - box.top);
      else bottomLeft = larger(bottomLeft, box.right, height - box.top);
    }
  }
  return { top: Math.max(top, noticesEnd), right, bottom, left, bottomLeft, bottomRight };
}

function larger(corner: CoveredCorner, width: number, height: number): CoveredCorner {
  return { width: Math.max(corner.width, width), height: Math.max(corner.height, height) };
}

function isWithin(inner: Box, outer: Box): boolean {
  return inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right && inner.bottom <= outer.bottom;
}
