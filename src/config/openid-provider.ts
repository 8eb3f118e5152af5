// An identity provider that speaks OpenID Connect: its part of the configuration.
import { z } from 'zod';

export const openidSchema = z.strictObject({
  /** Exactly as in the ID tokens. */
  issuer: z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: 'is not an http or https URL',
  }),
  /** Hosts outside the issuer's registrable domain that the broker may call for this provider. */
  endpointHosts: z
    .array(z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'is not a host name in lower case'))
    .max(10)
    .default([]),
  clientId: z.string().min(1).max(256),
  clientSecret: z.string().min(1).optional(),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is not a scope'))
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), { message: 'must include openid' }),
});

/** Claims have short names: where the file says nothing, those of OpenID Connect Core §5.1 and of most providers. */
export function withClaimNames(raw: unknown): unknown {
  const { openid, attributes } = (raw ?? {}) as { openid?: unknown; attributes?: unknown };
  if (typeof openid !== 'object' || typeof attributes !== 'object') return raw;
  return { ...(raw as object), attributes: { groups: 'groups', displayName: 'name', ...attributes } };
}

interface Section {
  readonly id: string;
  readonly label: string;
  readonly clockSkew: number;
  readonly openid?: z.output<typeof openidSchema> | undefined;
  /** Names of claims. */
  readonly attributes: {
    readonly user: string | { readonly nameId: true };
    readonly groups: string;
    readonly displayName: string;
  };
}

export type OpenidProvider = Readonly<ReturnType<typeof resolveOpenidProviders>[number]>;

export function resolveOpenidProviders(sections: readonly Section[], problems: string[]) {
  return sections.flatMap(({ id, label, clockSkew, openid, attributes: { user, groups, displayName } }, index) => {
    if (!openid) return [];
    if (typeof user !== 'string') {
      const path = `identityProviders[${index}].attributes.user`;
      problems.push(`${path}: an OpenID provider has no NameID; name a claim, such as email or sub`);
      return [];
    }
    const { issuer, endpointHosts, clientId, clientSecret, scopes } = openid;
    const attributes = { user, groups, displayName };
    return [{ id, label, issuer, endpointHosts, clientId, clientSecret, scopes, clockSkewMs: clockSkew, attributes }];
  });
}
