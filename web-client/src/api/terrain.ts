// The map, as the server serves it. It is asked for as soon as its path is known, long before it is drawn, and only once.

/** How often it is tried, and how long is waited before each further try. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000] as const;

/**
 * How long one try may take. A map is a few tens of KB; a connection that brings none of it for so long is one of those
 * that never will.
 */
const ANSWER_WAIT_MAX_MS = 20_000;

const fetched = new Map<string, Promise<ArrayBuffer>>();

/** The map at this path. It is rejected when none of six tries brought it; asking again begins anew. */
export function terrainAt(path: string): Promise<ArrayBuffer> {
  const known = fetched.get(path);
  if (known !== undefined) return known;
  const terrain = fetchPatiently(path, 0);
  fetched.set(path, terrain);
  terrain.catch(() => fetched.delete(path));
  return terrain;
}

async function fetchPatiently(path: string, tryCount: number): Promise<ArrayBuffer> {
  try {
    return await fetchOnce(path);
  } catch (error) {
    const waitMs = WAITS_MS[tryCount];
    if (waitMs === undefined) throw error;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return fetchPatiently(path, tryCount + 1);
  }
}

async function fetchOnce(path: string): Promise<ArrayBuffer> {
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort();
  }, ANSWER_WAIT_MAX_MS);
  try {
    const response = await fetch(path, { signal: patience.signal });
    if (!response.ok) throw new Error(`the map was answered with ${response.status}`);
    return await response.arrayBuffer();
  } finally {
    clearTimeout(timer);
  }
}
