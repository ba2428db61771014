import { describe, expect, it } from "vitest";

import { nameFault, tidied } from "./character_name.ts";

describe("a character's name", () => {
  it.each(["Ada", "Abcdefghijklmnop"])("may be %s", (name) => {
    expect(nameFault(name)).toBeNull();
  });

  it.each([
    ["", "empty"],
    ["ada", "small_first"],
    ["AdA", "capital_inside"],
    ["Ad", "too_short"],
    ["Abcdefghijklmnopq", "too_long"],
    ["Ada Lovelace", "no_letter"],
    ["Ädä", "no_letter"],
    ["Ada1", "no_letter"],
  ])("%j is refused as %s", (name, fault) => {
    expect(nameFault(name)).toBe(fault);
  });

  it("agrees with the server's rule on every short text", () => {
    const letters = ["A", "b", "é", "1", ""];
    for (const a of letters) {
      for (const b of letters) {
        for (const c of letters) {
          const name = a + b + c;
          expect(nameFault(name) === null).toBe(/^[A-Z][a-z]{2,15}$/.test(name));
        }
      }
    }
  });

  it("is tidied before it is judged", () => {
    expect(tidied("  aDA ")).toBe("Ada");
    expect(tidied("")).toBe("");
  });
});
