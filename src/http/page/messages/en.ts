// Every sentence of the pages, in English. The other languages have the same keys by type.
import type { ErrorCode } from '../../../errors.ts';
import { oauthEn } from '../../cli-sign-in/messages/en.ts';
import { downloadEn } from '../../cli-sign-in/messages/en-download.ts';
import { linksEn } from '../../console/messages/en.ts';
import { portalEn } from '../../portal/messages/en.ts';
import { insightEn } from '../../why/messages/en.ts';

export interface ErrorText {
  readonly title: string;
  /** What the reader can do. Generic: the exact reason is in the log, under the request id. */
  readonly help: string;
}

const tryLater = 'Try again in a minute. If it goes on, give the request id to your administrators.';
const tellAdministrators = 'Give the request id to your administrators: the log has the exact reason.';

const signInRefused = {
  title: 'The sign-in could not be completed',
  help: 'Start again from the portal. If it fails again, give the request id to your administrators.',
};

const errors: Readonly<Record<ErrorCode, ErrorText>> = {
  bad_request: { title: 'The request is not valid', help: 'Check the address or the values that were sent.' },
  unauthenticated: { title: 'You are not signed in', help: 'Sign in, then try again.' },
  forbidden_origin: {
    title: 'The request came from another site',
    help: 'Open the portal itself and try again there.',
  },
  role_not_granted: {
    title: 'This role is not granted to you',
    help: 'The portal lists the roles that you have. If one is missing, ask for the group that gives it.',
  },
  step_up_required: {
    title: 'This role needs a stronger or fresher sign-in',
    help: 'Sign in again as the role asks, then repeat what you were doing.',
  },
  session_attributes: {
    title: 'Your sign-in lacks something that this role needs',
    help: 'The role wants a detail about you that your directory did not send, or sent in a form that AWS does not take. Give the request id to your administrators.',
  },
  session_policy_fixed: {
    title: 'This role is limited already',
    help: 'Its sessions always have the policy that your administrators chose. Ask without one of your own.',
  },
  console_only: {
    title: 'This role is for the console only',
    help: 'It gives no credentials. Open the console with it, or choose another role.',
  },
  reauthentication_required: {
    title: 'AWS wants a new sign-in for this role',
    help: 'It takes the answer of your sign-in system itself, for a few minutes only. Use the role in the portal: it signs you in anew and goes on. A command line cannot do that.',
  },
  not_found: { title: 'There is nothing here', help: 'Check the address.' },
  too_large: { title: 'The request is too large', help: 'Send less.' },
  unsupported_media_type: {
    title: 'The request has the wrong content type',
    help: 'Send application/json to the API.',
  },
  misdirected: { title: 'This host is not served here', help: 'Use the address that your administrators gave you.' },
  rate_limited: {
    title: 'Too many requests have come from your network',
    help: 'Wait a minute, then try again. If it goes on, give the request id to your administrators.',
  },
  saml_refused: signInRefused,
  openid_refused: signInRefused,
  logout_refused: {
    title: 'The sign-out message was not accepted',
    help: 'To sign out here, use the button in the portal. If it happens again, give the request id to your administrators.',
  },
  command_line_refused: {
    title: 'This sign-in of a command line cannot go on',
    help: 'It is too old, was used before, or belongs to another browser. Run rolegate login again, and open its address at once.',
  },
  idp_unavailable: { title: 'The sign-in system is not known yet', help: tryLater },
  sts_access_denied: {
    title: 'AWS refused this role',
    help: "The role's trust policy does not let Rolegate in, or the role does not exist. Give the request id to your administrators.",
  },
  sts_identity_rejected: { title: 'AWS did not accept Rolegate in this account', help: tellAdministrators },
  sts_assertion_expired: { title: 'AWS found the sign-in too old', help: tellAdministrators },
  sts_duration: { title: 'The role does not allow sessions this long', help: 'Ask for a shorter duration.' },
  sts_session_policy: { title: 'AWS did not accept the session policy', help: 'Check or shorten the policy.' },
  sts_region_disabled: { title: 'AWS STS is off in this region for the account', help: tellAdministrators },
  sts_throttled: { title: 'AWS is receiving too many requests', help: tryLater },
  sts_unavailable: { title: 'AWS does not answer', help: tryLater },
  sts_refused: { title: 'AWS refused the request', help: tellAdministrators },
  signin_refused: { title: 'The AWS console did not accept the session', help: tellAdministrators },
  signin_unavailable: { title: 'The AWS console does not answer', help: tryLater },
  store_unavailable: {
    title: 'Sessions cannot be read right now',
    help: 'Nothing is lost. Try again in a minute; you need not sign in again unless you are asked to.',
  },
  audit_unavailable: { title: 'The audit trail cannot be written, so nothing was given out', help: tryLater },
  internal: { title: 'Something went wrong here', help: tellAdministrators },
};

