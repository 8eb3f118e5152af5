// Records that processes share: sealed, readable after a change of secrets, written over any earlier value.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSharedRecords, type SharedRecords } from '../../src/store/shared-records.ts';
import { createDumpedStore, type Dumped, leaks, testStorage } from './support.ts';

const [old, current] = ['the secret of before, long enough', 'the secret of now, as long as that'];

function open(store: Dumped, ...secrets: string[]): SharedRecords {
  return createSharedRecords('test', testStorage(store.keyValue, store.clock, secrets));
}

describe('a shared record', () => {
  test('is readable with the secret, until it expires', async () => {
    const store = createDumpedStore();
    await open(store, current).write('name', { any: ['value'] }, 1000);
    expect(await open(store, current).read('name', z.unknown())).toEqual({ any: ['value'] });
    expect(await open(store, current).read('other', z.unknown())).toBeUndefined();
    expect(await open(store, old).read('name', z.unknown())).toBeUndefined();
    store.clock.advance(1000);
    expect(await open(store, current).read('name', z.unknown())).toBeUndefined();
  });

  test('is written over', async () => {
    const records = open(createDumpedStore(), current);
    for (const value of [1, 2, 3]) await records.write('name', value, 1000);
    expect(await records.read('name', z.unknown())).toBe(3);
  });

  test('written by many at once is one of theirs', async () => {
    const records = open(createDumpedStore(), current);
    await Promise.all([1, 2, 3, 4].map((value) => records.write('name', value, 1000)));
    expect([1, 2, 3, 4]).toContain(await records.read('name', z.unknown()));
  });

  test('of a former secret is read until the new one has written its own', async () => {
    const store = createDumpedStore();
    await open(store, old).write('name', 'before', 1000);
    const both = open(store, current, old);
    expect(await both.read('name', z.unknown())).toBe('before');
    await both.write('name', 'now', 1000);
    expect(await both.read('name', z.unknown())).toBe('now');
    expect(await open(store, current).read('name', z.unknown())).toBe('now');
  });

  test('shows neither name nor value nor secret in the store, and cannot be put under another name', async () => {
    const store = createDumpedStore();
    const records = open(store, current);
    await records.write('a-telling-name', 'a-telling-value', 1000);
    await records.write('second', 'another', 1000);
    const [first, second] = await store.dump();
    expect(leaks(await store.dump(), ['a-telling-name', 'a-telling-value', current])).toEqual([]);
    await store.plant(second![0], first![1]);
    expect(await records.read('second', z.unknown())).toBeUndefined();
  });
});
