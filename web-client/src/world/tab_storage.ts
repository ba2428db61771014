// What the browser keeps for this tab, over reloads.
import type { KeyValueStorage } from "@holdfast/client";

/** What takes nothing and gives nothing: the client then tells that it keeps nothing, and people are warned. */
const forbidden: KeyValueStorage = { getItem: refuse, setItem: refuse, removeItem: refuse };

function refuse(): never {
  throw new Error("the browser keeps nothing for this page");
}

/** The tab's storage. A browser may forbid even to ask for it. */
export function tabStorage(): KeyValueStorage {
  try {
    return sessionStorage;
  } catch {
    return forbidden;
  }
}
