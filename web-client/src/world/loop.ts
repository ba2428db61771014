// The heartbeat of what is seen: a call for each frame of the screen, none while nobody looks.

/** The longest time that a frame stands for: after a pause things go on, they do not leap. */
const FRAME_MS_MAX = 100;

/** Calls `frame` for each frame until the returned function is called. */
export function runFrames(page: Document, frame: (now: number, ms: number) => void): () => void {
  let request: number | null = null;
  let last = performance.now();
  const next = (): void => {
    request = requestAnimationFrame(() => {
      const now = performance.now();
      const ms = Math.min(Math.max(now - last, 0), FRAME_MS_MAX);
      last = now;
      next();
      frame(now, ms);
    });
  };
  const stop = (): void => {
    if (request !== null) cancelAnimationFrame(request);
    request = null;
  };
  const look = (): void => {
    stop();
    if (page.visibilityState !== "visible") return;
    last = performance.now();
    next();
  };
  page.addEventListener("visibilitychange", look);
  look();
  return () => {
    page.removeEventListener("visibilitychange", look);
    stop();
  };
}
