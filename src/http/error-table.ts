// What each error code means to a client. Exhaustive by type: a new code does not compile without a row.
import type { ErrorCode } from '../errors.ts';

export interface PublicError {
  readonly status: number;
  readonly title: string;
  /** What the reader can do. Generic: the exact reason is in the log, under the request id. */
  readonly help: string;
  readonly retryAfterSeconds?: number;
}

const tryLater = 'Try again in a minute. If it goes on, give the request id to your administrators.';
const tellAdministrators = 'Give the request id to your administrators: the log has the exact reason.';

export const errorTable: Readonly<Record<ErrorCode, PublicError>> = {
  bad_request: {
    status: 400,
    title: 'The request is not valid',
    help: 'Check the address or the values that were sent.',
  },
  unauthenticated: { status: 401, title: 'You are not signed in', help: 'Sign in, then try again.' },
  forbidden_origin: {
    status: 403,
    title: 'The request came from another site',
    help: 'Open the portal itself and try again there.',
  },
  role_not_granted: {
    status: 403,
    title: 'This role is not granted to you',
    help: 'The portal lists the roles that you have. If one is missing, ask for the group that gives it.',
  },
  step_up_required: {
    status: 403,
    title: 'This role needs a stronger or fresher sign-in',
    help: 'Sign in again as the role asks, then repeat what you were doing.',
  },
  not_found: { status: 404, title: 'There is nothing here', help: 'Check the address.' },
  method_not_allowed: { status: 405, title: 'This address does not take that method', help: 'Check the address.' },
  too_large: { status: 413, title: 'The request is too large', help: 'Send less.' },
  unsupported_media_type: {
    status: 415,
    title: 'The request has the wrong content type',
    help: 'Send application/json to the API.',
  },
  misdirected: {
    status: 421,
    title: 'This host is not served here',
    help: 'Use the address that your administrators gave you.',
  },
  saml_refused: {
    status: 403,
    title: 'The sign-in could not be completed',
    help: 'Start again from the portal. If it fails again, give the request id to your administrators.',
  },
  logout_refused: {
    status: 403,
    title: 'The sign-out message was not accepted',
    help: 'To sign out here, use the button in the portal. If it happens again, give the request id to your administrators.',
  },
  idp_unavailable: { status: 503, title: 'The sign-in system is not known yet', help: tryLater, retryAfterSeconds: 30 },
  sts_access_denied: {
    status: 403,
    title: 'AWS refused this role',
    help: "The role's trust policy does not let Rolegate in, or the role does not exist. Give the request id to your administrators.",
  },
  sts_identity_rejected: {
    status: 502,
    title: 'AWS did not accept Rolegate in this account',
    help: tellAdministrators,
  },
  sts_assertion_expired: { status: 502, title: 'AWS found the sign-in too old', help: tellAdministrators },
  sts_duration: {
    status: 400,
    title: 'The role does not allow sessions this long',
    help: 'Ask for a shorter duration.',
  },
  sts_session_policy: {
    status: 400,
    title: 'AWS did not accept the session policy',
    help: 'Check or shorten the policy.',
  },
  sts_region_disabled: {
    status: 502,
    title: 'AWS STS is off in this region for the account',
    help: tellAdministrators,
  },
  sts_throttled: { status: 503, title: 'AWS is receiving too many requests', help: tryLater, retryAfterSeconds: 5 },
  sts_unavailable: { status: 503, title: 'AWS does not answer', help: tryLater, retryAfterSeconds: 10 },
  sts_refused: { status: 502, title: 'AWS refused the request', help: tellAdministrators },
  signin_refused: { status: 502, title: 'The AWS console did not accept the session', help: tellAdministrators },
  signin_unavailable: { status: 503, title: 'The AWS console does not answer', help: tryLater, retryAfterSeconds: 10 },
  store_unavailable: {
    status: 503,
    title: 'Sessions cannot be read right now',
    help: 'Nothing is lost. Try again in a minute; you need not sign in again unless you are asked to.',
    retryAfterSeconds: 5,
  },
  audit_unavailable: {
    status: 503,
    title: 'The audit trail cannot be written, so nothing was given out',
    help: tryLater,
    retryAfterSeconds: 30,
  },
  internal: { status: 500, title: 'Something went wrong here', help: tellAdministrators },
};
