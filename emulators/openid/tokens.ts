// Signs what the OpenID emulator says, rightly or wrongly in one particular way.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';

export interface OpenidFault {
  /** Over the claims that are right; undefined takes one away. */
  readonly claims?: Record<string, unknown>;
  /** Signs with a key that is not published, under the published key's id. */
  readonly foreignKey?: boolean;
  readonly unsigned?: boolean;
  /** In place of a code. */
  readonly error?: string;
  /** Over the parameters of the redirect back. */
  readonly callback?: Record<string, string>;
  /** Over the discovery document; undefined takes an entry away. */
  readonly metadata?: Record<string, unknown>;
  /** In place of the document at this path. */
  readonly answers?: Readonly<
    Record<string, { readonly status: number; readonly body: unknown; readonly type?: string }>
  >;
  /** Signs ID tokens with this shared secret in place of the key. */
  readonly hmac?: string;
}

export interface LogoutFault extends Pick<OpenidFault, 'foreignKey' | 'unsigned' | 'hmac'> {
  readonly typ?: string;
}

export type SignToken = (claims: Record<string, unknown>, fault: OpenidFault, typ?: string) => Promise<string>;

/** With the key that is published, or with another. */
export async function createSigner() {
  const [own, foreign] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const jwk = { ...(await exportJWK(own!.publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' };
  const signToken: SignToken = (claims, fault, typ) =>
    signJwt(claims, fault, (fault.foreignKey ? foreign! : own!).privateKey, typ);
  return { jwk, signToken };
}

async function signJwt(
  claims: Record<string, unknown>,
  fault: OpenidFault,
  key: KeyObject,
  typ?: string,
): Promise<string> {
  if (fault.unsigned) {
    const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return `${parts.join('.')}.`;
  }
  if (fault.hmac !== undefined) {
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(fault.hmac));
  }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...(typ === undefined ? {} : { typ }) })
    .sign(key);
}
