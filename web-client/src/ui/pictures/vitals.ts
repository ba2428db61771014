// A heart and a flash: what the two bars beside one's name are.
import type { PixelPicture } from "./pixels.tsx";

export const HEALTH: PixelPicture = {
  colours: { r: "#c4352b", l: "#ef7a6b", k: "#7a1510" },
  rows: [".rr.rr.", "rlrrrrr", "rlrrrrr", "rrrrrrk", ".rrrrk.", "..rrk..", "...k..."],
};

export const ENERGY: PixelPicture = {
  colours: { y: "#e0a31a", k: "#8a5f10" },
  rows: ["...yyk.", "..yyk..", ".yyk...", ".yyyyk.", "...yk..", "..yk...", ".yk...."],
};
