// The page on which a person decides about a command line, and who may not decide: by reading it as a thief would use it.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { confirmationCode } from '../../../src/wire/oauth.ts';
import { type Browser, baseUrl, encode, type TestApp, useApp } from '../support/app.ts';
import {
  createOAuthClient,
  createProof,
  decide,
  type Fields,
  follow,
  type OAuthClient,
  openInBrowser,
  readConfirm,
} from '../support/oauth.ts';

const start = useApp();
const remote = { redirect_uri: `${baseUrl}/oauth/remote` };
let app: TestApp;
let client: OAuthClient;

beforeEach(async () => {
  // Tests say by X-Forwarded-For from where a request comes.
  app = await start((raw) => ({ ...raw, listen: { port: 8080, trustProxy: ['127.0.0.1', '::1'] } }));
  client = createOAuthClient(app);
});

const events = (name: string) => app.audit.lines().filter(({ event }) => event === name);

async function asked(more: Fields = {}, headers: Fields = {}, browser = app.browser()) {
  await browser.signIn('alice');
  const proof = createProof();
  const path = await openInBrowser(browser, await client.push(proof, more, headers));
  const form = await readConfirm(browser, path);
  return { browser, proof, path, ...form, code: confirmationCode(proof.challenge) };
}

const codeFrom = async (browser: Browser, response: Awaited<ReturnType<typeof decide>>) =>
  (await follow(browser, response)).searchParams.get('code');

describe('the code that both show', () => {
  test('is on the page when browser and terminal share a machine, and allowing is enough', async () => {
    const { browser, path, person, html, code } = await asked();
    expect(html).toContain(code);
    expect(html).not.toContain('name="code"');
    expect(await codeFrom(browser, await decide(browser, path, { decision: 'allow', person }))).toMatch(/^[\w-]{20,}$/);
    expect(events('command_line_confirmed')).toMatchObject([
      { user: 'alice@corp.example', deviceHost: 'alice-laptop' },
    ]);
  });

  test.each(['127.0.0.1:51324', '"127.0.0.1:4711"', '[::ffff:127.0.0.1]:4711'])(
    'is on the page where a proxy adds the port of the terminal: %s',
    async (address) => {
      const { html, code } = await asked({}, { 'X-Forwarded-For': address });
      expect(html).toContain(code);
    },
  );

  test.each([
    ['for another machine', remote, {}],
    ['from another address', {}, { 'X-Forwarded-For': '203.0.113.7' }],
  ])('has to be typed where the sign-in is %s', async (_, more, headers) => {
    const { browser, path, person, html, code } = await asked(more, headers);
    expect(html).not.toContain(code);
    expect(html).toContain('name="code"');
    for (const wrong of ['', 'AAAA-AAAA', code.slice(0, -1)]) {
      const refused = await decide(browser, path, { decision: 'allow', person, code: wrong });
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('role="alert"');
      expect(refused.text).not.toContain(code);
    }
    expect(events('command_line_denied')).toHaveLength(3);
    const typed = ` ${code.toLowerCase().replace('-', ' ')} `;
    expect(
      await codeFrom(browser, await decide(browser, path, { decision: 'allow', person, code: typed })),
    ).toBeTruthy();
  });

  test('is for copying with the state where no listener waits', async () => {
    const { browser, path, person, code, proof } = await asked(remote);
    const url = await follow(browser, await decide(browser, path, { decision: 'allow', person, code }));
    expect(url.origin + url.pathname).toBe(`${baseUrl}/oauth/remote`);
    const page = await browser.get(url.pathname + url.search, { Accept: 'text/html' });
    const line = /id="remote-code">([^<]+)</.exec(page.text)?.[1] ?? '';
    expect(line.split('.')[1]).toBe(proof.state);
    const redeemed = await client.redeem(line.split('.')[0] ?? '', proof, remote);
    expect(redeemed.status).toBe(200);
  });
});