export const en = {
  language: 'en',
  languageName: 'English',
  errors,
  download: downloadEn,
  insight: insightEn,
  links: linksEn,
  oauth: oauthEn,
  portal: portalEn,
  skipToContent: 'Skip to content',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  toPortal: 'To the portal',
  backToAccounts: 'Back to your accounts',
  notNow: 'Not now',
  requestId: 'Request id',
  yourAccounts: 'Your accounts',
  console: 'Console',
  credentials: 'Credentials',
  openConsoleAs: (role: string, account: string) => `Open the console as ${role} in ${account}`,
  getCredentialsFor: (role: string, account: string) => `Get credentials for ${role} in ${account}`,
  upTo: (duration: string) => `up to ${duration}`,
  hours: (count: number) => `${count} h`,
  minutes: (count: number) => `${count} min`,
  byRule: (rule: string) => `by the rule “${rule}”`,
  asksForStronger: 'asks for a stronger sign-in',
  asksForFresh: 'asks for a fresh sign-in',
  otherEnvironment: 'other',
  resumeText: (role: string, account: string) => `You were about to use ${role} in ${account}.`,
  resumeConsole: 'Open the console',
  resumeCredentials: 'Get credentials',
  noRolesTitle: 'You have no AWS roles yet',
  noRolesText: (name: string, user: string) =>
    `Your sign-in worked: you are ${name} (${user}). Roles come from groups in your company's directory, and none of the groups that your sign-in brought gives one.`,
  groupsBrought: (count: number) => `Groups that your sign-in brought (${count})`,
  groupsNone: 'none',
  groupsExact:
    'Groups are compared exactly, upper and lower case included. A new group counts after your next sign-in.',
  credentialsTitle: (role: string, account: string) => `Credentials for ${role} in ${account}`,
  credentialsCare: 'Whoever has them can act as you until then.',
  limitedBy: {
    request: 'as you asked',
    rule: 'what the rule allows',
    role: 'what the role allows',
    chaining: 'what AWS allows a role that another role opens',
    session: 'until your sign-in ends',
  },
  shells: {
    bash: 'bash and zsh',
    fish: 'fish',
    powershell: 'PowerShell',
    cmd: 'Command Prompt',
    env: '.env file',
    profile: '~/.aws/credentials',
    config: '~/.aws/config',
    json: 'JSON document',
  },
  credentialsUntil: 'Valid until',
  credentialsLength: 'Length',
  credentialsLengthWhy: (duration: string, why: string) => `${duration}, ${why}`,
  credentialsClamped: {
    rule: (asked: string, given: string) => `${asked} is more than the rule allows: you have ${given}.`,
    role: (asked: string, given: string) => `${asked} is more than the role itself allows: AWS gave ${given}.`,
    chaining: (asked: string, given: string) =>
      `${asked} is more than AWS allows a role that another role opens: you have ${given}.`,
    session: (asked: string, given: string) =>
      `${asked} is longer than your sign-in lasts: you have ${given}. Sign in again for more.`,
  },
  credentialsLeft: (duration: string) => `${duration} left`,
  credentialsEndSoon: (duration: string) =>
    `These credentials end in ${duration}. Renew them to go on without a break.`,
  credentialsEnded: 'These credentials have ended. Renew them to go on.',
  credentialsEndedMark: 'ended',
  credentialsLimited: (policy: string) => `This session is limited: ${policy}.`,
  credentialsForms: 'Where will you use them?',
  credentialsShow: 'Show the secret values',
  credentialsCopied: (shell: string) => `Copied for ${shell}.`,
  credentialsCopyFailed: 'The browser did not allow copying. The lines are selected: press Ctrl+C, or ⌘C on a Mac.',
  credentialsHistory:
    'Each line begins with a space: fish leaves such lines out of its history, bash with HISTCONTROL=ignorespace, zsh with HIST_IGNORE_SPACE.',
  configText: 'Without keys: tools run rolegate for new ones whenever they need them.',
  configInstall: 'Install the command once, then type',
  configAll: 'Profiles for all your roles at once:',
  profileLabel: 'Name of the profile',
  profileHint: 'Letters, digits and . _ - @ +',
  renewTitle: 'Renew or change',
  renewHint: 'What you copied before goes on until its own end.',
  renew: 'Renew',
  renewing: 'Renewing…',
  renewed: (time: string) => `Renewed, valid until ${time}.`,
  seconds: (count: number) => `${count} s`,
  durationLabel: 'Duration',
  durationMost: (duration: string) => `${duration}, the most that the rule allows`,
  durationUntil: (time: string) => `until ${time}`,
  accessLabel: 'Access',
  accessFull: 'everything that the role allows',
  portalUnreachable: 'The portal cannot be reached. Check the network, then try again.',
  linesFor: (shell: string) => `Lines for ${shell}`,
  copy: 'Copy',
  copied: 'Copied',
  consoleAskTitle: 'Open the AWS console?',
  consoleAskText: (role: string, account: string, id: string) =>
    `A link asks to sign you in as ${role} in ${account} (${id}).`,
  consoleAskDestination: 'It leads to',
  openTheConsole: 'Open the console',
  stepUpTitle: (role: string, account: string) => `${role} in ${account} asks you to sign in again`,
  stepUpStronger: 'The role needs a stronger sign-in, for example with a one-time code.',
  stepUpFresh: 'Your sign-in is too long ago for this role.',
  chooserTitle: 'Where do you sign in?',
  lastUsed: 'last used here',
  signedOutTitle: 'You are signed out',
  signedOutConsoles: 'Consoles and credentials that you opened before go on until they end by themselves.',
  signedOutElsewhere: {
    complete: '',
    unasked: "You may still be signed in at your company's sign-in page: close the browser to end that too.",
    partial: 'Your company signed you out, but some applications did not answer: close the browser to end those too.',
    failed: "Your company's sign-in page could not sign you out: close the browser to end that too.",
  },
  signingOutTitle: 'You are signed out here',
  signingOutText: (idp: string) => `Next, ${idp} signs you out as well.`,
  continueOn: 'Continue',
  choiceTitle: 'Which role do you mean?',
  choiceOther: 'The link asks for a role that you do not have. In that account you have:',
  choiceSeveral: 'The link fits several of your roles:',
  preferences: 'Language and colours',
  themeLabel: 'Colours',
  themes: { system: 'as the system', light: 'light', dark: 'dark' },
  languageLabel: 'Language',
  apply: 'Apply',
} as const;

/** The shape that every language fills. */
export type Messages = {
  readonly [Key in keyof typeof en]: (typeof en)[Key] extends string ? string : Widened<(typeof en)[Key]>;
};

type Widened<T> = T extends (...args: infer A) => string
  ? (...args: A) => string
  : { readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]> };
