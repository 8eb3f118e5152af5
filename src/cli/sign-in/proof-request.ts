// One request to the broker's API with a token that is bound to a key: a proof for it, and another one with the nonce that
// the broker wants. RFC 9449 §7 and §9. Not by oauth4webapi, whose `Response` loads Node's whole fetch: a tenth of the start.
import { createHash } from 'node:crypto';
import { type CryptoKey, importJWK, SignJWT } from 'jose';
import { randomSecret } from '../../random.ts';
import type { CliContext } from '../machine/context.ts';
import { type HttpAnswer, type HttpRequest, sendRequest } from '../machine/http.ts';
import type { PrivateJwk, SignIn } from './tokens.ts';

interface ProofRequest {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | undefined;
}

/** The last nonce of each broker. */
const nonces = new WeakMap<CliContext, Map<string, string>>();

/** @throws CliError network, clock, usage */
export async function sendWithProof(
  context: CliContext,
  { accessToken }: SignIn,
  key: PrivateJwk,
  { method, url, headers, text }: ProofRequest,
): Promise<HttpAnswer> {
  const { origin } = new URL(url);
  const known = nonces.get(context) ?? new Map<string, string>();
  nonces.set(context, known);
  const send = async () => {
    const dpop = await proofFor(context, key, { method, url, accessToken, nonce: known.get(origin) });
    const proven = { ...headers, authorization: `DPoP ${accessToken}`, dpop };
    const answer = await sendRequest(context, {
      method,
      url,
      headers: proven,
      ...(text === undefined ? {} : { body: text }),
    });
    const { 'dpop-nonce': nonce } = answer.headers;
    if (typeof nonce === 'string') known.set(origin, nonce);
    return answer;
  };
  const before = known.get(origin);
  const answer = await send();
  const wantsNonce = answer.status === 401 && /\berror="use_dpop_nonce"/.test(answer.headers['www-authenticate'] ?? '');
  // Nothing was spent by the first request.
  return wantsNonce && known.get(origin) !== before ? send() : answer;
}

interface Proven {
  readonly method: string;
  readonly url: string;
  readonly accessToken: string;
  readonly nonce: string | undefined;
}

/** RFC 9449 §4.2 */
async function proofFor({ clock, random }: CliContext, key: PrivateJwk, request: Proven): Promise<string> {
  const { d: _, ...jwk } = key;
  const { method, url, accessToken, nonce } = request;
  const { origin, pathname } = new URL(url);
  return new SignJWT({
    htm: method,
    htu: origin + pathname,
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    ...(nonce === undefined ? {} : { nonce }),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setJti(randomSecret(random))
    .setIssuedAt(clock.now())
    .sign((await importJWK({ ...key }, 'ES256')) as CryptoKey);
}
