// What a provider's documents may say, and how much: everything is from the issuer, over https, and of a reasonable size.
import { expect, test } from 'vitest';
import { createRelyingParty } from '../../src/oidc/relying-party.ts';
import { createTestClock } from '../support/clock.ts';

const issuer = 'https://idp.example';
const good = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
};
const request = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43), isFresh: false, contexts: [] };

function ask(answer: () => Response, endpointHosts: readonly string[] = []) {
  const seen: { url: string; redirect: string | undefined }[] = [];
  const fetch: typeof globalThis.fetch = async (url, options) => {
    seen.push({ url: String(url), redirect: options?.redirect });
    return answer();
  };
  const client = { clientSecret: undefined, clientKey: undefined, clientAuthentication: undefined, userInfo: false };
  const settings = { issuer, endpointHosts, clientId: 'rolegate', ...client, scopes: ['openid'] };
  const redirectUri = 'https://rolegate.example/openid/callback';
  const addresses = { redirectUri, postLogoutRedirectUri: redirectUri };
  const party = createRelyingParty({ ...settings, ...addresses, clockSkewMs: 0 }, { clock: createTestClock(), fetch });
  return { seen, url: party.authorizationUrl(request) };
}

test('is asked once, at its own address, and is not followed elsewhere', async () => {
  const { seen, url } = ask(() => Response.json(good));
  expect(await url).toMatch(/^https:\/\/idp\.example\/authorize\?/);
  expect(seen).toEqual([{ url: `${issuer}/.well-known/openid-configuration`, redirect: 'manual' }]);
});

test.each<[string, () => Response]>([
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
  ['the document of another issuer', () => Response.json({ ...good, issuer: 'https://evil.example' })],
  ['no document', () => new Response('<html>')],
  ['more than half a megabyte', () => Response.json({ ...good, padding: 'x'.repeat(600 * 1024) })],
])('%s is not a provider', async (_, answer) => {
  await expect(ask(answer).url).rejects.toMatchObject({ code: 'idp_unavailable' });
});

test('an authorization page on plain http is none', async () => {
  const { url } = ask(() => Response.json({ ...good, authorization_endpoint: 'http://idp.example/authorize' }));
  await expect(url).rejects.toThrow();
});
