// What the panels are told, and when.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type GroundItem, NOTHING_SEEN, type Person, type Sight } from "./sight.ts";
import { BAG_SLOTS, NEIGHBOURS_MAX, reachableFrom, NOTICE_READ_MS, WorldSignals } from "./signals.ts";

const HERE = { x: 10, y: 10 };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function items(...places: readonly (readonly [id: bigint, x: number, y: number])[]): Sight {
  const ground = places.map(([id, x, y]): [bigint, GroundItem] => [
    id,
    { id, item: { kind: 1, count: 1 }, position: { tile: { x, y }, facing: 4 } },
  ]);
  return { ...NOTHING_SEEN, items: new Map(ground) };
}

function people(...tiles: readonly (readonly [id: bigint, x: number])[]): Sight {
  const all = tiles.map(([id, x]): [bigint, Person] => [
    id,
    { id, name: `P${id}`, archetype: "fisher", position: { tile: { x, y: 10 }, facing: 4 }, isAsleep: false },
  ]);
  return { ...NOTHING_SEEN, people: new Map(all), vitals: { health: 70, energy: 60 } };
}

test("what is within one step can be reached, nearest first, and not what is asked for already", () => {
  const seen = items([1n, 12, 10], [2n, 11, 11], [3n, 10, 9], [4n, 10, 10], [5n, 9, 10]);
  const reach = (wanted: bigint): bigint[] => reachableFrom(seen, (id) => id === wanted, HERE).map(({ id }) => id);
  expect(reach(0n)).toEqual([4n, 3n, 5n, 2n]);
  expect(reach(3n)).toEqual([4n, 5n, 2n]);
});

test("a signal changes only where something has", () => {
  const signals = new WorldSignals();
  const seen = people([1n, 10], [2n, 13]);
  signals.see(seen, 1n, () => false, HERE);
  const before = [signals.me.value, signals.bag.value, signals.neighbours.value];
  signals.see(people([1n, 10], [2n, 13]), 1n, () => false, HERE);
  expect([signals.me.value, signals.bag.value, signals.neighbours.value].every((value, place) => value === before[place])).toBe(true);
  signals.see(people([1n, 10], [2n, 14]), 1n, () => false, HERE);
  expect(signals.me.value).toBe(before[0]);
  expect(signals.neighbours.value).toMatchObject([{ id: 2n, steps: 4 }]);
});

test("neighbours are the nearest ones, and never oneself; the bag has all its places", () => {
  const signals = new WorldSignals();
  const crowd = Array.from({ length: 60 }, (_, place): [bigint, number] => [BigInt(place + 1), 100 - place]);
  signals.see(people(...crowd), 60n, () => false, { x: 41, y: 10 });
  expect(signals.neighbours.value).toHaveLength(NEIGHBOURS_MAX);
  expect(signals.neighbours.value[0]).toMatchObject({ id: 59n, steps: 1 });
  expect(signals.me.value).toMatchObject({ id: 60n, health: 70, energy: 60 });
  expect(signals.bag.value.map(({ slot }) => slot)).toEqual(Array.from({ length: BAG_SLOTS }, (_, slot) => slot));
});

test("the time until the next try counts down by the second", () => {
  const signals = new WorldSignals();
  const nextTryAt = performance.now() + 2_500;
  signals.setConnection({ name: "RECONNECTING", nextTryAt, isOver: false, code: null });
  expect(signals.retryInMs.value).toBe(3_000);
  vi.advanceTimersByTime(1_000);
  expect(signals.retryInMs.value).toBe(2_000);
  signals.setConnection({ name: "PLAYING", nextTryAt: null, isOver: false, code: null });
  expect(signals.retryInMs.value).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});

test("a notice passes, and a second one has its own time", () => {
  const signals = new WorldSignals();
  signals.say("One.");
  vi.advanceTimersByTime(3_000);
  signals.say("Two.");
  vi.advanceTimersByTime(4_000);
  expect(signals.notice.value?.sentence).toBe("Two.");
  vi.advanceTimersByTime(2_000);
  expect(signals.notice.value).toBeNull();
});

test("a notice passes with the next thing that is done, but not before it could be read", () => {
  const signals = new WorldSignals();
  signals.say("Nobody can stand there.");
  signals.passNotice();
  vi.advanceTimersByTime(NOTICE_READ_MS - 100);
  expect(signals.notice.value).not.toBeNull();
  signals.passNotice();
  vi.advanceTimersByTime(100);
  expect(signals.notice.value).toBeNull();
  signals.passNotice();
  expect(signals.notice.value).toBeNull();
});
