// English: on the way out, and having signed out.

export const signOutEn = {
  title: 'You are signed out',
  consoles: 'Consoles and credentials that you opened earlier stay valid until they expire.',
  elsewhere: {
    unasked: 'You may still be signed in at your company’s sign-in page: close the browser to end that too.',
    partial: 'Your company signed you out, but some applications did not answer: close the browser to end those too.',
    failed: 'Your company’s sign-in page could not sign you out: close the browser to end that too.',
  },
  continueTitle: 'You are signed out here',
  continueText: (idp: string) => `Next, ${idp} signs you out as well.`,
} as const;
