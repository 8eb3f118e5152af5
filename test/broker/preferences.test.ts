// Favourites and recents: whose they are, how many, how long, and what the database shows of them.
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../src/access/model.ts';
import { createPreferences, maxFavourites, maxRecents } from '../../src/broker/preferences.ts';
import { BrokerError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { createSharedRecords } from '../../src/store/shared-records.ts';
import { createLineCollector } from '../app/support/lines.ts';
import { createDumpedStore, leaks, testStorage } from '../store/support.ts';

const dayMs = 86_400_000;
const arn = (name: string | number) => `arn:aws:iam::111122223333:role/Role${name}`;

const alice: Identity = {
  ...{ idp: 'adfs', user: 'alice@corp.example', userSource: 'nameId', displayName: 'Alice' },
  ...{ groups: [], claims: {}, authnContexts: [], authnInstant: 0 },
};

function bench() {
  const store = createDumpedStore();
  const log = createLineCollector();
  let isBroken = false;
  const keyValue = {
    ...store.keyValue,
    write: async (key: string, value: Buffer, ttlMs: number) => {
      if (isBroken) throw new BrokerError('store_unavailable', 'down');
      return store.keyValue.write(key, value, ttlMs);
    },
  };
  const records = createSharedRecords('preferences', testStorage(keyValue, store.clock));
  const preferences = createPreferences({ records, clock: store.clock, log: createLogger('info', log.stream) });
  const breakDown = () => {
    isBroken = true;
  };
  return { ...store, preferences, log: log.lines, breakDown };
}

describe('favourites', () => {
  test('keep the order in which they were chosen, each once', async () => {
    const { preferences } = bench();
    await preferences.setFavourites(alice, [arn(2), arn(1), arn(2)]);
    await preferences.setFavourite(alice, arn(3), true);
    await preferences.setFavourite(alice, arn(2), false);
    expect(await preferences.favourites(alice)).toEqual([arn(1), arn(3)]);
  });

  test.each([
    ['up', 3, 2, [1, 3, 2]],
    ['down', 1, 3, [2, 1, 3]],
    ['to the end', 1, undefined, [2, 3, 1]],
    ['before itself', 2, 2, [1, 2, 3]],
    ['before one that is gone', 1, 9, [2, 3, 1]],
    ['though it is none', 9, 1, [1, 2, 3]],
  ])('can be moved: %s', async (_, moved, before, expected) => {
    const { preferences } = bench();
    await preferences.setFavourites(alice, [1, 2, 3].map(arn));
    const order = await preferences.moveFavourite(alice, arn(moved), before === undefined ? undefined : arn(before));
    expect(order).toEqual(expected.map(arn));
    expect(await preferences.favourites(alice)).toEqual(expected.map(arn));
  });

  test('survive when several are chosen at once', async () => {
    const { preferences } = bench();
    await Promise.all([1, 2, 3, 4].map((each) => preferences.setFavourite(alice, arn(each), true)));
    expect(await preferences.favourites(alice)).toEqual([1, 2, 3, 4].map(arn));
  });

  test('are bounded', async () => {
    const { preferences } = bench();
    const many = Array.from({ length: maxFavourites + 5 }, (_, index) => arn(index));
    expect(await preferences.setFavourites(alice, many)).toEqual(many.slice(0, maxFavourites));
  });

  const others: [string, Partial<Identity>][] = [
    ['another user', { user: 'bob@corp.example' }],
    ['the same name from another identity provider', { idp: 'lab' }],
    ['the same name from another attribute', { userSource: 'upn' }],
  ];
  test.each(others)('are not those of %s', async (_, other) => {
    const { preferences } = bench();
    await preferences.setFavourites(alice, [arn(1)]);
    expect(await preferences.favourites({ ...alice, ...other })).toEqual([]);
    expect(await preferences.favourites({ ...alice, displayName: 'Alice B.' })).toEqual([arn(1)]);
  });

  test('end with absence, not with time', async () => {
    const { preferences, clock } = bench();
    await preferences.setFavourites(alice, [arn(1)]);
    for (let visit = 0; visit < 3; visit++) {
      clock.advance(300 * dayMs);
      expect(await preferences.favourites(alice)).toEqual([arn(1)]);
    }
    clock.advance(401 * dayMs);
    expect(await preferences.favourites(alice)).toEqual([]);
  });

  test('are shown even if they cannot be renewed', async () => {
    const { preferences, clock, breakDown, log } = bench();
    await preferences.setFavourites(alice, [arn(1)]);
    clock.advance(2 * dayMs);
    breakDown();
    expect(await preferences.favourites(alice)).toEqual([arn(1)]);
    expect(log).toMatchObject([{ level: 'warn', msg: 'favourites could not be renewed' }]);
  });

  test('cannot be changed while the store is down, and that is an error', async () => {
    const { preferences, breakDown } = bench();
    breakDown();
    await expect(preferences.setFavourites(alice, [arn(1)])).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('recents', () => {
  test('show the last used first, each once, and no more than eight', async () => {
    const { preferences, clock } = bench();
    for (const each of [1, 2, 3, 4, 5, 6, 7, 8, 9, 5]) {
      clock.advance(1000);
      await preferences.rememberUse(alice, arn(each));
    }
    const recents = await preferences.recents(alice);
    expect(recents.map(({ roleArn }) => roleArn)).toEqual([5, 9, 8, 7, 6, 4, 3, 2].map(arn));
    expect(recents).toHaveLength(maxRecents);
    expect(recents[0]!.usedAt).toBe(clock.now().getTime());
  });

  test('take the uses of one role within a minute as one, unless another came between', async () => {
    const { preferences, clock, dump } = bench();
    await preferences.rememberUse(alice, arn(1));
    const kept = await dump();
    clock.advance(59_999);
    await preferences.rememberUse(alice, arn(1));
    expect(await dump()).toEqual(kept);
    clock.advance(1);
    await preferences.rememberUse(alice, arn(1));
    const minuteLater = clock.now().getTime();
    expect(await preferences.recents(alice)).toEqual([{ roleArn: arn(1), usedAt: minuteLater }]);
    clock.advance(1);
    await preferences.rememberUse(alice, arn(2));
    await preferences.rememberUse(alice, arn(1));
    expect((await preferences.recents(alice)).map(({ roleArn }) => roleArn)).toEqual([arn(1), arn(2)]);
  });

  test('know all of several roles that were used at once', async () => {
    const { preferences } = bench();
    await Promise.all([1, 2, 3].map((each) => preferences.rememberUse(alice, arn(each))));
    expect((await preferences.recents(alice)).map(({ roleArn }) => roleArn).sort()).toEqual([1, 2, 3].map(arn));
  });

  test('lose what could not be written; only the log says so', async () => {
    const { preferences, breakDown, log } = bench();
    breakDown();
    await preferences.rememberUse(alice, arn(1));
    expect(log).toMatchObject([{ level: 'warn', msg: 'a used role could not be remembered', detail: 'down' }]);
  });
});

test('the database shows neither the person nor the roles', async () => {
  const { preferences, dump } = bench();
  await preferences.setFavourites(alice, [arn('Secret')]);
  await preferences.rememberUse(alice, arn('Secret'));
  const kept = await dump();
  expect(kept).toHaveLength(2);
  expect(leaks(kept, ['alice', 'RoleSecret', '111122223333'])).toEqual([]);
});
