// What of a signed Security Event Token counts. Every token here is signed with the transmitter's own key.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TransmitterSettings, transmitterKeys, validateSecurityEvent } from '../../src/oidc/security-event.ts';
import { events, startTransmitter, subjectOf, type Transmitter } from '../http/support/transmitter.ts';
import { createTestClock } from '../support/clock.ts';

const clock = createTestClock();
const { now } = clock;
const bob = 'bob@corp.example';
const good = { sub_id: subjectOf(bob), events: { [events.sessionRevoked]: {} } };
const seconds = Math.floor(now().getTime() / 1000);
let transmitter: Transmitter;
beforeAll(async () => {
  transmitter = await startTransmitter(now);
});
afterAll(() => transmitter?.close());

async function judge(token: string, changed: Partial<TransmitterSettings> = {}) {
  const { issuer, audience, jwks } = transmitter;
  const settings: TransmitterSettings = {
    ...{ issuer, audience, subjectIssuer: issuer, algorithms: ['RS256'], subjects: ['email', 'iss_sub', 'opaque'] },
    ...{ maxAgeMs: 3_600_000, clockSkewMs: 60_000, jwksUri: undefined, keys: jwks.keys, ...changed },
  };
  return validateSecurityEvent(token, await transmitterKeys(settings, fetch, now), settings, now());
}

describe('an event', () => {
  test.each([
    ['session-revoked', events.sessionRevoked],
    ['session-revoked', events.olderSessionsRevoked],
    ['account-disabled', events.accountDisabled],
    ['account-disabled', events.accountPurged],
    ['account-enabled', events.accountEnabled],
  ])('is %s for %s', async (kind, type) => {
    const { signal } = await judge(await transmitter.sign({ ...good, events: { [type]: {} } }));
    expect(signal).toEqual({ kind, user: bob, occurredAt: new Date(seconds * 1000) });
  });

  test('of several types takes the one that ends most, and of unknown types is no signal', async () => {
    const both = { [events.sessionRevoked]: {}, [events.accountDisabled]: {}, 'https://else.example/event': {} };
    expect((await judge(await transmitter.sign({ ...good, events: both }))).signal?.kind).toBe('account-disabled');
    const stream = await transmitter.sign({
      sub_id: { format: 'opaque', id: 's' },
      events: { [events.verification]: {} },
    });
    expect((await judge(stream)).signal).toBeUndefined();
  });

  test('happened at event_timestamp, and never later than it was issued', async () => {
    const at = async (event_timestamp: number) =>
      (await judge(await transmitter.sign({ ...good, events: { [events.sessionRevoked]: { event_timestamp } } })))
        .signal;
    expect((await at(seconds - 30))?.occurredAt).toEqual(new Date((seconds - 30) * 1000));
    expect((await at(seconds + 9999))?.occurredAt).toEqual(new Date(seconds * 1000));
  });
});

describe('a subject', () => {
  test.each<[string, object]>([
    ['email', { format: 'email', email: bob }],
    ['iss_sub', { format: 'iss_sub', iss: 'https://transmitter.example', sub: bob }],
    ['opaque', { format: 'opaque', id: bob }],
    ['complex', { format: 'complex', user: subjectOf(bob), session: { format: 'opaque', id: 'session' } }],
    ['of a draft', { subject_type: 'iss-sub', iss: 'https://transmitter.example', sub: bob }],
  ])('%s names the user', async (_, subject) => {
    expect((await judge(await transmitter.sign({ ...good, sub_id: subject }))).signal?.user).toBe(bob);
    const inEvent = { events: { [events.sessionRevoked]: { subject } } };
    expect((await judge(await transmitter.sign(inEvent))).signal?.user).toBe(bob);
  });

  test.each<[string, unknown]>([
    ['none', undefined],
    ['a text', bob],
    ['of another issuer', { format: 'iss_sub', iss: 'https://other.example', sub: bob }],
    ['a phone number', { format: 'phone_number', phone_number: '+1' }],
    ['without a value', { format: 'email' }],
    ['a complex one without a user', { format: 'complex', session: { format: 'opaque', id: 'session' } }],
  ])('is refused: %s', async (_, subject) => {
    const token = await transmitter.sign({ ...good, sub_id: subject });
    await expect(judge(token)).rejects.toMatchObject({ code: 'openid_refused', reason: 'subject' });
  });

  test('is refused in a format that the configuration does not list', async () => {
    await expect(judge(await transmitter.sign(good), { subjects: ['opaque'] })).rejects.toMatchObject({
      reason: 'subject',
    });
  });
});

