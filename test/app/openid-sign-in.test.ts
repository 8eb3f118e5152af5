// Signing in through an OpenID provider instead of AD FS: the shapes that providers have, and every answer that must not
// count. Each refusal is the good answer with one thing changed, signed with the published key unless that is the change.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OpenidEmulator, startOpenidProvider } from '../../emulators/openid/provider.ts';
import type { OpenidFault } from '../../emulators/openid/tokens.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';

let provider: OpenidEmulator;
let demo: TestDemo;
let browser: HttpBrowser;

const client = { clientId: 'rolegate', clientSecret: 'a client secret: of + odd % characters' };
const developers = 'CORP\\AWS-Payments-Dev';
const carol = {
  sub: 'c-1',
  email: 'carol@corp.example',
  email_verified: true,
  name: 'Carol Sample',
  groups: [developers],
};

beforeAll(async () => {
  provider = await startOpenidProvider({ client, now: () => new Date() });
  const openid = { issuer: provider.issuer, ...client };
  const idp = (id: string, attributes: object) => ({ id, label: `Sign in with ${id}`, openid, attributes });
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      identityProviders: [
        ...(config['identityProviders'] as object[]),
        idp('google', { user: 'email' }),
        idp('entra', { user: 'preferred_username', groups: 'roles' }),
        idp('cognito', { user: 'cognito:username', groups: 'cognito:groups' }),
      ],
    }),
  });
});
afterAll(async () => {
  await demo?.close();
  await provider?.close();
});
beforeEach(() => {
  provider.person = carol;
  provider.fault = {};
  browser = createHttpBrowser();
  return () => browser.close();
});

const signInAt = (idp: string): Promise<Page> => browser.get(`${demo.brokerUrl}/login?idp=${idp}`);
const api = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await browser.json('GET', `${demo.brokerUrl}/api/v1/${path}`)).body);

describe('who signs in there', () => {
  test('gets the roles of their groups and credentials under their own name', async () => {
    const page = await signInAt('google');
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/']);
    expect(await api('me')).toMatchObject({
      user: 'carol@corp.example',
      displayName: 'Carol Sample',
      identityProvider: 'google',
    });
    const { roles } = (await api('roles')) as { roles: { roleArn: string }[] };
    expect(roles.length).toBeGreaterThan(0);
    const answer = await browser.json(
      'POST',
      `${demo.brokerUrl}/api/v1/credentials`,
      { roleArn: roles[0]?.roleArn },
      { origin: demo.brokerUrl },
    );
    expect(JSON.parse(answer.body)).toMatchObject({ Version: 1 });
    const [signIn, issued] = ['sign_in', 'credentials_issued'].map((event) =>
      demo.audit.findLast((line) => line['event'] === event),
    );
    expect(signIn).toMatchObject({ idp: 'google', user: 'carol@corp.example' });
    expect(issued?.['signInAssertionId']).toBe(signIn?.['assertionId']);
  });

  test.each([
    ['entra', { preferred_username: 'carol@corp.example', roles: [developers], oid: 'o', tid: 't' }],
    ['cognito', { 'cognito:username': 'carol', 'cognito:groups': [developers] }],
    ['google', { email: 'carol@corp.example', groups: developers }],
  ])('is known by the claims of %s', async (idp, person) => {
    provider.person = { sub: 'c-1', ...person };
    expect((await signInAt(idp)).status).toBe(200);
    expect(((await api('roles'))['roles'] as unknown[]).length).toBeGreaterThan(0);
  });

  test('is asked with state, nonce and S256', async () => {
    await signInAt('google');
    const asked = provider.asked();
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(asked.get('scope')).toBe('openid profile email');
    expect(asked.get('redirect_uri')).toBe(`${demo.brokerUrl}/openid/callback/google`);
  });

  test('is in the chooser with AD FS', async () => {
    const page = await browser.get(`${demo.brokerUrl}/login`);
    for (const id of ['google', 'entra', 'cognito']) expect(page.body).toContain(`Sign in with ${id}`);
  });
});

