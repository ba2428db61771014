// The welcome page's picture.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { WELCOME_WORDS } from "../strings/page.ts";
import { paintScene, SCENE_HEIGHT, SCENE_WIDTH } from "./pictures/scene.ts";

export function Scene(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paintScene(context);
  }, []);
  return (
    <canvas ref={canvas} class="scene" width={SCENE_WIDTH} height={SCENE_HEIGHT} role="img" aria-label={WELCOME_WORDS.picture} />
  );
}
