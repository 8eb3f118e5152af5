import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/random.ts';
import { createHashedIndex } from '../../src/store/hashed-index.ts';
import { createSealer } from '../../src/store/sealing.ts';
import { createDumpedStore, leaks } from './support.ts';

const hour = 3_600_000;
const secret = 'a secret that has at least 32 characters';
const values = (entries: readonly { value: string }[]) => entries.map(({ value }) => value).sort();

describe('an index of hashes', () => {
  test('finds by subject, and by subject and label', async () => {
    const index = createHashedIndex('sessions', createDumpedStore().keyValue, createSealer([secret], systemRandom));
    await index.add('alice', { label: 'one', value: 'a1' }, hour);
    await index.add('alice', { label: 'two', value: 'a2' }, hour);
    await index.add('alice', { label: '', value: 'a3' }, hour);
    await index.add('bob', { label: 'one', value: 'b1' }, hour);
    expect(values(await index.find('alice', undefined))).toEqual(['a1', 'a2', 'a3']);
    expect(values(await index.find('alice', ['one', '']))).toEqual(['a1', 'a3']);
    expect(values(await index.find('alice', ['three']))).toEqual([]);
    expect(values(await index.find('alice', []))).toEqual([]);
    expect(values(await index.find('carol', undefined))).toEqual([]);
  });

  test('forgets removed and expired entries', async () => {
    const { keyValue, clock } = createDumpedStore();
    const index = createHashedIndex('sessions', keyValue, createSealer([secret], systemRandom));
    await index.add('alice', { label: 'one', value: 'long' }, 2 * hour);
    await index.add('alice', { label: 'one', value: 'short' }, hour);
    await index.add('alice', { label: 'one', value: 'removed' }, 2 * hour);
    for (const entry of await index.find('alice', ['one'])) if (entry.value === 'removed') await index.remove(entry);
    expect(values(await index.find('alice', ['one']))).toEqual(['long', 'short']);
    clock.advance(hour);
    expect(values(await index.find('alice', ['one']))).toEqual(['long']);
  });

  test('still finds what an earlier secret wrote, and removes it', async () => {
    const { keyValue } = createDumpedStore();
    const before = createHashedIndex('sessions', keyValue, createSealer([secret], systemRandom));
    await before.add('alice', { label: 'one', value: 'old' }, hour);
    const after = createHashedIndex(
      'sessions',
      keyValue,
      createSealer(['another secret with at least 32 characters', secret], systemRandom),
    );
    await after.add('alice', { label: 'one', value: 'new' }, hour);
    const found = await after.find('alice', ['one']);
    expect(values(found)).toEqual(['new', 'old']);
    for (const entry of found) await after.remove(entry);
    expect(await after.find('alice', undefined)).toEqual([]);
  });

  test('shows a thief of the database neither names nor labels, nor that two are the same', async () => {
    const { keyValue, dump } = createDumpedStore();
    await createHashedIndex('sessions', keyValue, createSealer([secret], systemRandom)).add(
      'alice',
      { label: 'index-7', value: 'v' },
      hour,
    );
    await createHashedIndex('sessions', keyValue, createSealer([secret], systemRandom)).add(
      'bob',
      { label: 'index-7', value: 'v' },
      hour,
    );
    await createHashedIndex('others', keyValue, createSealer([secret], systemRandom)).add(
      'alice',
      { label: 'index-7', value: 'v' },
      hour,
    );
    const dumped = await dump();
    expect(leaks(dumped, ['alice', 'bob', 'index-7', secret])).toEqual([]);
    expect(new Set(dumped.map(([key]) => key.split(':')[1])).size).toBe(3);
    expect(new Set(dumped.map(([, member]) => member.toString())).size).toBe(3);
    const guess = createHashedIndex(
      'sessions',
      keyValue,
      createSealer(['the wrong secret of at least 32 characters'], systemRandom),
    );
    expect(await guess.find('alice', undefined)).toEqual([]);
  });
});
