import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.ts';
import type { IdpEntry } from '../../../src/broker/idp-metadata/idp-directory.ts';
import { type LogoutDeps, type PendingLogout, pendingLogoutShape } from '../../../src/broker/logout/logout.ts';
import { createSingleLogout } from '../../../src/broker/logout/single-logout.ts';
import { pendingSecret } from '../../../src/broker/sign-in/pending-sign-in.ts';
import { systemRandom } from '../../../src/random.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createOneTimeStore, type OneTimeStore } from '../../../src/store/one-time.ts';
import { logoutResponse, redirectedQuery, sloUrl } from '../../saml/support/logout-builder.ts';
import { idpEntityId, spEntityId } from '../../saml/support/response-builder.ts';
import { testStorage } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';

const browserSecret = 'browser';
const relayState = 'state';
const request = { requestId: 'r', sourceIp: '127.0.0.1', userAgent: '' };
const nameId = { value: 'alice', format: undefined, nameQualifier: undefined, spNameQualifier: undefined };

/** A store in which everybody has looked before anybody takes: two processes at their worst moment. */
function allLookFirst(store: OneTimeStore<PendingLogout>, callers: number): OneTimeStore<PendingLogout> {
  let looked = 0;
  let release = () => {};
  const everybodyLooked = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    ...store,
    peek: async (secret) => {
      const found = await store.peek(secret);
      if (++looked === callers) release();
      await everybodyLooked;
      return found;
    },
  };
}

async function createDeps(key: KeyPair, callers: number): Promise<{ deps: LogoutDeps; events: AuditEvent[] }> {
  const clock = createTestClock();
  const store = createOneTimeStore('logout', pendingLogoutShape, testStorage(createMemoryStore(clock), clock));
  const pending: PendingLogout = {
    idp: 'adfs',
    user: 'alice',
    requestId: '_pending',
    nameId,
    sessionIndex: '_one',
    commandLineGoesOn: false,
  };
  await store.put(pendingSecret(browserSecret, relayState), pending, 60_000);
  const known = {
    config: { id: 'adfs', clockSkewMs: 0 },
    metadata: { entityId: idpEntityId, signingCertificates: [key.cert] },
  } as unknown as IdpEntry;
  const events: AuditEvent[] = [];
  const deps = {
    idps: { list: () => [known.config], find: () => known, metadataOf: () => known.metadata },
    logouts: allLookFirst(store, callers),
    audit: { record: async (event: AuditEvent) => void events.push(event) },
    clock,
    random: systemRandom,
    serviceProvider: { entityId: spEntityId, sloUrl, signing: undefined },
  } as unknown as LogoutDeps;
  return { deps, events };
}

describe('one LogoutResponse, received by many at once', () => {
  test('is taken by one of them', async () => {
    const key = keyPair('idp-signing');
    const { deps, events } = await createDeps(key, 50);
    const message = { rawQuery: redirectedQuery(key, logoutResponse(), { relayState }) };
    const { receive } = createSingleLogout(deps);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => receive({ message, browserSecret, request })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: { outcome: 'complete', commandLineGoesOn: false } },
    ]);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ code: 'logout_refused', reason: 'replay' });
    expect(events.filter(({ event }) => event === 'logout_answered')).toHaveLength(1);
    expect(events.filter(({ event }) => event === 'logout_refused')).toHaveLength(49);
  });
});
