// The key of a sign-in, RFC 9449: made at login on this machine, kept with its tokens, sent nowhere. Who has the tokens
// alone can do nothing with them.
import * as oauth from 'oauth4webapi';
import { cliClientId } from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { isPrivateJwk, type PrivateJwk } from './tokens.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

export async function generateKey(): Promise<PrivateJwk> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const key: unknown = await crypto.subtle.exportKey('jwk', privateKey);
  if (!isPrivateJwk(key)) throw new Error('the runtime exports keys in another form');
  const { kty, crv, x, y, d } = key;
  return { kty, crv, x, y, d };
}

const handles = new WeakMap<CliContext, Map<string, Promise<oauth.DPoPHandle>>>();

/** One for each key: it remembers the nonce that the broker wants next. */
export function proofsOf(context: CliContext, key: PrivateJwk): Promise<oauth.DPoPHandle> {
  const known = handles.get(context) ?? new Map<string, Promise<oauth.DPoPHandle>>();
  handles.set(context, known);
  const handle = known.get(key.x) ?? openKey(key);
  known.set(key.x, handle);
  return handle;
}

async function openKey(key: PrivateJwk): Promise<oauth.DPoPHandle> {
  const { d: _, ...publicJwk } = key;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
  ]);
  return oauth.DPoP({ client_id: cliClientId } as oauth.Client, { privateKey, publicKey });
}

/** Once more with the nonce that the answer brought: nothing was spent by the first request. RFC 9449 §8. */
export async function withNonce<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return attempt();
  }
}
