import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createOneTimeStore } from '../../src/store/one-time.ts';
import { createDumpedStore, leaks, testStorage } from './support.ts';

const secret = 'browser-secret-of-43-characters.relay-state-of-43';
const pending = { idp: 'adfs', requestId: '_0123456789abcdef', returnTo: '/console?role=payments-dev/Developer' };

const shape = z.object({ idp: z.string(), requestId: z.string(), returnTo: z.string() });

function create(purpose = 'login') {
  const dumped = createDumpedStore();
  return { ...dumped, store: createOneTimeStore(purpose, shape, testStorage(dumped.keyValue, dumped.clock)) };
}

describe('a pending login', () => {
  test('can be looked at any number of times and taken once', async () => {
    const { store } = create();
    await store.put(secret, pending, 60_000);
    expect(await store.peek(secret)).toEqual(pending);
    expect(await store.peek(secret)).toEqual(pending);
    expect(await store.take(secret)).toEqual(pending);
    expect(await store.take(secret)).toBeUndefined();
    expect(await store.peek(secret)).toBeUndefined();
  });

  test('goes to one of 50 who take it at once', async () => {
    const { store } = create();
    await store.put(secret, pending, 60_000);
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.take(secret)));
    expect(taken.filter((one) => one !== undefined)).toEqual([pending]);
  });

  test('ends with its time', async () => {
    const { store, clock } = create();
    await store.put(secret, pending, 60_000);
    clock.advance(60_000);
    expect(await store.take(secret)).toBeUndefined();
  });

  test('cannot be found with another secret', async () => {
    const { store } = create();
    await store.put(secret, pending, 60_000);
    for (const other of ['', `${secret} `, secret.toUpperCase()]) expect(await store.peek(other)).toBeUndefined();
  });

  test('a dump holds neither the secret nor anything of the value', async () => {
    const { store, dump } = create();
    await store.put(secret, pending, 60_000);
    const stored = await dump();
    expect(stored).toHaveLength(1);
    expect(leaks(stored, [secret, ...secret.split('.'), ...Object.values(pending)])).toEqual([]);
  });

  test('of another shape is not returned: it is from another version of the broker', async () => {
    const { store, keyValue, clock } = create();
    const other = createOneTimeStore('login', shape.partial(), testStorage(keyValue, clock));
    await other.put(secret, { idp: 'adfs' }, 60_000);
    expect(await other.peek(secret)).toEqual({ idp: 'adfs' });
    expect(await store.peek(secret)).toBeUndefined();
    expect(await store.take(secret)).toBeUndefined();
  });

  test('a record that an attacker moved under another key does not open', async () => {
    const { store, dump, plant } = create();
    await store.put(secret, pending, 60_000);
    await store.put('another secret', { ...pending, idp: 'other' }, 60_000);
    const [[mine], [, theirs]] = (await dump()) as [[string, Buffer], [string, Buffer]];
    await plant(mine, theirs);
    expect(await store.peek(secret)).toBeUndefined();
    expect(await store.take(secret)).toBeUndefined();
  });
});

describe('the id of an assertion', () => {
  const id = JSON.stringify(['http://adfs.corp.example/adfs/services/trust', '_id-of-the-assertion']);

  test('is claimed once, also by 50 at a time', async () => {
    const { store } = create('assertion');
    const won = await Promise.all(Array.from({ length: 50 }, () => store.claim(id, 60_000)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.claim(id, 60_000)).toBe(false);
    expect(await store.claim(`${id} `, 60_000)).toBe(true);
  });

  test('stays claimed for as long as the assertion could be shown again, and no longer', async () => {
    const { store, clock } = create('assertion');
    await store.claim(id, 60_000);
    clock.advance(59_999);
    expect(await store.claim(id, 60_000)).toBe(false);
    clock.advance(1);
    expect(await store.claim(id, 60_000)).toBe(true);
  });

  test('is claimed before a value is taken, which who claims second leaves', async () => {
    const { store, keyValue, clock } = create('assertion');
    const logins = createOneTimeStore('login', shape, testStorage(keyValue, clock));
    await logins.put(secret, pending, 60_000);
    await store.claim(id, 60_000);
    expect(await logins.takeAfter(store.markOf(id, 60_000), secret)).toBe('used');
    expect(await logins.peek(secret)).toEqual(pending);
    expect(await logins.takeAfter(store.markOf('another', 60_000), secret)).toBe('taken');
    expect(await logins.peek(secret)).toBeUndefined();
    expect(await store.claim('another', 60_000)).toBe(false);
    expect(await logins.takeAfter(store.markOf('a third', 60_000), secret)).toBe('gone');
  });

  test('is not in a dump', async () => {
    const { store, dump } = create('assertion');
    await store.claim(id, 60_000);
    expect(leaks(await dump(), [id, '_id-of-the-assertion', 'adfs.corp.example'])).toEqual([]);
  });
});
