// An identity provider that speaks OpenID Connect: its part of the configuration.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { checkPermissions, type LoadContext, parseKey, readText } from './keys.ts';

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
  /** PEM private key of `private_key_jwt`, in place of a secret. */
  clientKey: z.string().min(1).optional(),
  /** By default what the provider publishes: client_secret_basic, else client_secret_post. */
  clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt']).optional(),
  /** Reads claims that the ID token leaves out from the UserInfo endpoint. */
  userInfo: z.boolean().default(false),
  /** Where the groups are objects: the member that is the name of a group. */
  groupsMember: z.string().min(1).optional(),
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
  readonly trustAuthnInstant: boolean;
  readonly openid?: z.output<typeof openidSchema> | undefined;
  /** Names of claims. */
  readonly attributes: {
    readonly user: string | { readonly nameId: true };
    readonly groups: string;
    readonly displayName: string;
  };
}

export type OpenidProvider = Readonly<ReturnType<typeof resolveOpenidProviders>[number]>;

/** Entra ID's issuers for accounts of any tenant: every owner of such an account could sign in. */
const anyTenant = /^https:\/\/login\.microsoftonline\.(?:com|us)\/(?:common|organizations|consumers)(?:\/|$)/;

export function resolveOpenidProviders(sections: readonly Section[], context: LoadContext) {
  const { problems } = context;
  return sections.flatMap(({ id, label, clockSkew, openid, trustAuthnInstant, attributes }, index) => {
    if (!openid) return [];
    const { user, groups, displayName } = attributes;
    if (trustAuthnInstant) {
      problems.push(
        `identityProviders[${index}].trustAuthnInstant: is for SAML; of an OpenID provider auth_time counts`,
      );
    }
    if (typeof user !== 'string') {
      const path = `identityProviders[${index}].attributes.user`;
      problems.push(`${path}: an OpenID provider has no NameID; name a claim, such as email or sub`);
      return [];
    }
    const path = `identityProviders[${index}].openid`;
    const { issuer, endpointHosts, scopes, userInfo, groupsMember } = openid;
    if (anyTenant.test(issuer) || /[{}]/.test(issuer)) {
      problems.push(
        `${path}.issuer: is the issuer of every tenant; give one tenant's, https://login.microsoftonline.com/TENANT-ID/v2.0`,
      );
    }
    const client = resolveClient(openid, path, context);
    const claims = { user, groups, displayName, groupsMember };
    return [
      { id, label, issuer, endpointHosts, ...client, scopes, userInfo, clockSkewMs: clockSkew, attributes: claims },
    ];
  });
}

/** How the broker authenticates itself at the token endpoint. */
function resolveClient(openid: z.output<typeof openidSchema>, path: string, context: LoadContext) {
  const { clientId, clientSecret, clientAuthentication, clientKey } = openid;
  const { problems } = context;
  if (clientAuthentication === 'private_key_jwt' && clientKey === undefined)
    problems.push(`${path}.clientKey: is needed for private_key_jwt`);
  if (clientAuthentication?.startsWith('client_secret') && clientSecret === undefined)
    problems.push(`${path}.clientSecret: is needed for ${clientAuthentication}`);
  if (clientKey !== undefined && clientSecret !== undefined)
    problems.push(`${path}: give either clientSecret or clientKey`);
  const key = clientKey === undefined ? undefined : readKey(clientKey, `${path}.clientKey`, context);
  return { clientId, clientSecret, clientAuthentication, clientKey: key };
}

/** RSA with RS256, or an elliptic curve with its own algorithm (RFC 7518 §3.1). */
function readKey(file: string, path: string, context: LoadContext): KeyObject | undefined {
  const text = readText(file, path, context);
  if (text === undefined) return undefined;
  checkPermissions(file, path, context);
  const key = parseKey(text, path, context);
  const details = key && createPublicKey(key).asymmetricKeyDetails;
  const isRsa = key?.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 2048;
  if (key && !isRsa && key.asymmetricKeyType !== 'ec') {
    context.problems.push(`${path}: is neither an RSA key of 2048 bits or more nor an EC key`);
  }
  return key;
}
