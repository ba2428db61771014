// How much of the window is really seen: on a phone the keyboard lies over the rest. The style sheet takes it from a
// property of the page's root.

export function followViewHeight(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const follow = (): void => {
    document.documentElement.style.setProperty("--seen-height", `${viewport.height}px`);
    // Some browsers scroll the page to what is typed into; everything is in view already.
    if (viewport.scale === 1) scrollTo(0, 0);
  };
  viewport.addEventListener("resize", follow);
  follow();
}
