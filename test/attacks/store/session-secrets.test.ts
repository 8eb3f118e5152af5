// session.secrets are replaced in two steps, while processes with the list of before and after share one Redis.
import { randomBytes } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { type Browser, type TestApp, useApp } from '../../http/support/app.ts';
import { authorize, createOAuthClient, createProof, signInCommandLine } from '../../http/support/oauth.ts';

const start = useApp();
const [old, fresh] = ['the secret of before, at least 32 letters', 'the secret of now, at least 32 letters'];
const steps: readonly [string, readonly string[], readonly string[]][] = [
  ['added as a reader', [old], [old, fresh]],
  ['promoted', [old, fresh], [fresh, old]],
  ['the old one removed', [fresh, old], [fresh]],
];

const startOn = (secrets: readonly string[]) => {
  const store = { type: 'redis', url: inject('redisUrl'), keyPrefix: `secrets-${randomBytes(6).toString('hex')}:` };
  return start((raw) => ({ ...raw, store, session: { secrets } }));
};
const userOf = async (browser: Browser) => (await browser.get('/api/v1/me')).body.user;

describe.each(steps)('%s', (_, before, after) => {
  test.each(['the process of before', 'the process of after'])('what %s makes the other one takes', async (first) => {
    const one = await startOn(before);
    const two = one.process(after);
    const [here, there] = first === 'the process of before' ? [one, two] : [two, one];
    await honours(here, there);
  });
});

async function honours(here: TestApp, there: TestApp): Promise<void> {
  const origin = { Origin: here.config.baseUrl, 'Content-Type': 'application/json' };
  const browser = here.browser();
  const elsewhere = there.browser(browser.cookies);
  // A pending sign-in, and then its mark and its session.
  const started = await browser.startLogin();
  expect((await elsewhere.answer(started, 'alice')).status).toBe(303);
  expect((await browser.answer(started, 'alice')).status).toBe(403);
  expect(await userOf(browser)).toBe('alice@corp.example');
  await browser.signIn('alice');
  expect(await userOf(elsewhere)).toBe('alice@corp.example');
  // Favourites, the newest of which count wherever they were written.
  for (const [writer, reader, favourites] of [
    [browser, elsewhere, ['arn:aws:iam::111122223333:role/One']],
    [elsewhere, browser, ['arn:aws:iam::111122223333:role/Two']],
    [browser, elsewhere, []],
  ] as const) {
    here.clock.advance(1);
    await writer.send('PUT', '/api/v1/preferences/favourites', { headers: origin, body: { favourites } });
    expect((await reader.get('/api/v1/preferences')).body.favourites).toEqual(favourites);
  }
  // A code, its tokens, and the grant.
  const [client, other] = [createOAuthClient(here), createOAuthClient(there)];
  const proof = createProof();
  const code = (await authorize(client, browser, proof)).searchParams.get('code') ?? '';
  const { access_token, refresh_token } = (await other.redeem(code, proof)).body;
  expect((await client.get('/api/v1/me', access_token)).status).toBe(200);
  const refreshed = (await client.refresh(refresh_token)).body;
  expect((await other.get('/api/v1/me', refreshed.access_token)).status).toBe(200);
  expect((await elsewhere.send('DELETE', '/api/v1/grants', { headers: origin })).body).toEqual({ ended: 1 });
  expect((await client.get('/api/v1/me', refreshed.access_token)).status).toBe(401);
  // The directory, which ends the session everywhere.
  const last = (await signInCommandLine(client, browser)).body.access_token;
  const { total } = await there.broker.sessionDirectory.list({ user: 'alice@corp.example' });
  expect(total).toBe(2);
  expect(await there.broker.sessionDirectory.end({ idp: 'adfs' }, 'operator')).toBe(2);
  expect(await userOf(browser)).toBeUndefined();
  expect((await client.get('/api/v1/me', last)).status).toBe(401);
  expect(here.audit.lines().at(-1)).toMatchObject({
    event: 'sessions_ended',
    by: 'operator',
    browserSessions: 1,
    cliSessions: 1,
  });
}

test('secrets that are all replaced end sessions, CLI sessions and tokens', async () => {
  const one = await startOn([old]);
  const browser = one.browser();
  await browser.signIn('alice');
  const tokens = (await signInCommandLine(createOAuthClient(one), browser)).body;
  const two = one.process([fresh]);
  const client = createOAuthClient(two);
  expect(await userOf(two.browser(browser.cookies))).toBeUndefined();
  expect((await client.get('/api/v1/me', tokens.access_token)).status).toBe(401);
  expect((await client.refresh(tokens.refresh_token)).status).toBe(400);
  // Until the old ones are gone from every process, they can be found and ended.
  expect(await one.process([fresh, old]).broker.sessionDirectory.end({}, 'operator')).toBe(2);
  expect((await createOAuthClient(one).get('/api/v1/me', tokens.access_token)).status).toBe(401);
});
