// Reading JSON of which nothing is known: each of these gives a value, or null where there is none of that kind.

/** JSON of which nothing is known yet but that it has fields. */
export type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object, where it is one. */
export function recordOf(json: unknown): Json | null {
  return isRecord(json) ? json : null;
}

/** A field that is an object. */
export function recordIn(json: unknown, field: string): Json | null {
  return recordOf(recordOf(json)?.[field]);
}

/** A field that is text. */
export function textIn(json: unknown, field: string): string | null {
  const value = recordOf(json)?.[field];
  return typeof value === "string" ? value : null;
}

/** A field that is a list. */
export function listIn(json: unknown, field: string): readonly unknown[] | null {
  const value = recordOf(json)?.[field];
  return Array.isArray(value) ? value : null;
}

/** A field that is a number. */
export function numberIn(json: unknown, field: string): number | null {
  const value = recordOf(json)?.[field];
  return typeof value === "number" ? value : null;
}
