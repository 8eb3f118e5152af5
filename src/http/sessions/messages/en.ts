// English: live sessions and issued credentials, for administrators.

export const sessionsEn = {
  title: 'Sessions',
  heading: 'Sessions and issued credentials',
  intro:
    'See who is signed in and what AWS still accepts. Ending a session works with the next request, in every server process. Each look is recorded.',
  userField: 'User name, as the audit trail shows it',
  idpField: 'Identity provider',
  anyIdp: 'Any',
  show: 'Show',
  live: (count: number) => `Live sessions (${count})`,
  noneLive: 'No live sessions.',
  kinds: { browser: 'Browser', cli: 'CLI session' },
  since: 'Signed in',
  until: 'Expires',
  from: 'From',
  end: 'End session',
  endAll: (count: number) => `End all ${count} sessions`,
  endingOnly:
    'People can sign in again unless the configuration denies them. Credentials that AWS has issued stay valid until they expire or a policy denies them.',
  issued: (count: number) => `Issued credentials that AWS still accepts (${count})`,
  noneIssued: 'None.',
  issuedAt: 'Issued',
  accessKey: 'Access key ID',
  consoleOnly: 'console',
  revokeHint: 'To deny them at AWS, run:',
  more: (count: number) => `${count} more are not shown.`,
  incomplete: 'There may be more: the audit trail has all of them.',
} as const;