test.each<[string, string, object, Record<string, string>]>([
  ['another issuer', 'issuer', { iss: 'https://other.example' }, {}],
  ['another audience', 'audience', { aud: 'https://other.example' }, {}],
  ['an algorithm that is not listed', 'algorithm', {}, { alg: 'PS256' }],
  ['no type: it may be an ID token', 'malformed', {}, { typ: 'JWT' }],
  ['the type of a logout token', 'malformed', {}, { typ: 'logout+jwt' }],
  ['an age above the limit', 'expired', { iat: seconds - 3600 - 61 }, {}],
  ['a time in the future', 'not_yet_valid', { iat: seconds + 61 }, {}],
  ['an expiry that has passed', 'expired', { exp: seconds - 61 }, {}],
  ['no id', 'malformed', { jti: undefined }, {}],
  ['no time', 'malformed', { iat: undefined }, {}],
  ['no events', 'malformed', { events: undefined }, {}],
  ['a list of events', 'malformed', { events: [events.sessionRevoked] }, {}],
  ['an event that is not an object', 'malformed', { events: { [events.sessionRevoked]: 'yes' } }, {}],
])('a signed token with %s is refused', async (_, reason, claims, header) => {
  const token = await transmitter.sign({ ...good, ...claims }, header);
  await expect(judge(token)).rejects.toMatchObject({ code: 'openid_refused', reason });
});

test('the same token within the limits is accepted, with either end of the window', async () => {
  for (const iat of [seconds - 3600, seconds + 60]) {
    expect((await judge(await transmitter.sign({ ...good, iat }))).signal?.user).toBe(bob);
  }
});

test('what another key signed, or none, is refused', async () => {
  const stranger = await startTransmitter(now);
  const forged = await stranger.sign(good);
  await stranger.close();
  await expect(judge(forged)).rejects.toMatchObject({ reason: 'signature' });
  const [, payload] = (await transmitter.sign(good)).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'secevent+jwt' })).toString('base64url');
  await expect(judge(`${header}.${payload}.`)).rejects.toMatchObject({ code: 'openid_refused' });
});

test('keys from an address: what it does not answer is the transmitter to be asked again', async () => {
  const { jwksUri } = transmitter;
  const token = await transmitter.sign(good, { alg: 'ES256' });
  expect((await judge(token, { jwksUri, keys: [], algorithms: ['ES256'] })).signal?.user).toBe(bob);
  const elsewhere = { jwksUri: 'http://127.0.0.1:9/jwks', keys: [], algorithms: ['ES256'] };
  await expect(judge(token, elsewhere)).rejects.toMatchObject({ code: 'idp_unavailable' });
});

test.each([
  ['an error', 500, undefined],
  ['a page', 200, '<!doctype html>'],
  ['JSON without keys', 200, '{"keys":"none"}'],
])('keys: after %s, many tokens read the address once in half a minute', async (_, status, body) => {
  const { issuer, audience, jwksUri } = transmitter;
  const settings = { issuer, audience, subjectIssuer: issuer, algorithms: ['RS256'], subjects: ['email'] };
  const source = { ...{ maxAgeMs: 3_600_000, clockSkewMs: 60_000 }, jwksUri, keys: [] };
  const keys = await transmitterKeys(source, fetch, now);
  const send = async () => validateSecurityEvent(await transmitter.sign(good), keys, { ...settings, ...source }, now());
  const before = transmitter.keyReads();
  transmitter.answerKeysWith(status, body);
  for (let sent = 0; sent < 3; sent++) await expect(send()).rejects.toMatchObject({ code: 'idp_unavailable' });
  expect(transmitter.keyReads()).toBe(before + 1);
  transmitter.answerKeysWith(200);
  clock.advance(30_000);
  expect((await send()).signal?.user).toBe(bob);
  expect(transmitter.keyReads()).toBe(before + 2);
});
