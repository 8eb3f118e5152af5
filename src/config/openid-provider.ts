// An identity provider that speaks OpenID Connect: its part of the configuration.
import { z } from 'zod';

export const openidSchema = z.strictObject({
  /** Exactly as in the ID tokens. */
  issuer: z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: 'is not an http or https URL',
  }),
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

export interface OpenidProvider {
  readonly id: string;
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly clockSkewMs: number;
  /** Names of claims. */
  readonly attributes: { readonly user: string; readonly groups: string; readonly displayName: string };
}

interface RawIdp {
  readonly id: string;
  readonly label: string;
  readonly clockSkew: number;
  readonly openid?: z.output<typeof openidSchema> | undefined;
  readonly attributes: {
    readonly user: string | { readonly nameId: true };
    readonly groups: string;
    readonly displayName: string;
  };
}

export function resolveOpenidProviders(raw: readonly RawIdp[], problems: string[]): OpenidProvider[] {
  return raw.flatMap((idp, index) => resolveOne(idp, `identityProviders[${index}]`, problems) ?? []);
}

function resolveOne(raw: RawIdp, path: string, problems: string[]): OpenidProvider | undefined {
  const { openid, attributes } = raw;
  if (!openid) return undefined;
  if (typeof attributes.user !== 'string') {
    problems.push(`${path}.attributes.user: an OpenID provider has no NameID; name a claim, such as email or sub`);
    return undefined;
  }
  return {
    id: raw.id,
    label: raw.label,
    issuer: openid.issuer,
    clientId: openid.clientId,
    clientSecret: openid.clientSecret,
    scopes: openid.scopes,
    clockSkewMs: raw.clockSkew,
    attributes: {
      user: attributes.user,
      groups: attributes.groups,
      displayName: attributes.displayName,
    },
  };
}
