// A certified OpenID provider, as it comes: the broker signs people in at it with nothing but its issuer, id and secret.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';

let server: Server;
let issuer: string;
let demo: TestDemo;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: 'rolegate', clientSecret: 'a secret of the client' };
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      identityProviders: [
        ...(config['identityProviders'] as object[]),
        {
          id: 'company',
          label: 'Company account',
          openid: { issuer, ...client, scopes: ['openid', 'company'] },
          attributes: { user: 'email' },
        },
      ],
    }),
  });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${demo.brokerUrl}/openid/callback/company`],
        post_logout_redirect_uris: [`${demo.brokerUrl}/openid/signed-out/company`],
        backchannel_logout_uri: `${demo.brokerUrl}/openid/backchannel-logout/company`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub'], company: ['email', 'groups'] },
    conformIdTokenClaims: false,
    // Its own dispatcher refuses loopback addresses.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    features: { backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@corp.example`, groups: ['CORP\\AWS-Payments-Dev'] }),
    }),
  });
  server.on('request', provider.callback());
});
afterAll(async () => {
  await demo?.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

async function signIn(browser: HttpBrowser): Promise<Page> {
  const form = await browser.get(`${demo.brokerUrl}/login?idp=company`);
  const page = await browser.submit(form, 0, { login: 'carol', password: 'any' });
  // Consent, once.
  return page.url.startsWith(demo.brokerUrl) ? page : browser.submit(page, 0);
}
const isSignedIn = async (browser: HttpBrowser) =>
  (await browser.json('GET', `${demo.brokerUrl}/api/v1/me`)).status === 200;

test('carol signs in at it and has her roles', async () => {
  const browser = createHttpBrowser();
  const page = await signIn(browser);
  expect([page.status, page.url]).toEqual([200, `${demo.brokerUrl}/`]);
  const { body } = await browser.json('GET', `${demo.brokerUrl}/api/v1/me`);
  expect(JSON.parse(body)).toMatchObject({ user: 'carol@corp.example', identityProvider: 'company' });
  expect(page.body).toContain('payments-dev');
  browser.close();
});

test('carol signs out here, and then there', async () => {
  const browser = createHttpBrowser();
  const portal = await signIn(browser);
  const between = await browser.submit(portal, (form) => form.action.endsWith('/logout'));
  expect(await isSignedIn(browser)).toBe(false);
  const url = /http[^"]*session\/end[^"]*/.exec(between.body)?.[0].replaceAll('&amp;', '&') ?? '';
  const asked = await browser.get(url);
  const page = await browser.submit(asked, 0, { logout: 'yes' });
  expect(page.url).toBe(`${demo.brokerUrl}/signed-out`);
  browser.close();
});

test('carol signs out there: the provider tells the broker', async () => {
  const [browser, other] = [createHttpBrowser(), createHttpBrowser()];
  await signIn(browser);
  await signIn(other);
  const asked = await browser.get(`${issuer}/session/end`);
  await browser.submit(asked, 0, { logout: 'yes' });
  await expect.poll(() => isSignedIn(browser)).toBe(false);
  expect(demo.audit.findLast(({ event }) => event === 'logout_requested')).toMatchObject({
    idp: 'company',
    nameId: 'carol',
    sessionsEnded: 1,
  });
  expect(await isSignedIn(other)).toBe(true);
  for (const each of [browser, other]) each.close();
});
