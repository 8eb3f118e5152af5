// The texts of every page, in English: each feature has its own, this file has what all pages need. The other languages have
// the same keys by type.
import type { ErrorCode } from '../../../errors.ts';
import { activityEn } from '../../activity/messages/en.ts';
import { administrationEn } from '../../administration/messages/en.ts';
import { cliSignInEn } from '../../cli-sign-in/messages/en.ts';
import { consoleEn } from '../../console/messages/en.ts';
import { credentialsEn } from '../../credentials/messages/en.ts';
import { portalEn } from '../../portal/messages/en.ts';
import { sessionsEn } from '../../sessions/messages/en.ts';
import { signInEn } from '../../sign-in/messages/en.ts';
import { signOutEn } from '../../sign-out/messages/en.ts';
import { whyEn } from '../../why/messages/en.ts';

export interface ErrorText {
  readonly title: string;
  /** What the reader can do. Generic: the exact reason is in the log, under the request id. */
  readonly help: string;
}

const tryLater = 'Try again in a minute. If the problem persists, give the request id to your administrators.';
const tellAdministrators = 'Give the request id to your administrators: the log has the exact reason.';

const signInRefused = {
  title: 'The sign-in could not be completed',
  help: 'Start again from the portal. If it fails again, give the request id to your administrators.',
};

const errors: Readonly<Record<ErrorCode, ErrorText>> = {
  bad_request: { title: 'The request is not valid', help: 'Check the address or the values that were sent.' },
  not_on_console: {
    title: 'This address is not on the AWS console',
    help: 'Use a path that begins with a slash, or an address on {consoleHosts}, and name it once. Other AWS sites cannot be opened by a console link.',
  },
  unauthenticated: { title: 'You are not signed in', help: 'Sign in, then try again.' },
  forbidden_origin: {
    title: 'The request came from another site',
    help: 'Open the portal itself and try again there.',
  },
  role_not_granted: {
    title: 'You don’t have access to this role',
    help: 'The portal lists your roles. If a role is missing, request the group that grants it.',
  },
  access_denied: {
    title: 'Your access is blocked',
    help: 'Your organization has blocked sign-in here for you or for one of your groups. Ask your security team.',
  },
  network_not_allowed: {
    title: 'This role cannot be used from your network',
    help: 'Connect to the network that your organization uses for it, such as its VPN or an office, and try again. You need no new sign-in.',
  },
  step_up_required: {
    title: 'This role requires MFA or a recent sign-in',
    help: 'Sign in again, then retry.',
  },
  session_attributes: {
    title: 'A required attribute is missing from your sign-in',
    help: 'Your identity provider did not send an attribute that the role requires, or sent it in a form that AWS does not accept. Give the request id to your administrators.',
  },
  session_policy_fixed: {
    title: 'This role already has a session policy',
    help: 'Its sessions always use the policy that your administrators chose. Retry without a session policy.',
  },
  console_only: {
    title: 'This role is for the console only',
    help: 'You cannot get credentials for it. Open the console, or choose another role.',
  },
  reauthentication_required: {
    title: 'This role requires a new sign-in',
    help: 'AWS accepts the response of your identity provider for a few minutes only. Use the role in the portal, which signs you in again and continues. The command line cannot do that.',
  },
  not_found: { title: 'Page not found', help: 'Check the address, or find the page from the portal.' },
  too_large: { title: 'The request is too large', help: 'Send a smaller request.' },
  unsupported_media_type: {
    title: 'The request has the wrong content type',
    help: 'Send application/json to the API.',
  },
  misdirected: { title: 'This host is not served here', help: 'Use the address that your administrators gave you.' },
  rate_limited: {
    title: 'Too many requests have come from your network',
    help: 'Wait a minute, then try again. If the problem persists, give the request id to your administrators.',
  },
  credentials_limited: {
    title: 'You have requested credentials too often',
    help: 'Wait a minute, then try again. If a program requests them, let it reuse credentials until they expire.',
  },
  saml_refused: signInRefused,
  openid_refused: signInRefused,
  sign_in_cancelled: {
    title: 'You did not sign in',
    help: 'The sign-in was cancelled, or your identity provider denied it. Sign in again when you are ready.',
  },
  step_up_refused: {
    title: 'MFA is not available',
    help: 'Your identity provider does not offer the sign-in that this role requires. You stay signed in. Ask your administrators how to register for MFA.',
  },
  logout_refused: {
    title: 'The sign-out message was not accepted',
    help: 'To sign out here, use the button in the portal. If it happens again, give the request id to your administrators.',
  },
  command_line_refused: {
    title: 'This command-line sign-in cannot continue',
    help: 'It expired, was already used, or belongs to another browser. Run rolegate login again and open its address at once.',
  },
  idp_unavailable: { title: 'The identity provider is not available yet', help: tryLater },
  verification_unavailable: { title: 'Your sign-in could not be checked in time', help: tryLater },
  sts_access_denied: {
    title: 'AWS refused this role',
    help: 'The role’s trust policy does not allow Rolegate, or the role does not exist. Give the request id to your administrators.',
  },
  sts_identity_rejected: { title: 'AWS rejected Rolegate in this account', help: tellAdministrators },
  sts_assertion_expired: { title: 'AWS rejected the sign-in as expired', help: tellAdministrators },
  sts_duration: { title: 'The role does not allow sessions this long', help: 'Ask for a shorter duration.' },
  sts_session_policy: { title: 'AWS rejected the session policy', help: 'Check or shorten the policy.' },
  sts_session_tags: {
    title: 'The session tags exceed the limit of AWS',
    help: 'You cannot change that. Tell your administrators that the session tags exceed the limit of AWS, and give them the request id.',
  },
  sts_rule_policy: {
    title: 'AWS rejected the policy that limits this role',
    help: 'You cannot change that. Tell your administrators that AWS rejected the session policy of the rule, and give them the request id.',
  },
  sts_region_disabled: { title: 'AWS STS is not active in this region for the account', help: tellAdministrators },
  sts_throttled: { title: 'AWS is receiving too many requests', help: tryLater },
  sts_unavailable: { title: 'AWS does not answer', help: tryLater },
  sts_refused: { title: 'AWS refused the request', help: tellAdministrators },
  signing_unavailable: { title: 'The service that signs requests does not answer', help: tryLater },
  signing_refused: { title: 'The service that signs requests refused the request', help: tellAdministrators },
  signin_refused: { title: 'The AWS console rejected the session', help: tellAdministrators },
  signin_unavailable: { title: 'The AWS console does not answer', help: tryLater },
  store_unavailable: {
    title: 'Sessions cannot be read right now',
    help: 'No data is lost. Try again in a minute. You stay signed in unless you are asked to sign in.',
  },
  audit_unavailable: { title: 'The audit trail cannot be written, so no credentials were issued', help: tryLater },
  internal: { title: 'Internal error', help: tellAdministrators },
};

