// Wires the OpenID providers: one relying party for each.
import type { OidcProvider } from '../broker/sign-in/oidc-sign-in.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createIssuerFetch } from '../oidc/issuer-fetch.ts';
import { createRelyingParty } from '../oidc/relying-party.ts';

export function oidcProviders(
  { oidcProviders, baseUrl }: Config,
  { clock }: { readonly clock: Clock },
): ReadonlyMap<string, OidcProvider> {
  return new Map(
    oidcProviders.map((config) => {
      // RFC 9700 §4.4.2.2: one address for each provider, so that none gets a code of another.
      const redirectUri = `${baseUrl}/openid/callback/${config.id}`;
      const party = createRelyingParty({ ...config, redirectUri }, { clock, fetch: createIssuerFetch(config.issuer) });
      return [config.id, { config, party }];
    }),
  );
}
