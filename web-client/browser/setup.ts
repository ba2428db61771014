// Before all browser tests: both pages are built.
import { buildPage } from "./pages.ts";

export default function setup(): void {
  buildPage("village");
  buildPage("village-next");
}
