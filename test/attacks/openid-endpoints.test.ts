// A provider turns bad and names addresses inside our network in its document: the broker calls none of them.
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createRelyingParty } from '../../src/oidc/relying-party.ts';
import { createTestClock } from '../support/clock.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

/** @returns its address, and the requests that reached it */
async function listener(host: string, answer: () => object) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer()));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { seen, url: `http://${host}:${(server.address() as { port: number }).port}` };
}

async function signIn(evil: Partial<Record<'token_endpoint' | 'jwks_uri', string>>, endpointHosts: string[] = []) {
  let issuer = '';
  const provider = await listener('127.0.0.1', () => ({
    ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    ...{ jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'] },
    ...{ id_token_signing_alg_values_supported: ['RS256'], ...evil },
  }));
  issuer = provider.url;
  const client = { clientSecret: undefined, clientKey: undefined, clientAuthentication: undefined, userInfo: false };
  const settings = { issuer, endpointHosts, clientId: 'rolegate', ...client, scopes: ['openid'] };
  const redirectUri = 'https://rolegate.example/openid/callback';
  const party = createRelyingParty({ ...settings, redirectUri, clockSkewMs: 0 }, { clock: createTestClock(), fetch });
  const pending = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
  const callback = new URL(`${redirectUri}?code=c&state=s&iss=${encodeURIComponent(issuer)}`);
  return { provider, outcome: party.redeem(callback, pending).catch((error: unknown) => error) };
}

for (const name of ['token_endpoint', 'jwks_uri'] as const) {
  test(`${name} on another host of our network is not called`, async () => {
    const internal = await listener('127.0.0.2', () => ({}));
    const { outcome } = await signIn({ [name]: `${internal.url}/admin` });
    expect(await outcome).toMatchObject({
      code: 'idp_unavailable',
      message: expect.stringContaining(`its endpoint is on ${new URL(internal.url).host}`),
    });
    expect(internal.seen).toEqual([]);
  });
}

test('the twin: the token endpoint of the issuer is called, and one on a configured host', async () => {
  const { provider, outcome } = await signIn({});
  await outcome;
  expect(provider.seen).toContain('POST /token');
  const named = await listener('127.0.0.2', () => ({}));
  const { outcome: other } = await signIn({ token_endpoint: `${named.url}/token` }, ['127.0.0.2']);
  await other;
  expect(named.seen).toContain('POST /token');
});
