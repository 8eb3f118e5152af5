// Why an OpenID sign-in failed, in our words: the library's codes to stable reasons. Its messages may quote what the
// provider sent, so only codes and claim names go on.
import { BrokerError, oidcRefusal, type SamlReason } from '../errors.ts';
import { quoted } from '../quoted.ts';

type Claims = Readonly<Record<string, unknown>>;

interface LibraryError {
  readonly code?: unknown;
  /** RFC 6749 §4.1.2.1, §5.2: the provider's own code, and its words. */
  readonly error?: unknown;
  readonly error_description?: unknown;
  /** What happened below: its message is the library's own words. */
  readonly cause?: {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly cause?: {
      readonly claim?: unknown;
      readonly claims?: Claims;
      readonly expected?: unknown;
      /** Seconds, with the clock skew already in it. */
      readonly now?: unknown;
    };
  };
}

/** OpenID Connect Core §3.1.3.7: which claim did not fit. */
const reasonOfClaim: Readonly<Record<string, SamlReason>> = {
  iss: 'issuer',
  aud: 'audience',
  azp: 'audience',
  nonce: 'correlation',
  auth_time: 'authn_context',
};

/** By what the library says of a message that it could not take. */
const reasonOfMessage: readonly (readonly [RegExp, SamlReason])[] = [
  [/signature/, 'signature'],
  [/"alg"/, 'algorithm'],
  [/"(state|iss)".* response parameter|response parameter "(state|iss)"/, 'correlation'],
];

/** The provider is there, but not in its right mind. */
const outages = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'];

/** The error of a callback that was not accepted, or of a provider that could not be asked. */
export function refusalOf(error: unknown): BrokerError {
  const { code, cause, error: answer } = error as LibraryError;
  if (typeof code !== 'string' || outages.includes(code)) return unreachable(error);
  const claim = cause?.cause?.claim;
  switch (code) {
    case 'OAUTH_AUTHORIZATION_RESPONSE_ERROR':
      return errorResponse(error as LibraryError);
    case 'OAUTH_RESPONSE_BODY_ERROR':
      return oidcRefusal(
        'status',
        `the token endpoint answered ${printable(answer)}${hintFor(answer)}`,
        wordsOf(error as LibraryError),
      );
    // RFC 6749 §5.2: 401 with a challenge is invalid_client.
    case 'OAUTH_WWW_AUTHENTICATE_CHALLENGE':
      return oidcRefusal('status', `the token endpoint answered invalid_client${hintFor('invalid_client')}`);
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return claimRefusal(String(claim), cause?.cause ?? {});
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return oidcRefusal('algorithm', `the provider uses an unsupported feature: ${sentence(cause?.message ?? error)}`);
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return oidcRefusal('attributes', 'UserInfo describes a different subject than the ID token');
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return oidcRefusal(
        'expired',
        `the claim ${claim} is out of its time`,
        timesOf(String(claim), cause?.cause ?? {}),
      );
    case 'OAUTH_KEY_SELECTION_FAILED':
      return oidcRefusal('signature', 'no published key fits');
    default: {
      const missing = /^JWT "(\w+)" .*claim missing$/.exec(String(cause?.message))?.[1];
      if (missing) return oidcRefusal('malformed', `the claim ${missing} is missing from the ID token`);
      const known = reasonOfMessage.find(([form]) => form.test(String(cause?.message)));
      return oidcRefusal(known?.[1] ?? 'malformed', `${code}: ${sentence(cause?.message ?? error)}`);
    }
  }
}

/** RFC 6749 §4.1.2.1 access_denied, and what Apple and LinkedIn say; OpenID Connect Unmet Authentication Requirements. */
function errorResponse({ error, ...more }: LibraryError): BrokerError {
  const code = /^(?:access_denied|user_cancell?ed\w*)$/.test(String(error))
    ? 'sign_in_cancelled'
    : error === 'unmet_authentication_requirements'
      ? 'step_up_refused'
      : 'openid_refused';
  const text = `the provider answered ${printable(error)}${hintFor(error)}`;
  return new BrokerError(code, text, { reason: 'status', details: wordsOf(more) });
}

