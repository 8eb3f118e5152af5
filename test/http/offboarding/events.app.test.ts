// Security events over HTTP (RFC 8935): what they end, what they keep out, and how refusals are answered.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, useApp } from '../support/app.ts';
import { events, startTransmitter, subjectOf, type Transmitter } from '../support/transmitter.ts';

const startApp = useApp();
const [alice, bob] = ['alice@corp.example', 'bob@corp.example'] as const;
/** Of the test, moved with the clock of its app. */
let now = () => new Date();
let transmitter: Transmitter;
beforeAll(async () => {
  transmitter = await startTransmitter(() => now());
});
afterAll(() => transmitter?.close());

async function start(): Promise<TestApp> {
  const { issuer, audience, jwksUri } = transmitter;
  const entry = { id: 'corp', identityProvider: 'adfs', issuer, audience, jwksUri, subjects: ['email'] };
  const app = await startApp((raw) => ({ ...raw, offboarding: { events: [entry] } }));
  now = app.clock.now;
  return app;
}

const push = (
  { browser }: TestApp,
  body: string,
  path = '/offboarding/events/corp',
  type = 'application/secevent+jwt',
) => browser().send('POST', path, { headers: { 'Content-Type': type }, body });
const event = (type: string, user: string, facts: object = {}) =>
  transmitter.sign({ sub_id: subjectOf(user), events: { [type]: facts } });
const isSignedIn = async ({ get }: ReturnType<TestApp['browser']>) => (await get('/api/v1/me')).status === 200;
const recorded = ({ audit }: TestApp, name: string) => audit.lines().filter((line) => line['event'] === name);

describe('session-revoked', () => {
  test('ends every session of the person, whatever the spelling of the name, and of no one else', async () => {
    const app = await start();
    const [first, second, other] = [app.browser(), app.browser(), app.browser()];
    for (const browser of [first, second]) await browser.signIn('bob');
    await other.signIn('alice');
    const answer = await push(app, await event(events.sessionRevoked, 'Bob@Corp.Example'));
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(await Promise.all([first, second, other].map(isSignedIn))).toEqual([false, false, true]);
    const [received] = recorded(app, 'offboarding_received');
    expect(received).toMatchObject({ by: 'events:corp', signal: 'session-revoked', idp: 'adfs', sessionsEnded: 2 });
    expect(recorded(app, 'sessions_ended')).toMatchObject([{ by: 'events:corp', browserSessions: 2 }]);
  });

  test('refuses an answer from before it, and lets the person sign in again', async () => {
    const app = await start();
    const [early, late] = [app.browser(), app.browser()];
    const started = await early.startLogin();
    const issueInstant = app.clock.now();
    app.clock.advance(2000);
    await push(app, await event(events.sessionRevoked, bob));
    expect((await early.answer(started, 'bob', { issueInstant })).status).toBe(403);
    expect(recorded(app, 'sign_in_refused')).toMatchObject([{ code: 'saml_refused', reason: 'expired' }]);
    app.clock.advance(1000);
    await late.signIn('bob');
    expect(await isSignedIn(late)).toBe(true);
  });

  test('has no effect when it comes again, and is answered as the first time', async () => {
    const app = await start();
    const token = await event(events.sessionRevoked, bob);
    expect((await push(app, token)).status).toBe(202);
    app.clock.advance(1000);
    const browser = app.browser();
    await browser.signIn('bob');
    expect((await push(app, token)).status).toBe(202);
    expect(await isSignedIn(browser)).toBe(true);
    expect((await push(app, await event(events.sessionRevoked, bob))).status).toBe(202);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('about a person without a session is answered like any other', async () => {
    const app = await start();
    await app.browser().signIn('alice');
    const [known, unknown] = [
      await event(events.sessionRevoked, alice),
      await event(events.sessionRevoked, 'x@y.example'),
    ];
    const answers = [await push(app, known), await push(app, unknown)];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['202 ']));
  });
});

