// One request to the broker's API with a token that is bound to a key: a proof for it, and another one with the nonce that
// the broker wants. RFC 9449 §7 and §9.
import * as oauth from 'oauth4webapi';
import type { CliContext } from '../machine/context.ts';
import { fetchOnce, type HttpAnswer, type HttpRequest, parseJson, requireClock } from '../machine/http.ts';
import { proofsOf, withNonce } from './dpop-key.ts';
import type { PrivateJwk, SignIn } from './tokens.ts';

interface ProofRequest {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | undefined;
}

/** @throws CliError network, clock, usage */
export async function sendWithProof(
  context: CliContext,
  { broker, accessToken }: SignIn,
  key: PrivateJwk,
  { method, url, headers, text }: ProofRequest,
): Promise<HttpAnswer> {
  const options: oauth.ProtectedResourceRequestOptions = {
    DPoP: await proofsOf(context, key),
    [oauth.allowInsecureRequests]: broker.startsWith('http:'),
    [oauth.customFetch]: (target, init) => fetchOnce(context, target, { method, headers: init.headers, body: text }),
  };
  const address = new URL(url);
  const response = await withNonce(() =>
    oauth.protectedResourceRequest(accessToken, method, address, new Headers(headers), text, options),
  ).catch((error: unknown) => {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
    throw error;
  });
  requireClock(context, address.host, response.headers.get('date'));
  return { status: response.status, body: parseJson(await response.text()) };
}
