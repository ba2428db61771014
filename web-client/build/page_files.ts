// What stands beside a built page: each compressible file once more as .br and .gz, so that a server only has to pick
// one, and page.json, which says of which build the page is.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Files of these kinds become smaller; pictures and the like are compressed already. */
const COMPRESSIBLE = /\.(?:html|js|css|svg|json)$/;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** The build id that the environment names; null where it names none: it is 32 hexadecimal digits. */
export function buildIdOf(text: string | undefined): string | null {
  return text !== undefined && /^[\da-f]{32}$/.test(text) ? text : null;
}

/** Writes what stands beside the files of a built page in this folder. */
export async function completePage(folder: string, buildId: string): Promise<void> {
  await writeFile(join(folder, "page.json"), `${JSON.stringify({ build: buildId })}\n`);
  const paths = await readdir(folder, { recursive: true });
  const compressible = paths.filter((path) => COMPRESSIBLE.test(path) && path !== "page.json");
  await Promise.all(compressible.map((path) => compress(join(folder, path))));
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await Promise.all([
    brotli(bytes, { params }).then((small) => writeFile(`${path}.br`, small)),
    gzipped(bytes, { level: 9 }).then((small) => writeFile(`${path}.gz`, small)),
  ]);
}
