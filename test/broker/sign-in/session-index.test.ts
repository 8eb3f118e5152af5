import { describe, expect, test } from 'vitest';
import type { SignedInSession } from '../../../src/broker/sign-in/session.ts';
import {
  endSessions,
  registerSession,
  rememberLogout,
  type SessionIndexDeps,
  wasLoggedOut,
} from '../../../src/broker/sign-in/session-index.ts';
import { systemRandom } from '../../../src/random.ts';
import type { IdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import type { NameId } from '../../../src/saml/subject.ts';
import { createHashedIndex } from '../../../src/store/hashed-index.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSessionStore } from '../../../src/store/session.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';

const secrets = ['a secret of at least 32 characters, newest', 'a secret of at least 32 characters, older'];
const hour = 3_600_000;
const alice: NameId = { value: 'alice', format: undefined, nameQualifier: undefined, spNameQualifier: undefined };

interface Fixture {
  readonly clock: TestClock;
  readonly deps: (secrets: readonly string[]) => SessionIndexDeps;
  readonly open: (deps: SessionIndexDeps, id: string, session?: Partial<SignedInSession>) => Promise<SignedInSession>;
  readonly isAlive: (id: string) => Promise<boolean>;
}

function createFixture(): Fixture {
  const clock = createTestClock();
  const keyValue = createMemoryStore(clock);
  const sessions = createSessionStore(keyValue, systemRandom);
  const metadataOf = (id: string) => ({ entityId: `urn:${id}` }) as IdpMetadata;
  const deps = (own: readonly string[]): SessionIndexDeps => ({
    idps: { metadataOf },
    spEntityId: 'urn:us',
    sessions,
    openSessions: createHashedIndex('open-sessions', keyValue, own),
    pastLogouts: createHashedIndex('past-logouts', keyValue, own),
  });
  return {
    clock,
    deps,
    open: async (index, id, overrides = {}) => {
      const session = {
        identity: { idp: 'adfs' },
        nameId: alice,
        sessionIndex: '_one',
        expiresAt: clock.now().getTime() + hour,
        ...overrides,
      } as SignedInSession;
      await registerSession(index, session, sessions.handleOf(id), clock.now());
      await sessions.create(id, session, hour);
      return session;
    },
    isAlive: async (id) => (await sessions.read(id)) !== undefined,
  };
}

const all = { idp: 'adfs', nameId: alice, sessionIndexes: undefined };

describe('sessions in the index', () => {
  test('end for their identity provider only', async () => {
    const { deps, open, isAlive } = createFixture();
    const index = deps(secrets);
    await open(index, 'one');
    await open(index, 'other', { identity: { idp: 'okta' } as SignedInSession['identity'] });
    expect(await endSessions(index, all)).toBe(1);
    expect([await isAlive('one'), await isAlive('other')]).toEqual([false, true]);
    expect(await endSessions(index, all)).toBe(0);
  });

  test('are counted only if they were still there', async () => {
    const { deps, open, clock } = createFixture();
    const index = deps(secrets);
    await open(index, 'one');
    await open(index, 'two');
    await index.sessions.destroy('one');
    expect(await endSessions(index, all)).toBe(1);
    await open(index, 'three');
    clock.advance(hour);
    expect(await endSessions(index, all)).toBe(0);
  });

  test('are found while session.secrets rotate', async () => {
    const { deps, open, isAlive } = createFixture();
    await open(deps([secrets[1]!]), 'old');
    await open(deps(secrets), 'new');
    expect(await endSessions(deps(secrets), all)).toBe(2);
    expect([await isAlive('old'), await isAlive('new')]).toEqual([false, false]);
  });

  test('without NameID are not in it, and nobody can name them', async () => {
    const { deps, open, isAlive, clock } = createFixture();
    const index = deps(secrets);
    const session = await open(index, 'one', { nameId: undefined });
    await rememberLogout(index, all, { issueInstant: clock.now(), ttlMs: hour });
    expect(await endSessions(index, all)).toBe(0);
    expect(await wasLoggedOut(index, session, new Date(0))).toBe(false);
    expect(await isAlive('one')).toBe(true);
  });

  test('that open while a logout runs: one of the two sees the other, whatever comes first', async () => {
    for (let delay = 0; delay < 12; delay++) {
      const { deps, open, isAlive, clock } = createFixture();
      const index = deps(secrets);
      const issued = new Date(clock.now().getTime() - 1);
      const signIn = async () => {
        for (let step = 0; step < delay; step++) await Promise.resolve();
        const session = await open(index, 'racing');
        if (await wasLoggedOut(index, session, issued)) await index.sessions.destroy('racing');
      };
      const logout = async () => {
        await rememberLogout(index, all, { issueInstant: clock.now(), ttlMs: hour });
        await endSessions(index, all);
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
    const { deps, open, clock } = createFixture();
    const index = deps(secrets);
    const now = clock.now().getTime();
    await rememberLogout(index, { ...all, sessionIndexes }, { issueInstant: at(now), ttlMs: 1000 });
    const session = await open(index, 'one', { sessionIndex });
    expect(await wasLoggedOut(index, session, at(now + offset))).toBe(isBarred);
    expect(await wasLoggedOut(index, { ...session, nameId: { ...alice, value: 'bob' } }, at(now - 1))).toBe(false);
    clock.advance(1000);
    expect(await wasLoggedOut(index, session, at(now + offset))).toBe(false);
  });
});
