// The welcome page's picture.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { paintScene, SCENE_HEIGHT, SCENE_WIDTH } from "./pictures/scene.ts";

export function Scene(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paintScene(context);
  }, []);
  return (
    <canvas ref={canvas} class="scene" width={SCENE_WIDTH} height={SCENE_HEIGHT} role="img" aria-label="A house, trees and a beach; people talk beside berry bushes.">
      A village.
    </canvas>
  );
}
