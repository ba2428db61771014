// The pictures of people are of one size, whoever they show.
import { expect, test } from "vitest";

import { CLOSED_EYES, FIGURE_HEIGHT, FIGURE_WIDTH, LEGS, type Side, upperRows } from "./figure_art.ts";

const SIDES: readonly Side[] = ["front", "back", "side"];

test.each(["villager", "gardener", "fisher", "what no catalogue has", "constructor"])("a %s is whole from every side", (archetype) => {
  for (const side of SIDES) {
    for (const legs of LEGS[side]) {
      const rows = [...upperRows(archetype, side), ...legs];
      expect(rows).toHaveLength(FIGURE_HEIGHT);
      for (const row of rows) {
        expect(row).toHaveLength(FIGURE_WIDTH);
        expect(row).toMatch(/^[.hsdeckatbwvo]+$/);
      }
    }
  }
});

test("who sleeps has closed eyes where the open ones were", () => {
  for (const archetype of ["villager", "gardener", "fisher"]) {
    expect(upperRows(archetype, "front")[CLOSED_EYES.row]).toContain("e");
  }
  expect(CLOSED_EYES.pixels).toHaveLength(FIGURE_WIDTH);
  expect(CLOSED_EYES.pixels).not.toContain("e");
});
