// Who may say that a person has left: the configuration's section `offboarding`.
import { createHash, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { between, httpUrl } from '../fields.ts';
import { type LoadContext, readTrusted } from '../keys.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens');

/** Of RFC 9493, those whose value can be a user name. */
const subjectFormats = ['email', 'iss_sub', 'opaque'] as const;

/** Public keys only: a shared secret would let the broker's host forge events, and `none` everyone. */
const algorithm = z.string().regex(/^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/, 'is not a public-key algorithm');

const transmitterSchema = z.strictObject({
  id,
  /** Whose people the events are about. */
  identityProvider: z.string(),
  /** `iss` and `aud` of its tokens, exactly. */
  issuer: z.string().min(1).max(512),
  audience: z.string().min(1).max(512),
  /** Its public keys: an address, or a JWK Set in a file. */
  jwksUri: httpUrl.optional(),
  jwksFile: z.string().optional(),
  algorithms: z.array(algorithm).min(1).default(['RS256', 'ES256']),
  /** Which subject identifiers (RFC 9493) have the user's name as their value. */
  subjects: z.array(z.enum(subjectFormats)).min(1),
  /** `iss` of iss_sub; default: issuer. */
  subjectIssuer: z.string().min(1).max(512).optional(),
  /** No session lives longer than a day, so an older event has nothing to end. */
  maxAge: between(1, 24 * 60).default(3_600_000),
  clockSkew: between(0, 5).default(180_000),
});

const scimSchema = z.strictObject({
  id,
  identityProvider: z.string(),
  /** The bearer token of the client, or its SHA-256 in hexadecimal. */
  token: z.string().min(32, 'must have at least 32 characters').optional(),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .optional(),
});

/** Off unless something is listed. */
export const offboardingSchema = z.strictObject({
  events: z.array(transmitterSchema).max(10).default([]),
  scim: z.array(scimSchema).max(10).default([]),
});
type Section = z.output<typeof offboardingSchema>;

interface NamedProvider {
  readonly id: string;
  readonly openid?: unknown;
  readonly attributes: { readonly user: string | { readonly nameId: true } };
}

export function resolveOffboarding(section: Section, providers: readonly NamedProvider[], context: LoadContext) {
  const { problems } = context;
  const { events, scim } = section;
  const paths = [...events.map((_, i) => `offboarding.events[${i}]`), ...scim.map((_, i) => `offboarding.scim[${i}]`)];
  const entries = [...events, ...scim];
  entries.forEach((entry, index) => {
    if (!providers.some((each) => each.id === entry.identityProvider))
      problems.push(`${paths[index]}.identityProvider: no identity provider has the id ${entry.identityProvider}`);
    if (entries.findIndex((other) => other.id === entry.id) < index)
      problems.push(`${paths[index]}.id: ${entry.id} is used twice in offboarding`);
  });
  events.forEach(({ subjects, identityProvider }, index) => {
    const provider = providers.find((each) => each.id === identityProvider);
    if (provider?.openid !== undefined && subjects.includes('iss_sub') && provider.attributes.user !== 'sub')
      problems.push(`${paths[index]}.subjects: iss_sub identifies users by sub, and attributes.user is another claim`);
  });
  const clients = scim.map((client, index) => resolveScim(client, `offboarding.scim[${index}]`, context));
  if (new Set(clients.map(({ tokenDigest }) => tokenDigest.toString('hex'))).size < clients.length)
    problems.push('offboarding.scim: two have the same token');
  return {
    transmitters: events.map((each, index) => resolveTransmitter(each, `offboarding.events[${index}]`, context)),
    scimClients: clients,
  };
}

function resolveTransmitter(section: Section['events'][number], path: string, context: LoadContext) {
  const { jwksUri, jwksFile, maxAge, clockSkew, issuer, subjectIssuer = issuer, ...rest } = section;
  if ((jwksUri === undefined) === (jwksFile === undefined))
    context.problems.push(`${path}: give either jwksUri or jwksFile`);
  const keys = jwksFile === undefined ? [] : readKeys(jwksFile, `${path}.jwksFile`, context);
  return { ...rest, issuer, subjectIssuer, jwksUri, keys, maxAgeMs: maxAge, clockSkewMs: clockSkew };
}

function resolveScim(
  { token, tokenSha256, ...rest }: Section['scim'][number],
  path: string,
  { problems }: LoadContext,
) {
  if ((token === undefined) === (tokenSha256 === undefined)) problems.push(`${path}: give either token or tokenSha256`);
  const tokenDigest =
    token === undefined ? Buffer.from(tokenSha256 ?? '', 'hex') : createHash('sha256').update(token).digest();
  return { ...rest, tokenDigest };
}

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) })).min(1) });
type PublicJwk = z.output<typeof jwkSet>['keys'][number];

function readKeys(file: string, path: string, context: LoadContext): PublicJwk[] {
  const text = readTrusted(file, path, context);
  if (text === undefined) return [];
  try {
    const { keys } = jwkSet.parse(JSON.parse(text));
    if (keys.some((key) => 'd' in key)) context.problems.push(`${path}: ${file} contains a private key`);
    for (const key of keys) createPublicKey({ key, format: 'jwk' });
    return keys;
  } catch {
    context.problems.push(`${path}: ${file} is not a JWK Set with public keys (RFC 7517 §5)`);
    return [];
  }
}
