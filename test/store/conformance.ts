// What every KeyValue has to do, run on each implementation: the broker's promises of "once" and "never again" rest on it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyValue } from '../../src/store/key-value.ts';

export interface Subject {
  readonly keyValue: KeyValue;
  /** Lets this much time pass for the store. */
  readonly advance: (ms: number) => Promise<void>;
}

const hour = 3_600_000;
/** Long enough for a slow machine to look before it is over, short enough to wait for. */
const short = 1500;
const pastShort = short + 100;

/** Registers the suite for one implementation; it closes the store at the end. */
export function keyValueConformance(name: string, make: () => Promise<Subject>): void {
  describe(`KeyValue conformance: ${name}`, () => {
    let subject: Subject;
    let count = 0;
    const freshKey = () => `key:${++count}`;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.keyValue.close());

    describe('create, replace, read and remove', () => {
      basics(() => subject.keyValue, freshKey);
    });
    describe('one winner', () => {
      races(() => subject.keyValue, freshKey);
    });
    describe('several operations', () => {
      combined(() => subject.keyValue, freshKey);
    });
    test('scan finds the keys that begin so, whatever is in the pattern of a glob', async () => {
      const { keyValue } = subject;
      const prefix = 'scan*[a]?:';
      for (const name of ['1', '2', '3']) await keyValue.create(prefix + name, Buffer.from('v'), hour);
      await keyValue.create('scanXa?:4', Buffer.from('v'), hour);
      await keyValue.remove(`${prefix}2`);
      const found = new Set<string>();
      for await (const keys of keyValue.scan(prefix)) for (const key of keys) found.add(key);
      expect([...found].sort()).toEqual([`${prefix}1`, `${prefix}3`]);
    });
    describe('time to live', () => {
      lifetimes(() => subject, freshKey);
    });
    describe('index', () => {
      indexes(() => subject, freshKey);
    });
  });
}

