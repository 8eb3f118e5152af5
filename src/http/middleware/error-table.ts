// What each error code means to a client. Exhaustive by type: a new code does not compile without a row here, and in every
// language of messages/.
import type { ErrorCode } from '../../errors.ts';

export interface PublicError {
  readonly status: number;
  readonly retryAfterSeconds?: number;
}

export const errorTable: Readonly<Record<ErrorCode, PublicError>> = {
  bad_request: { status: 400 },
  not_on_console: { status: 400 },
  unauthenticated: { status: 401 },
  forbidden_origin: { status: 403 },
  role_not_granted: { status: 403 },
  network_not_allowed: { status: 403 },
  access_denied: { status: 403 },
  step_up_required: { status: 403 },
  session_attributes: { status: 403 },
  session_policy_fixed: { status: 400 },
  console_only: { status: 403 },
  reauthentication_required: { status: 403 },
  not_found: { status: 404 },
  too_large: { status: 413 },
  unsupported_media_type: { status: 415 },
  misdirected: { status: 421 },
  rate_limited: { status: 429, retryAfterSeconds: 10 },
  credentials_limited: { status: 429, retryAfterSeconds: 10 },
  saml_refused: { status: 403 },
  openid_refused: { status: 403 },
  sign_in_cancelled: { status: 403 },
  step_up_refused: { status: 403 },
  logout_refused: { status: 403 },
  command_line_refused: { status: 400 },
  idp_unavailable: { status: 503, retryAfterSeconds: 30 },
  verification_unavailable: { status: 503, retryAfterSeconds: 30 },
  sts_access_denied: { status: 403 },
  sts_identity_rejected: { status: 502 },
  sts_assertion_expired: { status: 502 },
  sts_duration: { status: 400 },
  sts_session_policy: { status: 400 },
  sts_session_tags: { status: 400 },
  sts_rule_policy: { status: 400 },
  sts_region_disabled: { status: 502 },
  sts_throttled: { status: 503, retryAfterSeconds: 5 },
  sts_unavailable: { status: 503, retryAfterSeconds: 10 },
  sts_refused: { status: 502 },
  signing_unavailable: { status: 503, retryAfterSeconds: 10 },
  signing_refused: { status: 502 },
  signin_refused: { status: 502 },
  signin_unavailable: { status: 503, retryAfterSeconds: 10 },
  store_unavailable: { status: 503, retryAfterSeconds: 5 },
  audit_unavailable: { status: 503, retryAfterSeconds: 30 },
  internal: { status: 500 },
};
