// The identity provider's response, kept for the mode forward: how long, for whom, and what the database shows of it.
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../src/access/model.ts';
import { createIdpResponses, storedResponseShape } from '../../../src/broker/credentials/idp-response.ts';
import { createGrants } from '../../../src/broker/grants/grants.ts';
import { createNamedSessions } from '../../../src/broker/sign-in/named-sessions.ts';
import { createOidcSessions } from '../../../src/broker/sign-in/oidc-sessions.ts';
import type { SignedInSession } from '../../../src/broker/sign-in/session.ts';
import { systemRandom } from '../../../src/random.ts';
import type { Assertion } from '../../../src/saml/validate-response.ts';
import { createHashedIndex } from '../../../src/store/hashed-index.ts';
import { createOneTimeStore } from '../../../src/store/one-time.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { createSessionRecords } from '../../../src/wiring/stores.ts';
import { createDumpedStore, leaks, testStorage } from '../../store/support.ts';

const minute = 60_000;
const roleClaim = 'https://aws.amazon.com/SAML/Attributes/Role';
const response = Buffer.from('<samlp:Response/>'.repeat(40)).toString('base64');
const roleArn = 'arn:aws:iam::111122223333:role/Developer';

const alice: Identity = {
  ...{ idp: 'adfs', user: 'alice@corp.example', userSource: 'nameId', displayName: 'Alice' },
  ...{ groups: [], claims: { [roleClaim]: ['pair'], 'urn:dept': ['Payments'] }, authnContexts: [], authnInstant: 0 },
};

function bench() {
  const dumped = createDumpedStore();
  const { keyValue, clock } = dumped;
  const store = createOneTimeStore('idp-response', storedResponseShape, testStorage(keyValue, clock));
  const responses = createIdpResponses({ store, random: systemRandom, claimNames: [roleClaim] });
  const session: SignedInSession = {
    identity: alice,
    nameId: undefined,
    sessionIndex: undefined,
    assertionId: '_a',
    expiresAt: clock.now().getTime() + 600 * minute,
    steppedUpFor: undefined,
  };
  const issued = (minutesAgo = 0, isEncrypted = false) =>
    ({ issuedAt: new Date(clock.now().getTime() - minutesAgo * minute), isEncrypted }) as Assertion;
  const keep = (assertion = issued(), changes: Partial<SignedInSession> = {}, text = response) =>
    responses.keep(text, assertion, { ...session, ...changes }, clock.now());
  const read = (from: SignedInSession) => responses.read(from, roleArn, 'console', clock.now());
  return { ...dumped, responses, session, issued, keep, read };
}

const anew = { code: 'reauthentication_required' };

describe('a kept response', () => {
  test('is the very text, for four minutes from its issue', async () => {
    const { keep, read, issued, clock } = bench();
    const session = await keep(issued(1));
    expect(await read(session)).toBe(response);
    clock.advance(3 * minute - 1);
    expect(await read(session)).toBe(response);
    clock.advance(1);
    await expect(read(session)).rejects.toMatchObject(anew);
  });

  test('is in the store no longer than that', async () => {
    const { keep, issued, clock, dump } = bench();
    await keep(issued(1));
    clock.advance(3 * minute - 1);
    expect(await dump()).toHaveLength(1);
    clock.advance(1);
    expect(await dump()).toEqual([]);
  });

  test('from an identity provider whose clock is ahead is kept for four minutes, not for more', async () => {
    const { keep, read, issued, clock } = bench();
    const session = await keep(issued(-2));
    clock.advance(4 * minute - 1);
    expect(await read(session)).toBe(response);
    clock.advance(1);
    await expect(read(session)).rejects.toMatchObject(anew);
  });

  test('never lasts past the session', async () => {
    const { keep, read, clock, dump } = bench();
    const session = await keep(undefined, { expiresAt: clock.now().getTime() + minute });
    clock.advance(minute);
    await expect(read(session)).rejects.toMatchObject(anew);
    expect(await dump()).toEqual([]);
  });

  test('that is too old already is not kept', async () => {
    const { keep, read, issued, dump } = bench();
    const session = await keep(issued(4));
    expect([session.idpResponse, await dump()]).toEqual([undefined, []]);
    await expect(read(session)).rejects.toMatchObject({
      ...anew,
      details: { roleArn, purpose: 'console' },
    });
  });

  test.each([
    ['was encrypted for us', true, response],
    ['is longer than STS takes', false, 'A'.repeat(100_001)],
  ])('that %s is not kept, and the person has no such roles', async (_, isEncrypted, text) => {
    const { keep, issued, dump } = bench();
    const session = await keep(issued(0, isEncrypted), {}, text);
    expect([session.idpResponse, session.identity.claims]).toEqual([undefined, { 'urn:dept': ['Payments'] }]);
    expect(await dump()).toEqual([]);
  });

  test('of just the length that STS takes is kept', async () => {
    const { keep, read } = bench();
    expect(await read(await keep(undefined, {}, 'A'.repeat(100_000)))).toHaveLength(100_000);
  });

  test('serves its person and its sign-in only, also when another user gets hold of the secret', async () => {
    const { keep, read } = bench();
    const session = await keep();
    const bob = { ...session, identity: { ...alice, user: 'bob@corp.example' } };
    await expect(read(bob)).rejects.toMatchObject(anew);
    await expect(read({ ...session, assertionId: '_b' })).rejects.toMatchObject(anew);
    const { idpResponse } = await keep();
    await expect(read({ ...session, idpResponse: { ...idpResponse!, secret: 'guessed' } })).rejects.toMatchObject(anew);
    expect(await read(session)).toBe(response);
  });

  test('ends when the person signs out', async () => {
    const { keep, read, responses, dump } = bench();
    const session = await keep();
    await responses.end(session);
    expect(await dump()).toEqual([]);
    await expect(read(session)).rejects.toMatchObject(anew);
  });

  test('says nothing to a thief of the database', async () => {
    const { keep, dump } = bench();
    const { idpResponse } = await keep();
    const entries = await dump();
    expect(entries).toHaveLength(1);
    expect(leaks(entries, [idpResponse!.secret, response.slice(0, 40), 'alice', 'Response'])).toEqual([]);
  });

  test('does not go into a sign-in of the command line', async () => {
    const { keep, read, keyValue, clock } = bench();
    const storage = testStorage(keyValue, clock);
    const { grantRecords } = createSessionRecords(storage);
    const index = (name: string) => createHashedIndex(name, keyValue, storage.sealer);
    const grants = createGrants({
      admits: () => true,
      keptOut: undefined,
      records: grantRecords,
      byPerson: index('person'),
      byLogout: createNamedSessions({
        idps: { metadataOf: () => undefined },
        spEntityId: 'urn:sp',
        index: index('logout'),
        names: createSharedRecords('logout-names', storage),
      }),
      byOidcLogout: createOidcSessions(index('oidc-logout')),
      clock,
      random: systemRandom,
    });
    const device = { host: 'laptop', os: 'linux', user: 'alice' };
    const summary = { device, sourceIp: '192.0.2.1', confirmedAt: clock.now().getTime() };
    const grant = await grants.read(await grants.open(await keep(), summary));
    expect(grant?.session.identity).toEqual(alice);
    expect(grant?.session).not.toHaveProperty('idpResponse');
    await expect(read(grant!.session)).rejects.toMatchObject(anew);
  });
});
