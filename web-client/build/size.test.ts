import { describe, expect, it } from "vitest";

import { buildIdOf } from "./page_files.ts";
import { filesNamedBy, FIRST_LOAD_BYTES_MAX, judge } from "./size.ts";

describe("the size of a first load", () => {
  it("counts every file that the page names, once", () => {
    const html = `<link rel="preload" href="/api/world"><script src="/assets/a-1.js"></script>
      <link rel="modulepreload" href="/assets/b-2.js"><link rel="stylesheet" href="/assets/c-3.css">
      <link rel="modulepreload" href="/assets/b-2.js">`;
    expect(filesNamedBy(html)).toEqual(["assets/a-1.js", "assets/b-2.js", "assets/c-3.css"]);
  });

  it("is within the budget up to its last byte", () => {
    expect(judge([{ name: "a", bytes: FIRST_LOAD_BYTES_MAX }]).isWithin).toBe(true);
    const over = judge([{ name: "a", bytes: FIRST_LOAD_BYTES_MAX }, { name: "b", bytes: 1 }]);
    expect(over.isWithin).toBe(false);
    expect(over.table).toContain(String(FIRST_LOAD_BYTES_MAX + 1));
  });
});

describe("the build id of a page", () => {
  it("is 32 hexadecimal digits", () => {
    expect(buildIdOf("0123456789abcdef0123456789abcdef")).toBe("0123456789abcdef0123456789abcdef");
  });

  it.each([undefined, "", "0123", "0123456789ABCDEF0123456789ABCDEF"])("is none where it is %j", (text) => {
    expect(buildIdOf(text)).toBeNull();
  });
});
