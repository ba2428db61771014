// The place of the village on the canvas, until it is here.
import type { Play } from "../playing.ts";

export const play: Play = () => {
  throw new Error("there is no village here yet");
};
