// What a browser brought back, if it is the answer to our own request. RFC 6749 §4.1.2, RFC 9207.
import { AuthorizationResponseError } from 'oauth4webapi';
import { loopbackPath } from '../../wire/oauth.ts';
import { type ValidatedResponse, validateResponse } from './oauth-client.ts';

export type Callback =
  | { readonly response: ValidatedResponse }
  | { readonly error: string; readonly description: string | undefined };

/** @param target path and query, as they came */
export function readCallback(target: string, issuer: string, state: string): Callback | undefined {
  const [path, query = ''] = target.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  // RFC 6749 §3.1: parameters MUST NOT be included more than once. The library looks at those that it reads.
  const isSingle = [...parameters.keys()].length === new Set(parameters.keys()).size;
  if (path !== loopbackPath || !isSingle) return undefined;
  try {
    const response = validateResponse(issuer, parameters, state);
    return response.get('code') ? { response } : undefined;
  } catch (error) {
    if (!(error instanceof AuthorizationResponseError)) return undefined;
    return { error: error.error, description: error.error_description };
  }
}
