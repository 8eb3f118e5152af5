// OpenID providers as they are: what they take at the token endpoint, where they put groups, what goes wrong and how it reads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OpenidEmulator, startOpenidProvider } from '../../emulators/openid/provider.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { change, createWorkplace, goodProduction, problemsOf, type Workplace } from '../config/support/workplace.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair, writeKeyPairs } from '../support/key-pairs.ts';

const client = { clientId: 'role gate', clientSecret: 'a:b%c+d e' };
const group = 'CORP\\AWS-Payments-Dev';
const carol = { sub: 'c-1', email: 'carol@corp.example', email_verified: true, groups: [group] };
let provider: OpenidEmulator;
let demo: TestDemo;
let browser: HttpBrowser;

const directory = mkdtempSync(join(tmpdir(), 'rolegate-field-openid-'));

beforeAll(async () => {
  writeKeyPairs(directory, { client: 'stranger' });
  const publicKey = keyPair('stranger').cert;
  provider = await startOpenidProvider({ client: { ...client, publicKey }, now: () => new Date() });
});
afterAll(async () => {
  await provider.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  Object.assign(provider, { person: carol, fault: {}, userInfo: {} });
  provider.methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
  browser = createHttpBrowser();
  return async () => {
    browser.close();
    await demo.close();
  };
});

