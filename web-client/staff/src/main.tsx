// Where the operators' page begins: asks the server that it came from, and shows what it says.
import { render } from "preact";

import { Feed } from "./feed.ts";
import { Page } from "./page.tsx";
import { askReading } from "./reading.ts";

const root = document.querySelector("#page");
if (root === null) throw new Error("the page has no place for what it shows");

const feed = new Feed({ ask: askReading, now: () => Date.now() });
void feed.start();
render(<Page heard={feed.heard} />, root);
