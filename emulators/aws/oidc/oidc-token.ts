// Judges an OpenID Connect ID token as STS does, row B6: the provider in the account, audience, key and signature, times.
// It shares no code with the issuer of the token.
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { AwsError, invalidIdentityToken } from '../errors.ts';
import type { OidcProviderRecord } from '../estate.ts';
import { isRecord } from '../policy/policy-values.ts';
import type { World } from '../world.ts';

/** A token whose signature holds. */
export interface JudgedToken {
  readonly provider: OidcProviderRecord;
  readonly subject: string;
  /** `azp` where there is one, else the audience: what `ISSUER:aud` is. */
  readonly audience: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** The algorithms STS takes: hash, and key type or curve (RFC 7518 §3.4 binds the one to the other). */
const ALGORITHMS = new Map([
  ['RS256', ['sha256', 'rsa']],
  ['RS384', ['sha384', 'rsa']],
  ['RS512', ['sha512', 'rsa']],
  ['ES256', ['sha256', 'prime256v1']],
  ['ES384', ['sha384', 'secp384r1']],
  ['ES512', ['sha512', 'secp521r1']],
]);
const FETCH_MILLISECONDS = 5000;

/** @throws AwsError */
export async function judgeToken(world: World, token: string, accountId: string, now: Date): Promise<JudgedToken> {
  const decoded = decodeToken(token);
  const { claims } = decoded;
  for (const name of ['iss', 'sub', 'aud', 'exp', 'iat']) {
    if (claims[name] === undefined) throw invalidIdentityToken(`Missing a required claim: ${name}`);
  }
  const provider = findProvider(world, String(claims['iss']), accountId);
  const audience = checkAudience(claims, provider);
  const key = await fetchKey(world, provider, decoded);
  if (!isSignatureValid(decoded, key)) throw noKey();
  checkTimes(claims, now);
  return { provider, subject: String(claims['sub']), audience, claims };
}

function decodeToken(token: string): DecodedToken {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const read = (part: string): unknown => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  const header = read(head);
  const claims = read(body);
  if (!isRecord(header) || !isRecord(claims) || signature === '' || more.length > 0) {
    throw invalidIdentityToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
}

function findProvider(world: World, issuer: string, accountId: string): OidcProviderRecord {
  for (const provider of world.estate().oidcProviders.values()) {
    if (provider.accountId === accountId && provider.url === issuer) return provider;
  }
  throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
}

/** IAM: `azp` counts in place of `aud` where the token has it. */
function checkAudience(claims: Readonly<Record<string, unknown>>, provider: OidcProviderRecord): string {
  const { aud, azp } = claims;
  const audiences = typeof azp === 'string' ? [azp] : [aud].flat();
  const known = audiences.find((one) => typeof one === 'string' && provider.clientIds.includes(one));
  if (typeof known !== 'string') throw invalidIdentityToken('Incorrect token audience');
  return known;
}

/** OpenID Connect Discovery §4: the document names its own issuer, and where the keys are. */
async function fetchKey(world: World, provider: OidcProviderRecord, { header }: DecodedToken): Promise<KeyObject> {
  const discovery = await readJson(world, `${provider.url.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const jwksUri = discovery['jwks_uri'];
  if (discovery['issuer'] !== provider.url || typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw noKey();
  // Keys come the same way the provider's own documents do: never over http for a provider on https.
  if (new URL(jwksUri).protocol !== new URL(provider.url).protocol) throw noKey();
  const { keys } = await readJson(world, jwksUri);
  const [hash, type] = ALGORITHMS.get(String(header['alg'])) ?? [];
  const candidates = (Array.isArray(keys) ? keys : []).filter(isRecord).filter((jwk) => jwk['kid'] === header['kid']);
  const [jwk] = candidates.filter((one) => one['use'] === undefined || one['use'] === 'sig');
  if (hash === undefined || header['kid'] === undefined || jwk === undefined || candidates.length !== 1) throw noKey();
  const key = importKey(jwk);
  if (key === undefined || (key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType) !== type) throw noKey();
  return key;
}

function importKey(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    const { kty, n, e, crv, x, y } = jwk;
    const isPrivate = 'd' in jwk;
    return isPrivate ? undefined : createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** @throws AwsError IDPCommunicationError, which may be retried, when the provider stumbles; InvalidIdentityToken otherwise */
async function readJson(world: World, url: string): Promise<Readonly<Record<string, unknown>>> {
  let response: Response;
  try {
    response = await world.fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(FETCH_MILLISECONDS) });
  } catch {
    throw noKey();
  }
  if (response.status >= 500) {
    throw new AwsError(400, 'IDPCommunicationError', 'The identity provider could not be reached. Please try again.');
  }
  const document: unknown = response.status === 200 ? await response.json().catch(() => undefined) : undefined;
  if (!isRecord(document)) throw noKey();
  return document;
}

function isSignatureValid({ header, signed, signature }: DecodedToken, key: KeyObject): boolean {
  const [hash] = ALGORITHMS.get(String(header['alg'])) ?? [];
  // RFC 7518 §3.4: the two halves of an ECDSA signature side by side, not DER.
  return verify(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function checkTimes({ exp, iat, nbf }: Readonly<Record<string, unknown>>, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  if (typeof exp !== 'number' || typeof iat !== 'number' || (nbf !== undefined && typeof nbf !== 'number')) {
    throw invalidIdentityToken('Times of the token must be numbers');
  }
  if (seconds >= exp) {
    throw new AwsError(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`,
    );
  }
  // The wording is not public; the tolerance is that of A11.
  if (Math.max(iat, nbf ?? iat) > seconds + 60) throw invalidIdentityToken('Token is not yet valid');
}

/** Two blanks, as the service writes it. */
function noKey(): AwsError {
  return invalidIdentityToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  );
}
