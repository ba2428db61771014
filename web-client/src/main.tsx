// Where the page begins: finds out how somebody arrives, tidies the address, and puts up the screens.
import { render } from "preact";

import { fetchWorldInfo } from "./api/world_info.ts";
import { Page } from "./page.ts";
import { Remembered } from "./remembered.ts";
import { readArrival } from "./sign_in/arrival.ts";
import { Kept } from "./storage.ts";
import { App } from "./ui/app.tsx";
import { NotSecure } from "./ui/plain.tsx";
import { followViewHeight } from "./view_height.ts";
import { WayAhead } from "./way_ahead.ts";
import { play } from "./world/play.ts";

const root = document.querySelector("#page");
if (root === null) throw new Error("the page has no place for its screens");

followViewHeight();
// A code in the address is for this moment: it must be in no history, bookmark or picture of the window.
const arrival = readArrival(location.search);
if (location.search !== "" || location.hash !== "") history.replaceState(null, "", "/");

if (window.isSecureContext) {
  const local = new Kept(() => localStorage);
  const way = new WayAhead(socketUrl(location), (url) => new WebSocket(url), () => performance.now());
  const tab = new Kept(() => sessionStorage);
  const page = new Page({
    origin: location.origin,
    goTo: (address, isReplacing) => {
      if (isReplacing) location.replace(address);
      else location.assign(address);
    },
    now: () => Date.now(),
    monotonic: () => performance.now(),
    local,
    tab,
    remembered: new Remembered(local, tab),
    askWorldInfo: fetchWorldInfo,
    way,
  });
  // Who comes back by the browser's button to a page that was put away finds it as it was left: on its way to elsewhere.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
  void page.start(arrival);
  render(<App page={page} play={play} kept={local} way={way} />, root);
} else {
  render(<NotSecure />, root);
}

function socketUrl({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws`;
}
