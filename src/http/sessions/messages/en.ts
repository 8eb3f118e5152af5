// English: live sessions and issued credentials, for administrators.

export const sessionsEn = {
  title: 'Sessions',
  heading: 'Sessions and issued credentials',
  intro:
    'See who is signed in and what AWS still accepts. Ending a session takes effect with its next request, in every server process. Each view is recorded.',
  userField: 'User name in the audit trail',
  idpField: 'Identity provider',
  anyIdp: 'Any',
  show: 'Show',
  live: (count: number) => `Live sessions (${count})`,
  noneLive: 'No live sessions.',
  kinds: { browser: 'Browser', cli: 'CLI session' },
  since: 'Signed in',
  until: 'Expires',
  from: 'User and address',
  end: 'End session',
  endAll: (count: number) => `End all ${count} sessions`,
  everyone: 'End the sessions of all users',
  everyoneHelp: 'All users, you included, sign in again in their browsers and on the command line.',
  everyoneConfirm: 'Yes, end every session',
  endingOnly:
    'The user can sign in again unless the configuration denies it. Credentials that AWS has issued stay valid until they expire or a policy denies them.',
  issued: (count: number) => `Issued credentials that AWS still accepts (${count})`,
  noneIssued: 'No credentials are valid at AWS.',
  issuedAt: 'Issued',
  accessKey: 'Access key ID',
  consoleOnly: 'console',
  revokeHint: 'To deny them at AWS, run:',
  more: (count: number) => `${count} more are not shown.`,
  incomplete: 'There may be more: the audit trail has all of them.',
} as const;
