// The page for everything that went wrong.

import type { ErrorCode } from '../../errors.ts';
import { html } from './html.ts';
import { buttonTo, linkTo, noticePage } from './notice-page.ts';
import type { PageContext } from './page-types.ts';

export function errorPage(code: ErrorCode, requestId: string, context: PageContext): string {
  const { text } = context;
  const { title, help } = text.errors[code];
  // A link, never a redirect: AD FS locks a browser out that comes back six times in a row.
  const isSignIn = ['saml_refused', 'openid_refused', 'sign_in_cancelled', 'unauthenticated'].includes(code);
  // What the person did themselves is not a fault to report.
  const isFault = code !== 'sign_in_cancelled';
  return noticePage(context, {
    title,
    person: context.session,
    body: [help, isFault ? context.help : undefined],
    actions: [
      ...(isSignIn ? [buttonTo('/login', text.page.signInAgain)] : []),
      ...(code === 'role_not_granted' || code === 'network_not_allowed' ? [buttonTo('/why', text.why.whyLink)] : []),
      linkTo('/', text.page.toPortal),
    ],
    after: html`<p class="muted">${text.page.requestId} <code>${requestId}</code></p>`,
  });
}