/** The provider's own words, such as the AADSTS number of Entra ID. */
function wordsOf({ error_description }: LibraryError): Readonly<Record<string, string>> {
  return typeof error_description === 'string' ? { received: quoted(error_description) } : {};
}

function timesOf(claim: string, { claims, now }: { claims?: Claims; now?: unknown }): Readonly<Record<string, string>> {
  const [received, expected] = [claims?.[claim], now].map((seconds) =>
    typeof seconds === 'number' && Math.abs(seconds) < 1e11 ? new Date(seconds * 1000).toISOString() : undefined,
  );
  return { received: received ?? shown(claims?.[claim]), ...(expected && { expected: `about ${expected}` }) };
}

function claimRefusal(claim: string, { claims, expected }: { claims?: Claims; expected?: unknown }): BrokerError {
  // The nonce is a secret between us and the provider.
  const isPublic = ['iss', 'aud', 'azp'].includes(claim);
  const values = isPublic ? { received: shown(claims?.[claim]), expected: shown(expected) } : {};
  const text = `the claim ${claim} is not what was expected`;
  return oidcRefusal(reasonOfClaim[claim] ?? 'attributes', text, values);
}

function shown(value: unknown): string {
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

/** RFC 6749 §4.1.2.1, §5.2: what of our settings each is about. */
const hints: Readonly<Record<string, string>> = {
  invalid_client: 'client id, secret or authentication method',
  invalid_grant: 'the code was used, has expired, or is for another redirect_uri',
  unauthorized_client: 'allow the authorization code flow for this client',
  invalid_scope: 'openid.scopes has a scope that the provider does not know',
  redirect_uri_mismatch: 'register the callback address of this broker at the provider',
};

function hintFor(answer: unknown): string {
  const hint = typeof answer === 'string' && Object.hasOwn(hints, answer) ? hints[answer] : undefined;
  return hint === undefined ? '' : `: ${hint}`;
}

/** The library's own words: they name claims and parameters, and no value. */
function sentence(message: unknown): string {
  return String(message instanceof Error ? message.message : message)
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 120);
}

export function unreachable(error: unknown): BrokerError {
  const { code, cause } = error as LibraryError;
  const mismatch = cause as { attribute?: unknown; expected?: unknown; body?: Claims } | undefined;
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' && mismatch?.attribute === 'issuer') {
    const received = shown(mismatch.body?.['issuer']);
    const hint = received.includes('{tenantid}') ? ": give one tenant's issuer" : '';
    const details = { received, expected: shown(mismatch.expected) };
    const text = `the provider has another issuer than the configuration${hint}`;
    return new BrokerError('idp_unavailable', text, { details, cause: error });
  }
  const detail = answerOf(error) ?? codesOf(error).join(' ');
  return new BrokerError('idp_unavailable', `the OpenID provider cannot be asked ${detail}`.trim(), { cause: error });
}

/** What came in place of the document that was asked for. */
function answerOf(error: unknown): string | undefined {
  const { code, cause } = error as LibraryError;
  if (code === 'OAUTH_TIMEOUT') return 'OAUTH_TIMEOUT: no answer in time';
  const answer = [cause, cause?.cause].find((each) => each instanceof Response);
  if (!answer) return undefined;
  const type = quoted(answer.headers.get('content-type') ?? 'none');
  return `${String(code)}: it answered with status ${answer.status} and content type ${type}`;
}

/** The library's code, and below it why a connection failed: ECONNREFUSED, CERT_HAS_EXPIRED, an address that is not allowed. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, cause } = error as LibraryError;
  return [...new Set([...(typeof code === 'string' ? [code] : []), ...codesOf(cause)])];
}

/** RFC 6749 §4.1.2.1: error codes are plain ASCII; whatever else comes is cut off. */
function printable(code: unknown): string {
  return String(code)
    .replace(/[^A-Za-z0-9_.-]/g, '')
    .slice(0, 60);
}
