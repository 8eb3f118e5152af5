// Reads redirected messages as the broker does, and takes queries apart without decoding them.
import type { SamlReason } from '../../../src/errors.ts';
import { readRedirectedLogout } from '../../../src/saml/redirect-message.ts';

export interface RefusedQuery {
  readonly name: string;
  readonly reason: SamlReason;
  readonly query: () => string;
}

/** The message, verified with these certificates. */
export function receiveQuery(query: string, certificates: readonly string[]) {
  const message = readRedirectedLogout(query);
  return { message, root: message.verified(certificates) };
}

export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

export function without(query: string, name: string): string {
  return query
    .split('&')
    .filter((part) => !part.startsWith(`${name}=`))
    .join('&');
}

export function replaceValue(query: string, name: string, value: string): string {
  return query
    .split('&')
    .map((part) => (part.startsWith(`${name}=`) ? `${name}=${value}` : part))
    .join('&');
}

export function partOf(query: string, name: string): string {
  return query.split('&').find((part) => part.startsWith(`${name}=`))!;
}
