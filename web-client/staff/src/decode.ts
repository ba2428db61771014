// Makes a histogram of what the server sends: base64 of HdrHistogram's V2 encoding, deflated. Numbers are big endian, and
// each count is a zig-zag LEB128 varint of at most nine bytes, in which a negative one stands for that many empty cells.
import { Histogram } from "./histogram.ts";
import { cellCountOf, type Layout } from "./layout.ts";

/** What each encoding begins with; four bits of it tell how wide a count is, which is always the same in V2. */
const DEFLATED_COOKIE = 0x1c849304;
const COOKIE = 0x1c849303;
const COOKIE_MASK = ~0xf0;

/** Cookie and length, in bytes. */
const OUTER_HEADER_BYTES = 8;
/** Cookie, length, offset, digits, lowest, highest, and the ratio of a double's. */
const HEADER_BYTES = 40;
const VARINT_BYTES_MAX = 9;

/** That what was sent is no histogram, and why. */
export class NoHistogram extends Error {
  override readonly name = "NoHistogram";
}

/** The histogram that this text says. Fails with `NoHistogram` where it says none. */
export async function decode(base64: string): Promise<Histogram> {
  const bytes = bytesOf(base64);
  const length = readHeader(bytes, DEFLATED_COOKIE, OUTER_HEADER_BYTES);
  const inner = await inflate(bytes.subarray(OUTER_HEADER_BYTES, OUTER_HEADER_BYTES + length));
  const payload = inner.subarray(HEADER_BYTES, HEADER_BYTES + readHeader(inner, COOKIE, HEADER_BYTES));
  return readCounts(readLayout(inner), payload);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new NoHistogram("it is not base64");
  }
}

/** Written into by hand: with a Blob to stream from, the first fifteen minutes of histograms took four times as long. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { writable, readable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  // What goes wrong in writing is found in reading too, and told there.
  Promise.all([writer.write(bytes), writer.close()]).catch(() => {});
  try {
    return new Uint8Array(await new Response(readable).arrayBuffer());
  } catch {
    throw new NoHistogram("it cannot be inflated");
  }
}

/** How many bytes follow this header. */
function readHeader(bytes: Uint8Array, cookie: number, headerBytes: number): number {
  if (bytes.length < headerBytes) throw new NoHistogram("it ends within its header");
  const view = viewOf(bytes);
  if ((view.getUint32(0) & COOKIE_MASK) !== cookie) throw new NoHistogram("it does not begin like one");
  const length = view.getUint32(4);
  if (bytes.length - headerBytes !== length) throw new NoHistogram("it has another length than it says");
  return length;
}

/** What is left out, the offset and the ratio, is of no use for whole numbers, and encoders differ about it. */
function readLayout(bytes: Uint8Array): Layout {
  const view = viewOf(bytes);
  const layout = { digits: view.getUint32(12), lowest: Number(view.getBigInt64(16)), highest: Number(view.getBigInt64(24)) };
  const isSound = layout.digits <= 5 && layout.lowest >= 1 && layout.highest >= 2 * layout.lowest && Number.isSafeInteger(layout.highest);
  if (!isSound) throw new NoHistogram("its bounds make no sense");
  return layout;
}

function readCounts(layout: Layout, payload: Uint8Array): Histogram {
  const cellCount = cellCountOf(layout);
  const cells: number[] = [];
  const counts: number[] = [];
  let cell = 0;
  for (let at = 0; at < payload.length; ) {
    const { number, next } = readVarint(payload, at);
    at = next;
    if (number > 0) {
      cells.push(cell);
      counts.push(number);
    }
    cell += number < 0 ? -number : 1;
    if (cell > cellCount) throw new NoHistogram("it counts beyond its highest value");
  }
  return new Histogram(layout, Uint32Array.from(cells), Float64Array.from(counts));
}

function readVarint(bytes: Uint8Array, start: number): { readonly number: number; readonly next: number } {
  let zigZag = 0;
  let place = 0;
  for (let isLast = false; !isLast; place += 1) {
    const byte = bytes[start + place];
    if (byte === undefined) throw new NoHistogram("it ends within a count");
    // The ninth byte has no bit that says whether there are more. Sums instead of shifts: these are no 32-bit numbers.
    const isNinth = place === VARINT_BYTES_MAX - 1;
    zigZag += (isNinth ? byte : byte & 0x7f) * 128 ** place;
    isLast = isNinth || byte < 0x80;
  }
  if (!Number.isSafeInteger(zigZag)) throw new NoHistogram("a count is too large");
  return { number: zigZag % 2 === 0 ? zigZag / 2 : -(zigZag + 1) / 2, next: start + place };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
