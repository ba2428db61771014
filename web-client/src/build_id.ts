// Of which build this page is.
import { fromHex } from "@holdfast/client";

/** Put in by the build: 32 hexadecimal digits. */
// oxlint-disable-next-line no-underscore-dangle -- the builder replaces this name, so nothing else may ever have it.
declare const __BUILD_ID__: string;

/** The build, as JSON says it. */
export const BUILD_ID: string = __BUILD_ID__; // oxlint-disable-line no-underscore-dangle -- as above.

/** The build, as the socket's first message says it: 16 bytes. */
export function buildBytes(): Uint8Array {
  const bytes = fromHex(BUILD_ID);
  if (bytes === null) throw new Error("this page was built without a build id");
  return bytes;
}