async function startBroker(settings: object = {}): Promise<void> {
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      identityProviders: [
        {
          id: 'oidc',
          label: 'OpenID',
          openid: { issuer: provider.issuer, ...client, ...settings },
          attributes: { user: 'email' },
        },
      ],
    }),
  });
}
const signIn = async () => (await browser.get(`${demo.brokerUrl}/login`)).status;
const refusal = () => demo.audit.findLast(({ event }) => event === 'sign_in_refused');
const roles = async () =>
  (JSON.parse((await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`)).body) as { roles: unknown[] }).roles.length;

describe('the broker authenticates itself', () => {
  const offered = (methods: unknown) => ({ metadata: { token_endpoint_auth_methods_supported: methods } });

  test.each([
    [undefined, 'client_secret_basic'],
    [['client_secret_basic'], 'client_secret_basic'],
    [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
    [['client_secret_post'], 'client_secret_post'],
  ] as const)('where the provider publishes %j: by %s', async (methods, expected) => {
    provider.fault = offered(methods);
    provider.methods = [expected];
    await startBroker();
    expect(await signIn()).toBe(200);
    expect(provider.authenticated.at(-1)).toBe(expected);
  });

  test('as the configuration says', async () => {
    provider.methods = ['client_secret_post'];
    await startBroker({ clientAuthentication: 'client_secret_post' });
    expect(await signIn()).toBe(200);
  });

  test('with a signed assertion instead of a secret', async () => {
    provider.methods = ['private_key_jwt'];
    await startBroker({ clientSecret: undefined, clientKey: join(directory, 'client.key') });
    expect(await signIn()).toBe(200);
    expect(provider.authenticated.at(-1)).toBe('private_key_jwt');
  });

  test.each([['client_secret_basic'], ['client_secret_post']])(
    '%s with a wrong secret: the log says so',
    async (method) => {
      await startBroker({ clientSecret: 'another', clientAuthentication: method });
      expect(await signIn()).toBe(403);
      expect(refusal()).toMatchObject({
        reason: 'status',
        detail: 'the token endpoint answered invalid_client: client id, secret or authentication method',
      });
    },
  );
});

describe('groups', () => {
  test('as objects do not count, and the log names the claim and its kind', async () => {
    provider.person = { ...carol, groups: [{ name: group, id: 7 }] };
    await startBroker();
    expect(await signIn()).toBe(200);
    expect(await roles()).toBe(0);
    const kind = 'objects with "name", "id"';
    expect(demo.log.find((line) => line['claim'] === 'groups')).toMatchObject({ idp: 'oidc', kind });
  });

  test('as objects count by their member, where it is configured', async () => {
    provider.person = { ...carol, groups: [{ name: group }, { name: 7 }, 'plain'] };
    await startBroker({ groupsMember: 'name' });
    await signIn();
    expect(await roles()).toBeGreaterThan(0);
  });

  test('come from UserInfo where it is configured; what the ID token says stays', async () => {
    provider.person = { ...carol, groups: undefined };
    provider.userInfo = { groups: [group], email: 'mallory@corp.example', acr: 'https://refeds.org/profile/mfa' };
    await startBroker({ userInfo: true });
    expect(await signIn()).toBe(200);
    expect(await roles()).toBeGreaterThan(0);
    expect(demo.audit.findLast(({ event }) => event === 'sign_in')).toMatchObject({
      user: 'carol@corp.example',
      authnContexts: [],
    });
  });

  test('of another person at UserInfo refuse the sign-in', async () => {
    provider.userInfo = { sub: 'somebody else', groups: [group] };
    await startBroker({ userInfo: true });
    expect(await signIn()).toBe(403);
  });
});

describe('a callback', () => {
  const reachCallback = async () => {
    const login = await browser.json('GET', `${demo.brokerUrl}/login`);
    const back = await browser.json('GET', String(login.headers['location']));
    return String(back.headers['location']);
  };

  test.each([{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }, { 'x-moz': 'prefetch' }])(
    'that is read ahead (%j) uses nothing up',
    async (headers) => {
      await startBroker();
      const callback = await reachCallback();
      expect((await browser.json('GET', callback, undefined, headers)).status).toBe(503);
      expect((await browser.json('HEAD', callback)).status).toBe(503);
      expect((await browser.get(callback)).status).toBe(200);
    },
  );

  test('that is repeated leads the signed-in person to the portal', async () => {
    await startBroker();
    const callback = await reachCallback();
    expect((await browser.get(callback)).status).toBe(200);
    const again = await browser.get(callback);
    expect([again.status, new URL(again.url).pathname]).toEqual([200, '/']);
  });
});

describe('what goes wrong is readable', () => {
  test('an issuer of every tenant: both issuers, and what to do', async () => {
    provider.fault = { metadata: { issuer: 'https://login.example/{tenantid}/v2.0' } };
    await startBroker();
    expect(await signIn()).toBe(503);
    expect(demo.log.findLast((line) => line['expected'] !== undefined)).toMatchObject({
      msg: expect.stringContaining("another issuer than the configuration: give one tenant's issuer"),
      received: '"https://login.example/{tenantid}/v2.0"',
      expected: expect.stringContaining(provider.issuer),
    });
  });

  test('an ID token with HS256', async () => {
    provider.fault = { hmac: client.clientSecret };
    await startBroker();
    expect(await signIn()).toBe(403);
    expect(refusal()?.['reason']).toBe('algorithm');
  });

  test.each([
    ['iss', 'https://evil.example'],
    ['aud', 'somebody else'],
  ])('another %s: received and expected', async (name, value) => {
    provider.fault = { claims: { [name]: value } };
    await startBroker();
    expect(await signIn()).toBe(403);
    const received = `"${value}"`;
    const expected = name === 'iss' ? `"${provider.issuer}"` : expect.stringContaining(client.clientId);
    expect(demo.log.findLast((line) => line['received'] !== undefined)).toMatchObject({ received, expected });
  });

  test.each([
    ['invalid_grant', 'AADSTS54005: code already redeemed', /invalid_grant: the code was used, has expired, or is for/],
    ['unauthorized_client', 'AADSTS700016: not found', /unauthorized_client: allow the authorization code flow/],
    ['temporarily_unavailable', 'try later', /answered temporarily_unavailable$/],
  ])('%s of the token endpoint: what to do, and its words', async (error, error_description, detail) => {
    provider.fault = { answers: { '/token': { status: 400, body: { error, error_description } } } };
    await startBroker();
    expect(await signIn()).toBe(403);
    expect(refusal()).toMatchObject({
      reason: 'status',
      detail: expect.stringMatching(detail),
      received: `"${error_description}"`,
    });
  });

  test.each([
    ['unauthorized_client', /allow the authorization code flow/],
    ['invalid_scope', /openid\.scopes has a scope/],
    ['login_required', /the provider answered login_required$/],
    ['server_error', /the provider answered server_error$/],
  ])('%s in place of a code: what to do, and its words', async (error, detail) => {
    provider.fault = { error, callback: { error_description: 'AADSTS65001: consent is missing' } };
    await startBroker();
    expect(await signIn()).toBe(403);
    const received = '"AADSTS65001: consent is missing"';
    expect(refusal()).toMatchObject({ reason: 'status', detail: expect.stringMatching(detail), received });
  });

  test('an ID token that has expired: when, and what time it is here', async () => {
    provider.fault = { claims: { exp: 1_700_000_000 } };
    await startBroker();
    expect(await signIn()).toBe(403);
    expect(refusal()).toMatchObject({
      reason: 'expired',
      received: '2023-11-14T22:13:20.000Z',
      expected: expect.stringMatching(/^about 20\d\d-/),
    });
  });

  test.each([
    ['a page', { status: 200, body: '<html>', type: 'text/html' }, /status 200 and content type "text\/html"/],
    ['404', { status: 404, body: {} }, /status 404 and content type "application\/json"/],
    ['429', { status: 429, body: 'slow down', type: 'text/plain' }, /status 429 and content type "text\/plain"/],
  ])('%s in place of the discovery document: the log says what came', async (_, answer, msg) => {
    provider.fault = { answers: { '/.well-known/openid-configuration': answer } };
    await startBroker();
    expect(await signIn()).toBe(503);
    expect(demo.log.find(({ code }) => code === 'idp_unavailable')).toMatchObject({ msg: expect.stringMatching(msg) });
  });

  test('a page in place of the tokens is an outage', async () => {
    provider.fault = { answers: { '/token': { status: 502, body: '<html>', type: 'text/html' } } };
    await startBroker();
    expect(await signIn()).toBe(503);
    const msg = expect.stringMatching(/status 502 and content type "text\/html"/);
    expect(demo.log.find(({ code }) => code === 'idp_unavailable')).toMatchObject({ msg });
  });

  test('an ID token without iat', async () => {
    provider.fault = { claims: { iat: undefined } };
    await startBroker();
    await signIn();
    expect(refusal()?.['detail']).toBe('the claim iat is missing from the ID token');
  });
});

describe('the configuration', () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await createWorkplace();
  });
  afterAll(() => workplace.remove());
  const withOpenid = (openid: object) =>
    change(goodProduction(), 'identityProviders', [
      { id: 'entra', label: 'Entra', openid: { clientId: 'c', ...openid }, attributes: { user: 'email' } },
    ]);

  test.each(['common', 'organizations', 'consumers', '{tenantid}'])('refuses the issuer of %s', async (tenant) => {
    await startBroker();
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    const problems = await problemsOf(workplace, withOpenid({ issuer, clientSecret: 's' }));
    expect(problems.join('\n')).toContain("openid.issuer: is the issuer of every tenant; give one tenant's");
  });

  test('refuses a method without what it needs', async () => {
    await startBroker();
    const issuer = 'https://idp.example';
    const problems = async (openid: object) => (await problemsOf(workplace, withOpenid({ issuer, ...openid }))).join();
    expect(await problems({ clientAuthentication: 'private_key_jwt' })).toContain('clientKey: is needed');
    expect(await problems({ clientAuthentication: 'client_secret_post' })).toContain('clientSecret: is needed');
    expect(await problems({ clientSecret: 's', clientKey: 'sp.key' })).toContain('give either');
  });
});
