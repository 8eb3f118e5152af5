// Wires what OpenID providers need: a relying party for each, and how their logouts find sessions.
import { pendingOidcLogoutShape } from '../broker/logout/oidc-logout.ts';
import { createOidcSessions, createPastOidcLogouts } from '../broker/sign-in/oidc-sessions.ts';
import { type OidcProvider, pendingOidcSignInShape } from '../broker/sign-in/oidc-sign-in.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createIssuerFetch } from '../oidc/issuer-fetch.ts';
import { createRelyingParty } from '../oidc/relying-party.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import type { Storage } from './stores.ts';

export function createOidcParts(config: Config, clock: Clock, storage: Storage) {
  const { keyValue, sealer } = storage;
  return {
    providers: createProviders(config, clock),
    oidcSessions: createOidcSessions(createHashedIndex('oidc-sessions', keyValue, sealer)),
    pastOidcLogouts: createPastOidcLogouts(createHashedIndex('past-oidc-logouts', keyValue, sealer)),
    pendingSignIns: createOneTimeStore('openid-login', pendingOidcSignInShape, storage),
    oidcLogouts: createOneTimeStore('oidc-logout', pendingOidcLogoutShape, storage),
  };
}

function createProviders({ oidcProviders, baseUrl }: Config, clock: Clock): ReadonlyMap<string, OidcProvider> {
  return new Map(
    oidcProviders.map((config) => {
      // RFC 9700 §4.4.2.2: one address for each provider, so that none gets a code of another.
      const redirectUri = `${baseUrl}/openid/callback/${config.id}`;
      const postLogoutRedirectUri = `${baseUrl}/openid/signed-out/${config.id}`;
      const settings = { ...config, redirectUri, postLogoutRedirectUri };
      const party = createRelyingParty(settings, { clock, fetch: createIssuerFetch(config.issuer) });
      return [config.id, { config, party }];
    }),
  );
}
