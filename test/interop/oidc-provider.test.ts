// A certified OpenID provider, as it comes: the broker signs people in at it with nothing but its issuer, id and secret.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';

let server: Server;
let demo: TestDemo;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
      },
    ],
    claims: { openid: ['sub'], company: ['email', 'groups'] },
    conformIdTokenClaims: false,
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

test('carol signs in at it and has her roles', async () => {
  const browser = createHttpBrowser();
  let page = await browser.get(`${demo.brokerUrl}/login?idp=company`);
  page = await browser.submit(page, 0, { login: 'carol', password: 'any' });
  // Consent, once.
  if (!page.url.startsWith(demo.brokerUrl)) page = await browser.submit(page, 0);
  expect([page.status, page.url]).toEqual([200, `${demo.brokerUrl}/`]);
  const { body } = await browser.json('GET', `${demo.brokerUrl}/api/v1/me`);
  expect(JSON.parse(body)).toMatchObject({ user: 'carol@corp.example', identityProvider: 'company' });
  expect(page.body).toContain('payments-dev');
  browser.close();
});
