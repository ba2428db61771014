// Passing words to the player, and the one lasting warning.
import type { JSX } from "preact";

import type { Playing } from "../../playing.ts";
import { NOT_KEPT } from "../../strings/panels.ts";

export function Notices({ playing }: { readonly playing: Playing }): JSX.Element {
  const notice = playing.notice.value;
  return (
    <>
      {!playing.isKept.value && <p class="banner">{NOT_KEPT}</p>}
      <div role="status">
        {notice !== null && (
          <p key={notice.key} class="notice">
            {notice.sentence}
          </p>
        )}
      </div>
    </>
  );
}