export const en = {
  language: 'en',
  languageName: 'English',
  errors,
  page: {
    skipToContent: 'Skip to content',
    signIn: 'Sign in',
    signInAgain: 'Sign in again',
    signOut: 'Sign out',
    toPortal: 'Go to the portal',
    backToAccounts: 'Back to your accounts',
    notNow: 'Not now',
    continueOn: 'Continue',
    requestId: 'Request id',
    hours: (count: number) => `${count} h`,
    minutes: (count: number) => `${count} min`,
    seconds: (count: number) => `${count} s`,
    copy: 'Copy',
    copied: 'Copied',
    navigation: 'Pages',
    sessionUntil: 'You are signed in until',
    sessionIdle: 'You have been inactive for a while. Your session expires at {time}.',
    sessionAbsolute: 'Your session expires at {time} and cannot be extended. Sign in again now to return to this page.',
    sessionEnded: 'Your session has expired. Sign in again to return to this page.',
    sessionReplaced: 'You are no longer signed in here as {user}. Reload the page to see the current user.',
    dismissAnnouncement: 'Dismiss the announcement',
    staySignedIn: 'Stay signed in',
    reload: 'Reload',
    preferences: 'Language and appearance',
    themeLabel: 'Appearance',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    languageLabel: 'Language',
    apply: 'Apply',
  },
  signIn: signInEn,
  signOut: signOutEn,
  credentials: credentialsEn,
  console: consoleEn,
  portal: portalEn,
  why: whyEn,
  sessions: sessionsEn,
  activity: activityEn,
  administration: administrationEn,
  cliSignIn: cliSignInEn,
} as const;

/** The shape that every language fills. */
export type Messages = {
  readonly [Key in keyof typeof en]: (typeof en)[Key] extends string ? string : Widened<(typeof en)[Key]>;
};

type Widened<T> = T extends (...args: infer A) => string
  ? (...args: A) => string
  : { readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]> };
