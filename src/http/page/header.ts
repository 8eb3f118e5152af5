// The head of every page: the company's mark, where one can go, who is signed in, and what the administrators announce.

import { type Html, html } from './html.ts';
import type { Messages } from './messages/en.ts';
import type { PageContext } from './page-types.ts';

export interface Person {
  readonly displayName: string;
  readonly user: string;
}

export function pageHeader(context: PageContext, person: Person | undefined): Html {
  const { portalName, hasLogo = false, announcement, text } = context;
  return html`<header class="top">
<a class="brand" href="/">${hasLogo && html`<img class="logo" src="/assets/brand-logo" alt="" height="32">`}<span>${portalName}</span></a>
${person && links(context)}
${person && signedInAs(person, text)}
</header>
${announcement !== undefined && html`<aside class="announcement">${announcement}</aside>`}`;
}

function links({ text: { page, cliSignIn, console, why }, session, path }: PageContext): Html {
  const link = (href: string, name: string) =>
    html`<a href="${href}"${path.split('?')[0] === href && html` aria-current="page"`}>${name}</a>`;
  return html`<nav class="links" aria-label="${page.navigation}">
${link('/links', console.pageLink)}
${link('/cli', cliSignIn.download.pageLink)}
${link('/why', why.whyLink)}
${session?.isAdministrator && link('/admin/explain', why.adminLink)}
</nav>`;
}

function signedInAs({ displayName, user }: Person, text: Messages): Html {
  return html`<div class="person">
<span>${displayName} <span class="muted account-name">${user}</span></span>
<form method="post" action="/logout"><button class="quiet">${text.page.signOut}</button></form>
</div>`;
}
