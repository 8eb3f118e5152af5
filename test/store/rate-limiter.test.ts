import { expect, test } from 'vitest';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createRateLimiter } from '../../src/store/rate-limiter.ts';
import { createTestClock } from '../support/clock.ts';

const start = new Date('2026-03-02T09:00:00.000Z');

/** As many processes as wanted over one store. */
function processes(count: number, limit = { perMinute: 10, burst: 20 }, change: Partial<KeyValue> = {}) {
  const clock = createTestClock(start);
  const keyValue = { ...createMemoryStore(clock), ...change };
  const limiters = Array.from({ length: count }, () => createRateLimiter('test', limit, { keyValue, clock }));
  return { clock, limiters, limiter: limiters[0]! };
}

test('a subject spends its burst at once, waits for the next window, and others are not affected', async () => {
  const { clock, limiter } = processes(1);
  expect(await limiter.take('one', 15)).toBeUndefined();
  expect(await limiter.take('one', 5)).toBeUndefined();
  clock.advance(30_000);
  expect(await limiter.take('one', 1)).toBe(90_000);
  expect(await limiter.take('two', 20)).toBeUndefined();
  clock.advance(90_000);
  expect(await limiter.take('one', 20)).toBeUndefined();
});

test('a returned token can be spent again', async () => {
  const { limiter } = processes(1);
  for (let round = 0; round < 10; round++) {
    expect(await limiter.take('one', 20)).toBeUndefined();
    await limiter.giveBack('one', 20);
  }
});

test('no limit for 0 per minute', async () => {
  const { limiter } = processes(1, { perMinute: 0, burst: 1 });
  for (let round = 0; round < 10; round++) expect(await limiter.take('one', 1000)).toBeUndefined();
});

test('processes share a limit once they have exchanged', async () => {
  const { limiters, clock } = processes(3);
  for (const limiter of limiters) expect(await limiter.take('one', 8)).toBeUndefined();
  for (const limiter of [...limiters, ...limiters]) await limiter.exchange();
  // Who told the store before the others learns of them with its next admission.
  const waits = await Promise.all(limiters.map((limiter) => limiter.take('one', 1)));
  expect(waits.filter((wait) => wait === undefined).length).toBeLessThan(3);
  for (const limiter of limiters) await limiter.exchange();
  for (const limiter of limiters) expect(await limiter.take('one', 1)).toBe(120_000);
  clock.advance(120_000);
  for (const limiter of limiters) expect(await limiter.take('one', 6)).toBeUndefined();
});

test('small spenders cost no command, and large ones one each', async () => {
  const counted: number[] = [];
  const { limiter } = processes(
    1,
    { perMinute: 100, burst: 100 },
    {
      count: async (_key, _ttlMs, by = 1) => {
        counted.push(by);
        return by;
      },
    },
  );
  for (let index = 0; index < 500; index++) await limiter.take(`small ${index}`, 9);
  await limiter.take('large', 60);
  await limiter.exchange();
  await limiter.exchange();
  expect(counted).toEqual([60]);
});

test('a store that is away leaves each process its own count', async () => {
  const down = { count: () => Promise.reject(new Error('down')) };
  const { limiter } = processes(1, { perMinute: 10, burst: 20 }, down);
  expect(await limiter.take('one', 20)).toBeUndefined();
  await limiter.exchange();
  expect(await limiter.take('one', 1)).toBe(120_000);
});

test('however many subjects come, memory is bounded: the one longest unused is forgotten', async () => {
  const { limiter } = processes(1, { perMinute: 1, burst: 1 });
  expect([await limiter.take('first', 1), await limiter.take('first', 1)]).toEqual([undefined, 60_000]);
  for (let index = 1; index < 10_000; index++) await limiter.take(`a${index}`, 1);
  expect(await limiter.take('first', 1)).toBe(60_000);
  for (let index = 0; index < 10_000; index++) await limiter.take(`b${index}`, 1);
  expect(await limiter.take('first', 1)).toBeUndefined();
});