const wrong: readonly (readonly [string, OpenidFault, string])[] = [
  ['another issuer', { claims: { iss: 'https://evil.example' } }, 'issuer'],
  ['another audience', { claims: { aud: 'somebody-else' } }, 'audience'],
  ['two audiences without azp', { claims: { aud: ['rolegate', 'other'] } }, 'audience'],
  ['another nonce', { claims: { nonce: 'of-another-sign-in' } }, 'correlation'],
  ['no nonce', { claims: { nonce: undefined } }, 'malformed'],
  ['an end in the past', { claims: { exp: 1_700_000_000 } }, 'expired'],
  ['a key that is not published', { foreignKey: true }, 'signature'],
  ['no signature', { unsigned: true }, 'algorithm'],
  ['no user', { claims: { email: undefined } }, 'attributes'],
  ['two users', { claims: { email: ['a@corp.example', 'b@corp.example'] } }, 'attributes'],
  ['an unverified address', { claims: { email_verified: false } }, 'attributes'],
  ['groups that are elsewhere', { claims: { groups: undefined, _claim_names: { groups: 'src1' } } }, 'attributes'],
  ['an error', { error: 'server_error' }, 'status'],
  ['the iss of another provider', { callback: { iss: 'https://evil.example' } }, 'correlation'],
  ['an unknown state', { callback: { state: 'x'.repeat(43) } }, 'correlation'],
  ['a code of its own making', { callback: { code: 'made-up' } }, 'status'],
];

describe('is refused, with one public text and its own reason:', () => {
  test.each(wrong)('%s', async (_, fault, reason) => {
    provider.fault = fault;
    const page = await signInAt('google');
    expect(page.status).toBe(403);
    expect(page.body).toContain('could not be completed');
    expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', code: 'openid_refused', reason });
    expect((await browser.json('GET', `${demo.brokerUrl}/api/v1/me`)).status).toBe(401);
    provider.fault = {};
    expect((await signInAt('google')).status).toBe(200);
  });

  test('an answer at the address of another provider', async () => {
    const login = await browser.json('GET', `${demo.brokerUrl}/login?idp=google`);
    const back = await browser.json('GET', String(login.headers['location']));
    const astray = String(back.headers['location']).replace('/callback/google', '/callback/entra');
    expect((await browser.get(astray)).status).toBe(403);
    expect(demo.audit.at(-1)).toMatchObject({ code: 'openid_refused', reason: 'correlation' });
    expect((await browser.get(String(back.headers['location']))).status).toBe(200);
  });

  test('an answer in another browser', async () => {
    const stranger = createHttpBrowser();
    const login = await stranger.json('GET', `${demo.brokerUrl}/login?idp=google`);
    const back = await stranger.json('GET', String(login.headers['location']));
    expect((await browser.get(String(back.headers['location']))).status).toBe(403);
    expect(demo.audit.at(-1)).toMatchObject({ reason: 'correlation' });
    expect((await stranger.get(String(back.headers['location']))).status).toBe(200);
    const again = await stranger.get(String(back.headers['location']));
    expect([again.status, demo.audit.at(-1)?.['reason']]).toEqual([200, 'correlation']);
    stranger.close();
  });
});

describe('a role that asks for more', () => {
  const administrator = { ...carol, groups: ['CORP\\AWS-Payments-Admins'] };
  const admin = 'arn:aws:iam::111122223333:role/Admin';
  const stepUp = () => browser.get(`${demo.brokerUrl}/login?idp=google&step_up=${encodeURIComponent(admin)}`);
  const stepUpOf = async () =>
    ((await api('roles'))['roles'] as { roleArn: string; stepUp: unknown }[]).find(({ roleArn }) => roleArn === admin)
      ?.stepUp;

  test('opens after a new sign-in with its context', async () => {
    provider.person = administrator;
    await signInAt('google');
    expect(await stepUpOf()).not.toBeNull();
    const now = Math.floor(Date.now() / 1000);
    provider.person = { ...administrator, auth_time: now + 1, acr: 'https://refeds.org/profile/mfa' };
    expect((await stepUp()).status).toBe(200);
    expect(provider.asked().get('prompt')).toBe('login');
    expect(provider.asked().get('acr_values')).toContain('https://refeds.org/profile/mfa');
    expect(await stepUpOf()).toBeNull();
  });

  test.each([
    ['without auth_time', undefined],
    ['from the old sign-in', 1_700_000_000],
  ])('stays closed to an answer %s', async (_, auth_time) => {
    provider.person = administrator;
    await signInAt('google');
    provider.person = { ...administrator, auth_time, acr: 'https://refeds.org/profile/mfa' };
    expect((await stepUp()).status).toBe(403);
    expect(demo.audit.at(-1)).toMatchObject({ reason: 'authn_context' });
  });
});
