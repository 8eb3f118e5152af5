// Why an OpenID sign-in failed, in our words: the library's codes to stable reasons. Its messages may quote what the
// provider sent, so only codes and claim names go on.
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { BrokerError, openidRefusal, type SamlReason } from '../errors.ts';

interface LibraryError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: { readonly claim?: unknown; readonly code?: unknown; readonly message?: unknown };
}

/** OpenID Connect Core §3.1.3.7: which claim did not fit. */
const reasonOfClaim: Readonly<Record<string, SamlReason>> = {
  iss: 'issuer',
  aud: 'audience',
  azp: 'audience',
  nonce: 'correlation',
  auth_time: 'authn_context',
};

const reasonOfCode: Readonly<Record<string, SamlReason>> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'expired',
  OAUTH_KEY_SELECTION_FAILED: 'signature',
  OAUTH_UNSUPPORTED_OPERATION: 'algorithm',
  OAUTH_INVALID_RESPONSE: 'malformed',
  OAUTH_PARSE_ERROR: 'malformed',
};

/** The error of a callback that was not accepted, or of a provider that could not be asked. */
export function refusalOf(error: unknown): BrokerError {
  if (error instanceof AuthorizationResponseError) {
    return openidRefusal('status', `the provider answered ${printable(error.error)}`);
  }
  if (error instanceof ResponseBodyError) {
    return openidRefusal('status', `the token endpoint answered ${printable(error.error)}`);
  }
  const { code, cause, message } = error as LibraryError;
  if (typeof code !== 'string' || code === 'OAUTH_TIMEOUT') return unreachable(error);
  const claim = typeof cause?.claim === 'string' ? cause.claim : undefined;
  if (code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') {
    return openidRefusal(reasonOfClaim[claim ?? ''] ?? 'attributes', `the claim ${claim} is not what was expected`);
  }
  if (/state|iss/.test(String(message)) && code === 'OAUTH_INVALID_RESPONSE') {
    return openidRefusal('correlation', 'state or iss of the callback do not fit');
  }
  if (/signature/.test(`${message} ${cause?.message}`)) return openidRefusal('signature', code);
  return openidRefusal(reasonOfCode[code] ?? 'malformed', code);
}

export function unreachable(error: unknown): BrokerError {
  const { code, cause } = error as LibraryError;
  const detail = [code, cause?.code].filter((each) => typeof each === 'string').join(' ');
  return new BrokerError('idp_unavailable', `the OpenID provider cannot be asked ${detail}`.trim(), { cause: error });
}

/** RFC 6749 §4.1.2.1: error codes are plain ASCII; whatever else comes is cut off. */
function printable(code: string): string {
  return code.replace(/[^A-Za-z0-9_.-]/g, '').slice(0, 60);
}
