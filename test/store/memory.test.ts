import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createTestClock } from '../support/clock.ts';
import { keyValueConformance } from './conformance.ts';

keyValueConformance('memory', async () => {
  const clock = createTestClock();
  return { keyValue: createMemoryStore(clock), advance: async (ms) => clock.advance(ms) };
});

const value = Buffer.from('value');

describe('a full memory store', () => {
  async function full() {
    const clock = createTestClock();
    const store = createMemoryStore(clock, 3);
    for (const key of ['one', 'two', 'three']) await store.create(key, value, key === 'one' ? 1000 : 60_000);
    return { clock, store };
  }

  test('refuses a new key and evicts nothing', async () => {
    const { store } = await full();
    await expect(store.create('four', value, 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
    for (const key of ['one', 'two', 'three']) expect(await store.read(key)).toEqual(value);
    expect(await store.read('four')).toBeUndefined();
  });

  test('still overwrites existing keys', async () => {
    const { store } = await full();
    expect(await store.replace('two', Buffer.from('new'), 60_000)).toBe(true);
    expect(await store.read('two')).toEqual(Buffer.from('new'));
  });

  test('sweeps what has expired to make room', async () => {
    const { clock, store } = await full();
    clock.advance(1000);
    expect(await store.create('four', value, 60_000)).toBe(true);
    await expect(store.create('five', value, 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.read('one')).toBeUndefined();
    expect(await store.read('two')).toEqual(value);
  });

  test('counts the members of indexes, and sweeps those that have ended', async () => {
    const { clock, store } = await full();
    await expect(store.addToIndex('index', 'member', 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.readIndex('index')).toEqual([]);
    clock.advance(1000);
    await store.addToIndex('index', 'member', 1000);
    await expect(store.create('four', value, 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
    clock.advance(1000);
    expect(await store.create('four', value, 60_000)).toBe(true);
    expect(await store.readIndex('index')).toEqual([]);
  });

  test('has room again after a take and a remove', async () => {
    const { store } = await full();
    await store.take('one');
    await store.remove('two');
    expect(await store.create('four', value, 60_000)).toBe(true);
    expect(await store.create('five', value, 60_000)).toBe(true);
  });
});