function basics(store: () => KeyValue, freshKey: () => string): void {
  test('write writes over what is there, and where nothing is', async () => {
    const key = freshKey();
    await store().write(key, Buffer.from('first'), hour);
    expect(String(await store().read(key))).toBe('first');
    await store().write(key, Buffer.from('second'), hour);
    expect(String(await store().read(key))).toBe('second');
  });

  test('a key that was never written is not there', async () => {
    const key = freshKey();
    expect(await store().read(key)).toBeUndefined();
    expect(await store().take(key)).toBeUndefined();
    await store().remove(key);
    await store().touch(key, hour);
    expect(await store().read(key)).toBeUndefined();
  });

  test('create writes once and never over an existing value', async () => {
    const key = freshKey();
    expect(await store().create(key, Buffer.from('first'), hour)).toBe(true);
    expect(await store().create(key, Buffer.from('second'), hour)).toBe(false);
    expect(await store().read(key)).toEqual(Buffer.from('first'));
  });

  test('replace writes over an existing value only', async () => {
    const key = freshKey();
    expect(await store().replace(key, Buffer.from('nothing to replace'), hour)).toBe(false);
    expect(await store().read(key)).toBeUndefined();
    await store().create(key, Buffer.from('first'), hour);
    expect(await store().replace(key, Buffer.from('second'), hour)).toBe(true);
    expect(await store().read(key)).toEqual(Buffer.from('second'));
  });

  test('what was removed does not come back by replace or touch', async () => {
    const key = freshKey();
    await store().create(key, Buffer.from('value'), hour);
    await store().remove(key);
    expect(await store().replace(key, Buffer.from('revived'), hour)).toBe(false);
    await store().touch(key, hour);
    expect(await store().read(key)).toBeUndefined();
    expect(await store().create(key, Buffer.from('anew'), hour)).toBe(true);
  });

  test('take reads and removes', async () => {
    const key = freshKey();
    await store().create(key, Buffer.from('value'), hour);
    expect(await store().take(key)).toEqual(Buffer.from('value'));
    expect(await store().take(key)).toBeUndefined();
    expect(await store().read(key)).toBeUndefined();
  });

  test('swap writes over exactly the bytes expected', async () => {
    const key = freshKey();
    const [first, other, second] = ['first', 'other', 'second'].map((text) => Buffer.from(text)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    expect(await store().swap(key, first, second)).toBe(false);
    await store().create(key, first, hour);
    expect(await store().swap(key, other, second)).toBe(false);
    expect(await store().read(key)).toEqual(first);
    expect(await store().swap(key, first, second)).toBe(true);
    expect(await store().swap(key, first, other)).toBe(false);
    expect(await store().read(key)).toEqual(second);
    const noise = [randomBytes(300), randomBytes(300)] as [Buffer, Buffer];
    expect(await store().swap(key, second, noise[0])).toBe(true);
    expect(await store().swap(key, noise[0], noise[1])).toBe(true);
    expect((await store().take(key))?.equals(noise[1])).toBe(true);
    expect(await store().swap(key, noise[1], first)).toBe(false);
  });

  test('keys do not touch each other', async () => {
    const [one, other] = [freshKey(), freshKey()];
    await store().create(one, Buffer.from('one'), hour);
    await store().create(other, Buffer.from('other'), hour);
    await store().remove(one);
    expect(await store().read(other)).toEqual(Buffer.from('other'));
  });

  test.each([
    ['no byte', Buffer.alloc(0)],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['broken UTF-8 and line ends', Buffer.from([0xc3, 0x28, 0x0d, 0x0a, 0x00, 0xff])],
    ['200 KB of noise', randomBytes(200_000)],
  ])('a value comes back byte for byte: %s', async (_, value) => {
    const key = freshKey();
    await store().create(key, value, hour);
    expect((await store().read(key))?.equals(value)).toBe(true);
    expect((await store().take(key))?.equals(value)).toBe(true);
  });

  test('check is content', async () => {
    await expect(store().check()).resolves.toBeUndefined();
  });
}

function combined(store: () => KeyValue, freshKey: () => string): void {
  const [mark, value] = [Buffer.from('mark'), Buffer.from('value')];

  test('createThenTake creates one key and takes another, and takes nothing where it created nothing', async () => {
    const [marked, other, taken] = [freshKey(), freshKey(), freshKey()];
    await store().create(taken, value, hour);
    await store().create(marked, mark, hour);
    const again = { key: marked, value: mark, ttlMs: hour };
    expect(await store().createThenTake(again, taken)).toEqual({ isCreated: false, taken: undefined });
    expect(await store().read(taken)).toEqual(value);
    const first = { key: other, value: mark, ttlMs: hour };
    expect(await store().createThenTake(first, taken)).toEqual({ isCreated: true, taken: value });
    expect(await store().read(taken)).toBeUndefined();
    expect(await store().create(other, mark, hour)).toBe(false);
    const late = { key: freshKey(), value: mark, ttlMs: hour };
    expect(await store().createThenTake(late, taken)).toEqual({ isCreated: true, taken: undefined });
  });

  test('of 50 concurrent createThenTake of one mark one wins, and of 50 of one value as well', async () => {
    const [marked, taken] = [freshKey(), freshKey()];
    await store().create(taken, value, hour);
    const sameMark = fifty.map(() => store().createThenTake({ key: marked, value: mark, ttlMs: hour }, freshKey()));
    expect((await Promise.all(sameMark)).filter(({ isCreated }) => isCreated)).toHaveLength(1);
    const sameValue = fifty.map(() => store().createThenTake({ key: freshKey(), value: mark, ttlMs: hour }, taken));
    expect((await Promise.all(sameValue)).filter(({ taken: found }) => found !== undefined)).toHaveLength(1);
  });

  test('count counts every one of 50 callers once', async () => {
    const key = freshKey();
    const counts = await Promise.all(fifty.map(() => store().count(key, hour)));
    expect(counts.sort((a, b) => a - b)).toEqual(fifty.map((index) => index + 1));
    expect(await store().count(freshKey(), hour)).toBe(1);
    expect(await store().count(key, hour, 7)).toBe(57);
  });

  test('inOrder takes the steps in order, and returns the results in that order', async () => {
    const key = freshKey();
    const results = await store().inOrder([
      () => store().create(key, mark, hour),
      () => store().replace(key, value, hour),
      () => store().read(key),
      () => store().remove(key),
      () => store().read(key),
    ]);
    expect(results).toEqual([true, true, value, undefined, undefined]);
  });
}

const fifty = Array.from({ length: 50 }, (_, index) => index);

function races(store: () => KeyValue, freshKey: () => string): void {
  test('of 50 concurrent takes one gets the value', async () => {
    const key = freshKey();
    await store().create(key, Buffer.from('once'), hour);
    const taken = await Promise.all(fifty.map(() => store().take(key)));
    expect(taken.filter((value) => value !== undefined)).toEqual([Buffer.from('once')]);
  });

  test('of 50 concurrent creates one writes, and its value stays', async () => {
    const key = freshKey();
    const created = await Promise.all(fifty.map((index) => store().create(key, Buffer.from(`${index}`), hour)));
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await store().read(key)).toEqual(Buffer.from(`${created.indexOf(true)}`));
  });

  test('of 50 concurrent swaps one writes, and its value stays', async () => {
    const key = freshKey();
    await store().create(key, Buffer.from('unused'), hour);
    const swap = (index: number) => store().swap(key, Buffer.from('unused'), Buffer.from(`${index}`));
    const swapped = await Promise.all(fifty.map(swap));
    expect(swapped.filter(Boolean)).toHaveLength(1);
    expect(await store().read(key)).toEqual(Buffer.from(`${swapped.indexOf(true)}`));
  });

  test('a remove among 50 concurrent replaces is final', async () => {
    const key = freshKey();
    await store().create(key, Buffer.from('value'), hour);
    const replace = (index: number) => store().replace(key, Buffer.from(`${index}`), hour);
    await Promise.all(fifty.map((index) => (index === 25 ? store().remove(key) : replace(index))));
    expect(await store().read(key)).toBeUndefined();
  });
}

