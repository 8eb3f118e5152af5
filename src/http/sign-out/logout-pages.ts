// After a session: on the way to the identity provider, and having signed out.

import { html } from '../page/html.ts';
import { buttonTo, noticePage } from '../page/notice-page.ts';
import type { PageContext } from '../page/page-types.ts';

/** How far the sign-out got beyond this site; `unasked`: only here. */
export const reaches = ['complete', 'unasked', 'partial', 'failed'] as const;
export type Reach = (typeof reaches)[number];

/** A page and not a redirect: browsers hold every redirect after a form to the form-action of the page it was on. */
export function continueLogoutPage(context: PageContext, { url, idpLabel }: { url: string; idpLabel: string }): string {
  const { page, signOut } = context.text;
  return noticePage(context, {
    title: signOut.continueTitle,
    goesTo: url,
    body: [signOut.continueText(idpLabel)],
    actions: [buttonTo(url, page.continueOn)],
  });
}

export function signedOutPage(context: PageContext, reach: Reach, commandLineGoesOn: boolean): string {
  const { page, signOut, cliSignIn } = context.text;
  return noticePage(context, {
    title: signOut.title,
    body: [
      ...(reach === 'complete' ? [] : [signOut.elsewhere[reach]]),
      signOut.consoles,
      commandLineGoesOn
        ? html`<p>${cliSignIn.goesOn} <a href="/command-line">${cliSignIn.seeAndEnd}</a></p>`
        : undefined,
    ],
    actions: [buttonTo('/login', page.signIn)],
  });
}
