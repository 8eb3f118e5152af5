// English: choosing where to sign in, a stronger or new sign-in, and going on after it.

export const signInEn = {
  chooserTitle: 'Where do you sign in?',
  lastUsed: 'last used here',
  stepUpTitle: (role: string, account: string) => `${role} in ${account} asks you to sign in again`,
  stepUpStronger: 'The role needs a stronger sign-in, for example with a one-time code.',
  stepUpFresh: 'This role requires a recent sign-in.',
  ignoredTitle: 'Your sign-in was not strong enough',
  ignoredText: (role: string, account: string, idp: string) =>
    `${role} in ${account} requires a stronger sign-in, for example with a one-time code. ${idp} signed you in again, but did not confirm one.`,
  ignoredSaid: 'It reported:',
  ignoredNothing: 'It did not report how you signed in.',
  anewTitle: 'A new sign-in for AWS',
  anewText:
    'AWS takes the answer of your sign-in system itself for this role, and only for a few minutes. You are signed in anew, then one button goes on.',
  postText: (idp: string) => `You continue to ${idp}.`,
  resumeTitle: 'Your session had ended',
  resumeGoesOn: 'You are being signed in again, and then go on where you were.',
  resumeText: (role: string, account: string) => `You were about to use ${role} in ${account}.`,
  resumeConsole: 'Open the console',
  resumeCredentials: 'Get credentials',
  resumeBatch: 'You were about to get credentials for these roles:',
  framedTitle: 'Sign in to see this',
  framedText:
    'Signing in does not work inside another page. It opens in a tab of its own; afterwards load this one again.',
} as const;
