// What this browser keeps for the page. A browser may refuse to keep anything, or throw it away at any time: whatever is
// kept here only saves somebody a moment, and no token is ever among it.

/** A browser's storage, as far as it is used. */
export type KeyValues = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** JSON under a name. */
export class Kept {
  private readonly storage: KeyValues | null;

  constructor(storage: () => KeyValues) {
    this.storage = attempted(storage);
  }

  /** What was kept; null where there is nothing, or nothing that can be read. */
  read(name: string): unknown {
    return attempted((): unknown => JSON.parse(this.storage?.getItem(PREFIX + name) ?? "null"));
  }

  /** Keeps it; false where the browser does not. */
  write(name: string, value: unknown): boolean {
    return (
      attempted(() => {
        this.storage?.setItem(PREFIX + name, JSON.stringify(value));
        return this.storage !== null;
      }) ?? false
    );
  }

  remove(name: string): void {
    attempted(() => this.storage?.removeItem(PREFIX + name));
  }
}

const PREFIX = "holdfast.";

function attempted<Value>(what: () => Value): Value | null {
  try {
    return what();
  } catch {
    return null;
  }
}