function lifetimes(subject: () => Subject, freshKey: () => string): void {
  test('a value ends with its time, for every way of asking', async () => {
    const { keyValue, advance } = subject();
    const keys = Array.from({ length: 4 }, freshKey) as [string, string, string, string];
    for (const key of keys) await keyValue.create(key, Buffer.from('short'), short);
    expect(await keyValue.read(keys[0])).toEqual(Buffer.from('short'));
    await advance(pastShort);
    expect(await keyValue.read(keys[0])).toBeUndefined();
    expect(await keyValue.take(keys[1])).toBeUndefined();
    expect(await keyValue.replace(keys[2], Buffer.from('late'), hour)).toBe(false);
    expect(await keyValue.create(keys[3], Buffer.from('anew'), hour)).toBe(true);
  });

  test('a count ends with its time, which counting does not move', async () => {
    const { keyValue, advance } = subject();
    const key = freshKey();
    await keyValue.count(key, short);
    expect(await keyValue.count(key, hour)).toBe(2);
    await advance(pastShort);
    expect(await keyValue.count(key, hour)).toBe(1);
  });

  test('touch moves the end both ways, and revives nothing', async () => {
    const { keyValue, advance } = subject();
    const [longer, shorter, gone] = Array.from({ length: 3 }, freshKey) as [string, string, string];
    await keyValue.create(longer, Buffer.from('value'), short);
    await keyValue.create(shorter, Buffer.from('value'), hour);
    await keyValue.create(gone, Buffer.from('value'), short);
    await keyValue.touch(longer, hour);
    await keyValue.touch(shorter, short);
    await advance(pastShort);
    await keyValue.touch(gone, hour);
    expect(await keyValue.read(longer)).toEqual(Buffer.from('value'));
    expect(await keyValue.read(shorter)).toBeUndefined();
    expect(await keyValue.read(gone)).toBeUndefined();
  });

  test('replace sets a new expiry', async () => {
    const { keyValue, advance } = subject();
    const [longer, shorter] = Array.from({ length: 2 }, freshKey) as [string, string];
    await keyValue.create(longer, Buffer.from('value'), short);
    await keyValue.create(shorter, Buffer.from('value'), hour);
    await keyValue.replace(longer, Buffer.from('value'), hour);
    await keyValue.replace(shorter, Buffer.from('value'), short);
    await advance(pastShort);
    expect(await keyValue.read(longer)).toEqual(Buffer.from('value'));
    expect(await keyValue.read(shorter)).toBeUndefined();
  });

  test('swap leaves the end where it is, and revives nothing', async () => {
    const { keyValue, advance } = subject();
    const [short1, long1] = Array.from({ length: 2 }, freshKey) as [string, string];
    await keyValue.create(short1, Buffer.from('value'), short);
    await keyValue.create(long1, Buffer.from('value'), hour);
    for (const key of [short1, long1])
      expect(await keyValue.swap(key, Buffer.from('value'), Buffer.from('new'))).toBe(true);
    await advance(pastShort);
    expect(await keyValue.read(short1)).toBeUndefined();
    expect(await keyValue.swap(short1, Buffer.from('new'), Buffer.from('late'))).toBe(false);
    expect(await keyValue.read(long1)).toEqual(Buffer.from('new'));
  });

  test('a fraction of a millisecond is a lifetime too', async () => {
    const { keyValue } = subject();
    await expect(keyValue.create(freshKey(), Buffer.from('value'), 0.4)).resolves.toBe(true);
  });
}

