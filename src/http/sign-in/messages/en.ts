// English: choosing where to sign in, step-up, a new sign-in, and continuing after it.

export const signInEn = {
  chooserTitle: 'Where do you sign in?',
  lastUsed: 'last used here',
  stepUpTitle: (role: string, account: string) => `${role} in ${account} requires you to sign in again`,
  stepUpStronger: 'This role requires MFA, for example a one-time code.',
  stepUpFresh: 'This role requires a more recent sign-in.',
  ignoredTitle: 'MFA was not confirmed',
  ignoredText: (role: string, account: string, idp: string) =>
    `${role} in ${account} requires MFA, for example a one-time code. ${idp} signed you in again, but did not confirm MFA.`,
  ignoredSaid: 'It reported:',
  ignoredNothing: 'It did not report how you signed in.',
  anewTitle: 'A new sign-in for AWS',
  anewText:
    'AWS accepts the response of your identity provider for a few minutes only. We sign you in again; then press one button to continue.',
  postText: (idp: string) => `You continue to ${idp}.`,
  resumeTitle: 'Your session has expired',
  resumeGoesOn: 'We sign you in again; then you continue where you left off.',
  resumeText: (role: string, account: string) => `You were about to use ${role} in ${account}.`,
  resumeConsole: 'Open the console',
  resumeCredentials: 'Get credentials',
  resumeBatch: 'You were about to get credentials for these roles:',
  framedTitle: 'Sign in to see this',
  framedText: 'You cannot sign in inside another page. Sign in in a new tab, then reload this page.',
} as const;
