// The page for everything that went wrong.

import type { BrokerError, ErrorDetails } from '../../errors.ts';
import { html } from './html.ts';
import { buttonTo, linkTo, noticePage } from './notice-page.ts';
import type { PageContext } from './page-types.ts';

/** A text's `{names}` are details of the error that its reader may see. */
export function withDetails(help: string, details: ErrorDetails): string {
  return help.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? `{${name}}`));
}

export function errorPage({ code, details }: BrokerError, requestId: string, context: PageContext): string {
  const { text } = context;
  const { title, help } = text.errors[code];
  // A link, never a redirect: AD FS locks a browser out that comes back six times in a row.
  const isSignIn = ['saml_refused', 'openid_refused', 'sign_in_cancelled', 'unauthenticated'].includes(code);
  return noticePage(context, {
    title,
    person: context.session,
    body: [withDetails(help, details), context.help],
    actions: [
      ...(isSignIn ? [buttonTo('/login', text.page.signInAgain)] : []),
      ...(code === 'role_not_granted' || code === 'network_not_allowed' ? [buttonTo('/why', text.why.whyLink)] : []),
      linkTo('/', text.page.toPortal),
    ],
    after: html`<p class="muted">${text.page.requestId} <code>${requestId}</code></p>`,
  });
}
