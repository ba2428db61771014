// Whether whoever looks wants it dark: what is drawn, and not styled, has to know.
import { type ReadonlySignal, signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");
const current = signal(query.matches);

query.addEventListener("change", () => {
  current.value = query.matches;
});

export const isDark: ReadonlySignal<boolean> = current;