describe('a command without a key', () => {
  const text = 'is older than this broker';
  const link = '<a href="/cli">';

  test('is told on each page to be updated, in the language of the person', async () => {
    const { browser, path, person, html } = await asked();
    expect(html).toContain(text);
    expect(html.slice(html.indexOf(text))).toContain(link);
    const korean = await browser.get(path, { Accept: 'text/html', 'Accept-Language': 'ko' });
    expect(korean.text).toContain('이 서버보다 오래되어');
    expect(await codeFrom(browser, await decide(browser, path, { decision: 'allow', person }))).toBeTruthy();
  });

  test('is told nothing if it has one', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const proofWith = (nonce: string) =>
      new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${baseUrl}/oauth/par`, nonce })
        .setIssuedAt()
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicKey.export({ format: 'jwk' }) })
        .sign(key.privateKey);
    const refused = await client.push(createProof(), {}, { DPoP: await proofWith('none') });
    const { html } = await asked({}, { DPoP: await proofWith(refused.get('DPoP-Nonce') ?? '') });
    expect(html).toContain('name="person"');
    expect(html).not.toContain(text);
  });
});

describe('who decides', () => {
  test('without a session must sign in first and comes back', async () => {
    const browser = app.browser();
    const path = await openInBrowser(browser, await client.push(createProof()));
    const to = await browser.get(path, { Accept: 'text/html' });
    expect(to.headers['location']).toBe(`/login?return_to=${encodeURIComponent(path)}`);
    const back = await browser.signIn('alice', to.headers['location']!.slice('/login'.length));
    expect(back.headers['location']).toBe(path);
    expect((await readConfirm(browser, path)).person).not.toBe('');
  });

  test('is not another browser, even of the same person', async () => {
    const { path, person } = await asked();
    const other = app.browser();
    await other.signIn('alice');
    expect((await other.get(path, { Accept: 'text/html' })).status).toBe(400);
    expect((await decide(other, path, { decision: 'allow', person })).status).toBe(400);
  });

  test('is not another user who has signed in meanwhile', async () => {
    const { browser, path, person } = await asked();
    await browser.signIn('bob');
    const refused = await decide(browser, path, { decision: 'allow', person });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('bob@corp.example');
    const { person: bob } = await readConfirm(browser, path);
    expect(bob).not.toBe(person);
    expect(await codeFrom(browser, await decide(browser, path, { decision: 'allow', person: bob }))).toBeTruthy();
    expect(events('command_line_confirmed')).toMatchObject([{ user: 'bob@corp.example' }]);
  });

  test('is not another site: the form needs the Origin of the broker, and is never framed, also where the portal may be', async () => {
    const embedders = ['https://intranet.corp.example'];
    app = await start((raw) => ({ ...raw, portal: { embedders } }));
    client = createOAuthClient(app);
    const { browser, path, person } = await asked();
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const headers of [form, { ...form, Origin: 'null' }, { ...form, Origin: 'https://evil.example' }]) {
      const refused = await browser.send('POST', path, { headers, body: encode({ decision: 'allow', person }) });
      expect(refused.status).toBe(403);
    }
    const { headers } = await browser.get(path, { Accept: 'text/html' });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(events('command_line_confirmed')).toEqual([]);
  });

  test('decides once', async () => {
    const { browser, path, person } = await asked();
    const answers = await Promise.all([1, 2].map(() => decide(browser, path, { decision: 'allow', person })));
    const codes = await Promise.all(answers.map((answer) => codeFrom(browser, answer)));
    expect(codes.filter(Boolean).length).toBeLessThanOrEqual(1);
    expect((await browser.get(path, { Accept: 'text/html' })).status).toBe(400);
  });
});

describe('saying no', () => {
  test('the answer "It was not me" is recorded, and ends the requests that wait on this machine', async () => {
    const { browser, path, person } = await asked();
    const denied = await decide(browser, path, { decision: 'not_me', person });
    expect(denied.status).toBe(200);
    expect(denied.text).toContain('http-equiv="refresh"');
    expect(events('command_line_denied')).toMatchObject([{ reason: 'not_me', deviceHost: 'alice-laptop' }]);
    expect((await decide(browser, path, { decision: 'allow', person })).status).toBe(400);
  });

  test('for now tells the command line', async () => {
    const { browser, path, person, proof } = await asked();
    const url = await follow(browser, await decide(browser, path, { decision: 'cancel', person }));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      error: 'access_denied',
      state: proof.state,
      iss: baseUrl,
    });
  });
});

describe('a stronger or newer sign-in', () => {
  test('that the command line forces is asked of the identity provider once', async () => {
    const browser = app.browser();
    await browser.signIn('alice');
    app.clock.advance(1000);
    const path = await openInBrowser(browser, await client.push(createProof(), { prompt: 'login' }));
    const to = (await browser.get(path, { Accept: 'text/html' })).headers['location']!;
    expect(to).toBe(`/login?return_to=${encodeURIComponent(path)}&fresh=yes`);
    app.clock.advance(1000);
    expect((await browser.signIn('alice', to.slice('/login'.length))).headers['location']).toBe(path);
    expect((await readConfirm(browser, path)).person).not.toBe('');
  });

  test('for a role is carried by the grant; an unknown role is refused', async () => {
    const browser = app.browser();
    await browser.signIn('alice');
    const roles = (await browser.get('/api/v1/roles')).body.roles as { roleArn: string; roleName: string }[];
    const { roleArn } = roles.find(({ roleName }) => roleName === 'Admin')!;
    const path = await openInBrowser(browser, await client.push(createProof(), { step_up_role: roleArn }));
    const to = (await browser.get(path, { Accept: 'text/html' })).headers['location']!;
    expect(to).toContain(`step_up=${encodeURIComponent(roleArn)}`);
    const unknown = { step_up_role: 'arn:aws:iam::444455556666:role/Nobody' };
    const other = await openInBrowser(browser, await client.push(createProof(), unknown));
    const resumed = (await browser.get(other, { Accept: 'text/html' })).headers['location']!;
    const { headers } = await browser.get(resumed, { Accept: 'text/html' });
    expect(headers['location']).toContain('error=access_denied');
  });
});

test('behind a proxy that ends TLS the cookies of a confirmation are for https, this path and this site alone', async () => {
  const secure = baseUrl.replace('http:', 'https:');
  const listen = { port: 8080, trustProxy: ['127.0.0.1', '::1'] };
  app = await start((raw) => ({ ...raw, baseUrl: secure, listen }));
  client = createOAuthClient(app);
  const https = { 'X-Forwarded-Proto': 'https' };
  const pushed = await client.push(createProof(), {}, https);
  const query = encode({ client_id: 'rolegate-cli', request_uri: pushed.body.request_uri });
  const { headers } = await app.browser().get(`/oauth/authorize?${query}`, https);
  const cookies = [headers['set-cookie'] ?? []].flat();
  expect(cookies.filter((cookie) => cookie.startsWith('__Host-rolegate-login='))).toHaveLength(1);
  const own = cookies.filter((cookie) => !cookie.startsWith('__Host-'));
  expect(own.length).toBeGreaterThan(1);
  for (const cookie of own) {
    expect(cookie).toMatch(/^__Secure-rolegate-(confirm|authorize)(\.sig)?=/);
    expect(cookie).toMatch(/path=\/oauth\/(confirm|authorize)\/[\w-]+;.*samesite=lax; secure; httponly/i);
  }
  expect(headers['location']).toMatch(/^\/oauth\/confirm\//);
});
