// English: choosing where to sign in, a stronger or new sign-in, and going on after it.

export const signInEn = {
  chooserTitle: 'Where do you sign in?',
  lastUsed: 'last used here',
  stepUpTitle: (role: string, account: string) => `${role} in ${account} asks you to sign in again`,
  stepUpStronger: 'This role requires a stronger sign-in, for example with a one-time code.',
  stepUpFresh: 'This role requires a more recent sign-in.',
  ignoredTitle: 'Your sign-in was not strong enough',
  ignoredText: (role: string, account: string, idp: string) =>
    `${role} in ${account} requires a stronger sign-in, for example with a one-time code. ${idp} signed you in again, but did not confirm one.`,
  ignoredSaid: 'It reported:',
  ignoredNothing: 'It did not report how you signed in.',
  anewTitle: 'A new sign-in for AWS',
  anewText:
    'AWS accepts the response of your identity provider for a few minutes only. We sign you in again; then press one button to continue.',
  postText: (idp: string) => `You continue to ${idp}.`,
  resumeTitle: 'Your session has ended',
  resumeGoesOn: 'We sign you in again; then you continue where you were.',
  resumeText: (role: string, account: string) => `You were about to use ${role} in ${account}.`,
  resumeConsole: 'Open the console',
  resumeCredentials: 'Get credentials',
  resumeBatch: 'You were about to get credentials for these roles:',
  framedTitle: 'Sign in to see this',
  framedText: 'You cannot sign in inside another page. Sign-in opens in a new tab; then reload this page.',
} as const;
