import { describe, expect, test } from 'vitest';
import { createNamedSessions } from '../../../src/broker/sign-in/named-sessions.ts';
import { createOidcSessions, createPastOidcLogouts } from '../../../src/broker/sign-in/oidc-sessions.ts';
import type { SignedInSession } from '../../../src/broker/sign-in/session.ts';
import { createSessionIndex, type SessionIndex } from '../../../src/broker/sign-in/session-index.ts';
import { systemRandom } from '../../../src/random.ts';
import type { IdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import type { NameId } from '../../../src/saml/subject.ts';
import { createHashedIndex } from '../../../src/store/hashed-index.ts';
import type { KeyValue } from '../../../src/store/key-value.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSealer } from '../../../src/store/sealing.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { createSessionRecords } from '../../../src/wiring/stores.ts';
import { person } from '../../access/support.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { sessionEntry } from '../support.ts';

const secrets = ['a secret of at least 32 characters, newest', 'a secret of at least 32 characters, older'];
const hour = 3_600_000;
const alice: NameId = { value: 'alice', format: undefined, nameQualifier: undefined, spNameQualifier: undefined };

interface Fixture {
  readonly clock: TestClock;
  readonly indexOf: (secrets: readonly string[]) => SessionIndex;
  readonly open: (index: SessionIndex, id: string, session?: Partial<SignedInSession>) => Promise<SignedInSession>;
  readonly destroy: (id: string) => Promise<void>;
  readonly isAlive: (id: string) => Promise<boolean>;
  /** How many records were read meanwhile, and how many of them at most at a time. */
  readonly readsOf: <T>(act: () => Promise<T>) => Promise<{ answer: T; reads: number; together: number }>;
}

function createFixture(): Fixture {
  const clock = createTestClock();
  const memory = createMemoryStore(clock);
  let [reads, running, together] = [0, 0, 0];
  const keyValue: KeyValue = {
    ...memory,
    read: async (key) => {
      reads++;
      together = Math.max(together, ++running);
      await Promise.resolve();
      return memory.read(key).finally(() => running--);
    },
  };
  const { sessions } = createSessionRecords({ keyValue, sealer: createSealer(secrets, systemRandom), clock });
  const metadataOf = (id: string) => ({ entityId: `urn:${id}` }) as IdpMetadata;
  const indexOf = (own: readonly string[]) =>
    createSessionIndex({
      sessions,
      openSessions: createNamedSessions({
        idps: { metadataOf },
        spEntityId: 'urn:us',
        index: createHashedIndex('open-sessions', keyValue, createSealer(own, systemRandom)),
        names: createSharedRecords('open-sessions-names', { keyValue, sealer: createSealer(own, systemRandom), clock }),
      }),
      pastLogouts: createHashedIndex('past-logouts', keyValue, createSealer(own, systemRandom)),
      oidcSessions: createOidcSessions(createHashedIndex('oidc', keyValue, createSealer(own, systemRandom))),
      pastOidcLogouts: createPastOidcLogouts(createHashedIndex('past', keyValue, createSealer(own, systemRandom))),
    });
  return {
    clock,
    indexOf,
    destroy: (id) => sessions.destroy(id),
    open: async (index, id, overrides = {}) => {
      const session = {
        identity: person(),
        assertionId: '_a',
        nameId: alice,
        sessionIndex: '_one',
        expiresAt: clock.now().getTime() + hour,
        ...overrides,
      } as SignedInSession;
      await index.register(session, sessions.handleOf(id), clock.now());
      await sessions.create(id, { signedIn: session }, hour, sessionEntry());
      return session;
    },
    isAlive: async (id) => (await sessions.read(id)) !== undefined,
    readsOf: async (act) => {
      [reads, together] = [0, 0];
      return { answer: await act(), reads, together };
    },
  };
}

const all = { idp: 'adfs', nameId: alice, sessionIndexes: undefined };

describe('sessions in the index', () => {
  test('are read only where the SessionIndex may mean them, however many there are', async () => {
    const { indexOf, open, isAlive, readsOf } = createFixture();
    const index = indexOf([secrets[0]!]);
    for (let count = 0; count < 250; count++) await open(index, `other-${count}`, { sessionIndex: `_${count}` });
    await open(index, 'meant');
    await open(index, 'without', { sessionIndex: undefined });
    const scope = { ...all, sessionIndexes: ['_one'] };
    const { answer, reads, together } = await readsOf(() => index.end(scope));
    expect(answer).toEqual({ ended: 2, isKnown: true });
    expect(reads).toBeLessThan(10);
    expect([await isAlive('meant'), await isAlive('without'), await isAlive('other-7')]).toEqual([false, false, true]);
    const others = await readsOf(() => index.others(scope));
    expect(others.answer).toHaveLength(250);
    expect(others.together).toBeLessThanOrEqual(100);
    expect(together).toBeLessThan(10);
  });

  test('end for their identity provider only', async () => {
    const { indexOf, open, isAlive } = createFixture();
    const index = indexOf(secrets);
    await open(index, 'one');
    await open(index, 'other', { identity: { ...person(), idp: 'okta' } });
    expect((await index.end(all)).ended).toBe(1);
    expect([await isAlive('one'), await isAlive('other')]).toEqual([false, true]);
    expect((await index.end(all)).ended).toBe(0);
  });

  test('are counted only if they were still there', async () => {
    const { indexOf, open, destroy, clock } = createFixture();
    const index = indexOf(secrets);
    await open(index, 'one');
    await open(index, 'two');
    await destroy('one');
    expect((await index.end(all)).ended).toBe(1);
    await open(index, 'three');
    clock.advance(hour);
    expect((await index.end(all)).ended).toBe(0);
  });

  test('are found while session.secrets rotate', async () => {
    const { indexOf, open, isAlive } = createFixture();
    await open(indexOf([secrets[1]!]), 'old');
    await open(indexOf(secrets), 'new');
    expect((await indexOf(secrets).end(all)).ended).toBe(2);
    expect([await isAlive('old'), await isAlive('new')]).toEqual([false, false]);
  });

  test('without NameID are not in it, and no LogoutRequest can name them', async () => {
    const { indexOf, open, isAlive, clock } = createFixture();
    const index = indexOf(secrets);
    const session = await open(index, 'one', { nameId: undefined });
    await index.rememberLogout(all, { issueInstant: clock.now(), ttlMs: hour });
    expect((await index.end(all)).ended).toBe(0);
    expect(await index.wasLoggedOut(session, new Date(0))).toBe(false);
    expect(await isAlive('one')).toBe(true);
  });

  test('that open while a logout runs: one of the two sees the other, whatever comes first', async () => {
    for (let delay = 0; delay < 12; delay++) {
      const { indexOf, open, destroy, isAlive, clock } = createFixture();
      const index = indexOf(secrets);
      const issued = new Date(clock.now().getTime() - 1);
      const signIn = async () => {
        for (let step = 0; step < delay; step++) await Promise.resolve();
        const session = await open(index, 'racing');
        if (await index.wasLoggedOut(session, issued)) await destroy('racing');
      };
      const logout = async () => {
        await index.rememberLogout(all, { issueInstant: clock.now(), ttlMs: hour });
        await index.end(all);
      };
      await Promise.all([logout(), signIn()]);
      expect(await isAlive('racing')).toBe(false);
    }
  });
});

describe('a past logout', () => {
  const at = (ms: number) => new Date(ms);
  test.each([
    ['all sessions, an assertion from before', undefined, '_one', -1, true],
    ['all sessions, one of that very moment', undefined, '_one', 0, false],
    ['all sessions, one from before without SessionIndex', undefined, undefined, -1, true],
    ['this SessionIndex, one of that very moment', ['_two', '_one'], '_one', 0, true],
    ['this SessionIndex, a later one', ['_one'], '_one', 1, false],
    ['another SessionIndex', ['_two'], '_one', -1, false],
    ['some SessionIndex, one from before without any', ['_two'], undefined, -1, true],
  ])('of %s', async (_, sessionIndexes, sessionIndex, offset, isBarred) => {
    const { indexOf, open, clock } = createFixture();
    const index = indexOf(secrets);
    const now = clock.now().getTime();
    await index.rememberLogout({ ...all, sessionIndexes }, { issueInstant: at(now), ttlMs: 1000 });
    const session = await open(index, 'one', { sessionIndex });
    expect(await index.wasLoggedOut(session, at(now + offset))).toBe(isBarred);
    expect(await index.wasLoggedOut({ ...session, nameId: { ...alice, value: 'bob' } }, at(now - 1))).toBe(false);
    clock.advance(1000);
    expect(await index.wasLoggedOut(session, at(now + offset))).toBe(false);
  });
});