describe('account-disabled', () => {
  test('also keeps the person out, until account-enabled', async () => {
    const app = await start();
    const browser = app.browser();
    await browser.signIn('bob');
    await push(app, await event(events.accountDisabled, bob));
    app.clock.advance(1000);
    expect(await isSignedIn(browser)).toBe(false);
    expect((await app.browser().signIn('bob')).status).toBe(403);
    expect(recorded(app, 'sign_in_refused')).toMatchObject([{ code: 'access_denied' }]);
    expect((await app.browser().signIn('alice')).status).toBe(303);
    await push(app, await event(events.accountEnabled, bob));
    expect((await app.browser().signIn('bob')).status).toBe(303);
  });

  test('is not undone by an older account-enabled that arrives later', async () => {
    const app = await start();
    const late = await event(events.accountEnabled, bob);
    app.clock.advance(5000);
    await push(app, await event(events.accountDisabled, bob));
    await push(app, late);
    expect((await app.browser().signIn('bob')).status).toBe(403);
    expect(recorded(app, 'offboarding_received').at(-1)).toMatchObject({ signal: 'account-enabled', outdated: true });
  });

  test('keeps the person out for as long as a session may last', async () => {
    const app = await start();
    await push(app, await event(events.accountDisabled, bob));
    app.clock.advance(app.config.session.absoluteTimeoutMs - 1000);
    expect((await app.browser().signIn('bob')).status).toBe(403);
    app.clock.advance(2000);
    expect((await app.browser().signIn('bob')).status).toBe(303);
  });
});

describe('answers', () => {
  test('an event that the broker does not act on is accepted and recorded', async () => {
    const app = await start();
    expect((await push(app, await event(events.verification, bob))).status).toBe(202);
    expect(recorded(app, 'offboarding_ignored')).toMatchObject([{ by: 'events:corp' }]);
  });

  test.each([
    ['invalid_issuer', { iss: 'https://other.example' }, {}],
    ['invalid_audience', { aud: 'https://other.example' }, {}],
    ['invalid_key', {}, { alg: 'PS256' }],
    ['invalid_key', {}, { kid: 'unknown' }],
    ['invalid_request', { sub_id: { format: 'opaque', id: 'x' } }, {}],
    ['invalid_request', { iat: 1 }, {}],
  ])('%s for a signed token with %j and header %j', async (err, claims, header) => {
    const app = await start();
    const browser = app.browser();
    await browser.signIn('bob');
    const good = { sub_id: subjectOf(bob), events: { [events.sessionRevoked]: {} } };
    const answer = await push(app, await transmitter.sign({ ...good, ...claims }, header));
    expect([answer.status, answer.body.err, answer.get('Content-Language')]).toEqual([400, err, 'en']);
    expect(Object.keys(answer.body)).toEqual(['err', 'description']);
    expect(recorded(app, 'offboarding_refused')).toMatchObject([{ by: 'events:corp', code: 'openid_refused' }]);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test('invalid_request for another type, another body, and one that is too long', async () => {
    const app = await start();
    const token = await event(events.sessionRevoked, bob);
    for (const [body, type] of [
      [token, 'text/plain'],
      ['not a token', 'application/secevent+jwt'],
      ['x'.repeat(40_000), 'application/secevent+jwt'],
    ] as const) {
      const answer = await push(app, body, undefined, type);
      expect([answer.status, answer.body.err]).toEqual([400, 'invalid_request']);
    }
  });

  test('404 for an unknown transmitter, and for all of them where none is configured', async () => {
    const app = await start();
    const token = await event(events.sessionRevoked, bob);
    expect((await push(app, token, '/offboarding/events/other')).status).toBe(404);
    expect((await push(await startApp(), token)).status).toBe(404);
  });

  test('503 while the audit trail cannot be written; the same token then has its effect', async () => {
    const app = await start();
    app.audit.fail();
    expect((await push(app, await event(events.sessionRevoked, bob))).status).toBe(503);
  });
});
