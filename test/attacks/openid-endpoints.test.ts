// A provider turns bad and names addresses inside our network in its document: the broker calls none of them.
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/networks.ts';
import { type AddressRules, createIssuerFetch } from '../../src/oidc/issuer-fetch.ts';
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

interface Reach {
  readonly endpointHosts?: string[];
  /** The issuer's host name, in place of 127.0.0.1. */
  readonly host?: string;
  readonly rules?: AddressRules;
}

async function signIn(evil: Partial<Record<'token_endpoint' | 'jwks_uri', string>>, reach: Reach = {}) {
  const { endpointHosts = [], host = '127.0.0.1', rules } = reach;
  let issuer = '';
  const provider = await listener('127.0.0.1', () => ({
    ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    ...{ jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'] },
    ...{ id_token_signing_alg_values_supported: ['RS256'], ...evil },
  }));
  issuer = provider.url.replace('127.0.0.1', host);
  const client = { clientSecret: undefined, clientKey: undefined, clientAuthentication: undefined, userInfo: false };
  const settings = { issuer, endpointHosts, clientId: 'rolegate', ...client, scopes: ['openid'] };
  const redirectUri = 'https://rolegate.example/openid/callback';
  const party = createRelyingParty(
    { ...settings, redirectUri, postLogoutRedirectUri: redirectUri, clockSkewMs: 0 },
    { clock: createTestClock(), fetch: createIssuerFetch(issuer, rules) },
  );
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
  const { outcome: other } = await signIn({ token_endpoint: `${named.url}/token` }, { endpointHosts: ['127.0.0.2'] });
  await other;
  expect(named.seen).toContain('POST /token');
});

/** DNS in which the provider is at 127.0.0.1 and its token endpoint at 127.0.0.2; the second is private in any case. */
function rulesWhere(isIssuerPublic: boolean): AddressRules {
  return {
    lookup: (host, _, done) =>
      done(null, [{ address: host === 'login.idp.example' ? '127.0.0.1' : '127.0.0.2', family: 4 }]),
    isPublic: (address) => isIssuerPublic && address === '127.0.0.1',
  };
}

test.each([
  ['its domain', (port: string) => `http://token.idp.example:${port}`],
  ['an address that is configured', (port: string) => `http://127.0.0.2:${port}`],
])('the token endpoint of a public issuer is not called in our network: %s', async (_, urlOf) => {
  const connections: unknown[] = [];
  const internal = await listener('127.0.0.2', () => ({}));
  servers.at(-1)!.on('connection', (socket) => connections.push(socket));
  const evil = { token_endpoint: `${urlOf(new URL(internal.url).port)}/token` };
  const reach = { endpointHosts: ['127.0.0.2'], host: 'login.idp.example' };
  const { provider, outcome } = await signIn(evil, { ...reach, rules: rulesWhere(true) });
  expect(await outcome).toMatchObject({
    code: 'idp_unavailable',
    message: expect.stringContaining(`${new URL(evil.token_endpoint).hostname} has an address of a private network`),
  });
  expect(provider.seen).toEqual(['GET /.well-known/openid-configuration']);
  expect(connections).toEqual([]);
  // The twin: the issuer is in our network as well.
  const { outcome: other } = await signIn(evil, { ...reach, rules: rulesWhere(false) });
  await other;
  expect(internal.seen).toEqual(['POST /token']);
});

test('the issuer moves into our network after its document was read: its token endpoint is not called', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const { provider, outcome } = await signIn(
    {},
    {
      host: 'login.idp.example',
      rules: {
        lookup: (_, __, done) => done(null, [{ address: addresses.shift()!, family: 4 }]),
        isPublic: (address) => address === '127.0.0.1',
      },
    },
  );
  expect(await outcome).toMatchObject({ message: expect.stringContaining('login.idp.example has an address') });
  expect(provider.seen).toEqual(['GET /.well-known/openid-configuration']);
});

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::', '::1'],
  ...[
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    'fec0::1',
    '::10.0.0.1',
    '224.0.0.1',
    'localhost',
  ],
])('%s is not an address of the Internet', (address) => expect(isPublicAddress(address)).toBe(false));

test.each(['8.8.8.8', '2a00:1450:4001::1', '::ffff:8.8.8.8', '64:ff9b::808:808'])('%s is one', (address) =>
  expect(isPublicAddress(address)).toBe(true),
);