function indexes(subject: () => Subject, freshKey: () => string): void {
  test('holds each member once until it is removed', async () => {
    const { keyValue } = subject();
    const [key, other] = [freshKey(), freshKey()];
    expect(await keyValue.readIndex(key)).toEqual([]);
    await keyValue.removeFromIndex(key, 'never added');
    for (const member of ['one', 'two', 'one']) await keyValue.addToIndex(key, member, hour);
    await keyValue.addToIndex(other, 'three', hour);
    expect((await keyValue.readIndex(key)).sort()).toEqual(['one', 'two']);
    await keyValue.removeFromIndex(key, 'one');
    expect(await keyValue.readIndex(key)).toEqual(['two']);
    await keyValue.removeFromIndex(key, 'two');
    expect(await keyValue.readIndex(key)).toEqual([]);
    expect(await keyValue.readIndex(other)).toEqual(['three']);
  });

  test('drops the members that end first when there are more than wanted', async () => {
    const { keyValue } = subject();
    const key = freshKey();
    await keyValue.addToIndex(key, 'second', 2 * hour, 2);
    await keyValue.addToIndex(key, 'third', 3 * hour, 2);
    await keyValue.addToIndex(key, 'first', hour, 2);
    expect((await keyValue.readIndex(key)).sort()).toEqual(['second', 'third']);
    await keyValue.addToIndex(key, 'fourth', 4 * hour, 2);
    expect((await keyValue.readIndex(key)).sort()).toEqual(['fourth', 'third']);
  });

  test('is found by its key', async () => {
    const { keyValue } = subject();
    const key = freshKey();
    for (const member of ['one', 'two']) await keyValue.addToIndex(key, member, hour);
    const found = new Set<string>();
    for await (const keys of keyValue.scan(key)) for (const each of keys) found.add(each);
    expect([...found]).toEqual([key]);
  });

  test('keeps every member that 50 callers add at once', async () => {
    const { keyValue } = subject();
    const key = freshKey();
    await Promise.all(fifty.map((index) => keyValue.addToIndex(key, `member ${index}`, hour)));
    expect(new Set(await keyValue.readIndex(key))).toEqual(new Set(fifty.map((index) => `member ${index}`)));
  });

  test('lets each member end by itself: a short one beside a long one, whichever came last', async () => {
    const { keyValue, advance } = subject();
    const [first, last, renewed] = Array.from({ length: 3 }, freshKey) as [string, string, string];
    await keyValue.addToIndex(first, 'long', hour);
    await keyValue.addToIndex(first, 'short', short);
    await keyValue.addToIndex(last, 'short', short);
    await keyValue.addToIndex(last, 'long', hour);
    await keyValue.addToIndex(renewed, 'short', short);
    await keyValue.addToIndex(renewed, 'short', hour);
    expect((await keyValue.readIndex(first)).sort()).toEqual(['long', 'short']);
    await advance(pastShort);
    expect(await keyValue.readIndex(first)).toEqual(['long']);
    expect(await keyValue.readIndex(last)).toEqual(['long']);
    expect(await keyValue.readIndex(renewed)).toEqual(['short']);
  });

  test('ends as a whole with its last member, and can start again', async () => {
    const { keyValue, advance } = subject();
    const key = freshKey();
    for (const member of ['one', 'two']) await keyValue.addToIndex(key, member, short);
    await advance(pastShort);
    expect(await keyValue.readIndex(key)).toEqual([]);
    await keyValue.addToIndex(key, 'three', hour);
    expect(await keyValue.readIndex(key)).toEqual(['three']);
  });
}
