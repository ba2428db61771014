// How fast a client reads the world: prints megabytes a second for whole snapshots, with and without their parts.
// `npm run bench` in this folder. A snapshot is a full view of the village: 25 chunks with what lies and stands in them.
import {
  type ChunkWrite,
  decodeServerMessage,
  decodeVillagePart,
  encodeServerMessage,
  encodeVillagePart,
  type EntityWrite,
  type VillagePart,
} from "../src/index.ts";

const ROUNDS = 15;
const ROUND_MS = 200;

// The same world each time: a small linear congruential generator.
let state = 812;
function upTo(bound: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state % bound;
}

const NAMES = ["Ada", "Berta", "Charlotte", "Dorothea", "Zoë", "Iwan", "Kunigunde"];
const WORDS = ["Hello there!", "Grüße ☃", "Has anybody seen the gardener today?", "ok", "🎮 follow me to the beach"];

function pick(list: readonly string[]): string {
  return list[upTo(list.length)] ?? "";
}

function entity(id: number, parts: readonly VillagePart[]): EntityWrite {
  return { id: BigInt(id), whole: true, parts: parts.map(encodeVillagePart) };
}

function position(chunk: number): VillagePart {
  const tile = { x: (chunk % 16) * 16 + upTo(16), y: Math.floor(chunk / 16) * 16 + upTo(16) };
  return { type: "position", value: { tile, facing: upTo(8) } };
}

function chunkOf(number: number): ChunkWrite {
  const entities: EntityWrite[] = [];
  for (let item = 0; item < 12; item += 1) {
    const berries: VillagePart = { type: "item", value: { kind: 1, count: 1 + upTo(20) } };
    entities.push(entity(20_000 + 2 * upTo(100_000), [position(number), berries]));
  }
  for (let character = 0; character < 8; character += 1) {
    const looks: VillagePart = { type: "looks", value: { name: pick(NAMES), archetype: "villager" } };
    entities.push(entity(1 + 2 * upTo(100_000), [position(number), looks]));
  }
  for (let utterance = 0; utterance < 4; utterance += 1) {
    const speaker = BigInt(1 + 2 * upTo(100_000));
    const value = { speaker, name: pick(NAMES), text: pick(WORDS), saidAt: 1_000_000n + BigInt(upTo(600)) };
    entities.push(entity(300_000 + 2 * upTo(100_000), [position(number), { type: "utterance", value }]));
  }
  return { chunk: BigInt(Math.floor(number / 16) * 65_536 + (number % 16)), entities };
}

const chunks = Array.from({ length: 25 }, (_, index) => chunkOf(Math.floor(index / 5) * 16 + (index % 5)));
const snapshot = encodeServerMessage({
  type: "frame",
  value: {
    from: null,
    verdicts: [],
    replies: [],
    lost: [],
    rosters: chunks.map(({ chunk, entities }) => ({ chunk, ids: entities.map(({ id }) => id) })),
    chunks,
    own: { roster: [], entities: [] },
    hashes: chunks.map(({ chunk }) => ({ chunk, hash: upTo(2 ** 32) })),
    token: { tick: 1_000_600n, center: 131_074n },
  },
});

/** Counts entities, so that nothing that was read can be left out. */
function readFrame(): number {
  const message = decodeServerMessage(snapshot);
  if (message.type !== "frame") return 0;
  let count = 0;
  for (const chunk of message.value.chunks) count += chunk.entities.length;
  return count;
}

function readParts(): number {
  const message = decodeServerMessage(snapshot);
  if (message.type !== "frame") return 0;
  let count = 0;
  for (const chunk of message.value.chunks) {
    for (const { parts } of chunk.entities) {
      for (const part of parts) if (decodeVillagePart(part.tag, part.body).value !== undefined) count += 1;
    }
  }
  return count;
}

/** The median of many rounds, and the best: on a machine that does other work as well, the two differ. */
function megabytesPerSecond(read: () => number): string {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    let count = 0;
    let elapsed = 0;
    while (elapsed < ROUND_MS) {
      for (let turn = 0; turn < 20; turn += 1) {
        if (read() === 0) throw new Error("the snapshot is empty");
        count += 1;
      }
      elapsed = performance.now() - start;
    }
    rates.push((count * snapshot.length) / elapsed / 1_000);
  }
  rates.sort((a, b) => a - b);
  const [median, best] = [rates[Math.floor(ROUNDS / 2)] ?? 0, rates.at(-1) ?? 0];
  return `${median.toFixed(0)} MB/s (median of ${ROUNDS}, best ${best.toFixed(0)})`;
}

const entityCount = readFrame();
console.log(`snapshot: ${snapshot.length} bytes, ${entityCount} entities in ${chunks.length} chunks`);
console.log(`frame alone:     ${megabytesPerSecond(readFrame)}`);
console.log(`with its parts:  ${megabytesPerSecond(readParts)}`);
