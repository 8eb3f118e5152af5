// The errors, as stable codes. http/middleware/error-table.ts says what each code means to a client.

/** Why a message of a sign-in was refused: for the audit record and tests, never for the public. */
export const samlReasons = [
  'malformed',
  'too_large',
  'signature',
  'algorithm',
  'issuer',
  'destination',
  'recipient',
  'audience',
  'not_yet_valid',
  'expired',
  'correlation',
  'replay',
  'status',
  'subject',
  'authn_context',
  'attributes',
  'encryption',
  'rate_limited',
] as const;
export type SamlReason = (typeof samlReasons)[number];

export const errorCodes = [
  'bad_request',
  'not_on_console',
  'unauthenticated',
  'forbidden_origin',
  'role_not_granted',
  'network_not_allowed',
  'access_denied',
  'step_up_required',
  'session_attributes',
  'session_policy_fixed',
  'console_only',
  'reauthentication_required',
  'not_found',
  'too_large',
  'unsupported_media_type',
  'misdirected',
  'rate_limited',
  'credentials_limited',
  'saml_refused',
  'openid_refused',
  'sign_in_cancelled',
  'step_up_refused',
  'logout_refused',
  'command_line_refused',
  'idp_unavailable',
  'verification_unavailable',
  'sts_access_denied',
  'sts_identity_rejected',
  'sts_assertion_expired',
  'sts_duration',
  'sts_session_policy',
  'sts_session_tags',
  'sts_rule_policy',
  'sts_region_disabled',
  'sts_throttled',
  'sts_unavailable',
  'sts_refused',
  'signing_unavailable',
  'signing_refused',
  'signin_refused',
  'signin_unavailable',
  'store_unavailable',
  'audit_unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/**
 * An error with a stable code. The message and details are private: they go to the log and the audit record, so they
 * hold ids, counts, codes and ARNs, and never an assertion, cookie, token, credential or group list.
 */
export class BrokerError extends Error {
  readonly code: ErrorCode;
  readonly reason: SamlReason | undefined;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { reason?: SamlReason; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BrokerError';
    this.code = code;
    this.reason = options.reason;
    this.details = options.details ?? {};
  }
}

/** A refused SAML message. Without a stack, which nothing reads and which costs as much as a small message. */
export function samlRefusal(reason: SamlReason, message: string, details: ErrorDetails = {}): BrokerError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new BrokerError('saml_refused', message, { reason, details });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** A refused answer of an OpenID provider, for one of the same reasons. */
export function oidcRefusal(reason: SamlReason, message: string, details: ErrorDetails = {}): BrokerError {
  return new BrokerError('openid_refused', message, { reason, details });
}

/** Throws a SAML refusal unless the rule holds. */
export function requireSaml(holds: boolean, reason: SamlReason, message: string, details: ErrorDetails = {}): void {
  if (!holds) throw samlRefusal(reason, message, details);
}
