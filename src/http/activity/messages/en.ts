// English: recent activity, a person's own and that of all people.

export const activityEn = {
  title: 'Activity',
  intro:
    'Your sign-ins, credentials, console sessions and refused requests of the last 30 days, up to 50, in this browser and on the command line.',
  caption: 'Recent activity, newest first',
  none: 'Nothing in the last 30 days. Open a console or get credentials, and they appear here.',
  when: 'Time',
  what: 'Activity',
  role: 'Role',
  from: 'Source',
  details: 'Details',
  cli: 'CLI session',
  kinds: { sign_in: 'Sign-in', credentials: 'Credentials', console: 'Console', refused: 'Refused' },
  until: 'Expires',
  requestId: 'Request id',
  notYou: 'Something here that you did not do?',
  notYouHelp: 'Tell your administrators at once and end the CLI sessions that you do not know:',
} as const;
