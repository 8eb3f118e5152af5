// What an authorization response says, if it is the one that was waited for. RFC 6749 §4.1.2, RFC 9207.
import { timingSafeEqual } from 'node:crypto';
import { loopbackPath } from '../../wire/oauth.ts';

export type Callback = { readonly code: string } | { readonly error: string; readonly description: string | undefined };

export interface Expected {
  readonly state: string;
  readonly issuer: string;
}

/** @param target path and query, as they came */
export function readCallback(target: string, { state, issuer }: Expected): Callback | undefined {
  const [path, query = ''] = target.split(/\?(.*)/s);
  if (path !== loopbackPath) return undefined;
  const parameters = new URLSearchParams(query);
  // RFC 6749 §3.1: parameters MUST NOT be included more than once.
  const isSingle = [...parameters.keys()].length === new Set(parameters.keys()).size;
  // RFC 6749 §10.12: without our state it is the answer to somebody else's request.
  if (!isSingle || !isSame(parameters.get('state') ?? '', state)) return undefined;
  // RFC 9207 §2.4: an answer of another issuer MUST be rejected, and one without, as our brokers say that they name themselves.
  if (parameters.get('iss') !== issuer) return undefined;
  const error = parameters.get('error');
  if (error) return { error, description: parameters.get('error_description') ?? undefined };
  const code = parameters.get('code');
  return code ? { code } : undefined;
}

/** Constant in time for what has the right length. */
export function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
