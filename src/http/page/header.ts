// The head of every page: the company's mark, the pages, who is signed in, and what the administrators announce.
import { appearanceForm } from './appearance-form.ts';
import { summary } from './controls.ts';
import { type Html, html } from './html.ts';
import { icons } from './icons.ts';
import type { Announcement, PageContext } from './page-types.ts';
import { sessionEnd } from './session-watch.ts';

export interface Person {
  readonly displayName: string;
  readonly user: string;
}

export function pageHeader(context: PageContext, person: Person | undefined): Html {
  const { portalName, hasLogo = false, announcement } = context;
  return html`<header class="top">
<a class="brand" href="/">${hasLogo && html`<img class="logo" src="/assets/brand-logo" alt="" height="32">`}<span>${portalName}</span></a>
${person && links(context)}
${person && userMenu(context, person)}
</header>
${announcement && announcementLine(announcement, context)}`;
}

function announcementLine({ text, id }: Announcement, { text: { page }, path }: PageContext): Html {
  return html`<aside class="announcement">${icons.info}<p>${text}</p>
<form method="post" action="/portal/appearance"><input type="hidden" name="return_to" value="${path}">
<button class="bare" name="announcement" value="${id}" aria-label="${page.dismissAnnouncement}">${icons.cross}</button></form></aside>`;
}

function links({ text: { page, portal, cliSignIn, console, why, activity }, session, path }: PageContext): Html {
  const at = path.split('?')[0]!;
  const link = (href: string, name: string, section = href) =>
    html`<a href="${href}"${(section === '/' ? at === '/' : at.startsWith(section)) && html` aria-current="page"`}>${name}</a>`;
  return html`<nav class="links" aria-label="${page.navigation}">
${link('/', portal.pageLink)}
${link('/links', console.pageLink)}
${link('/cli', cliSignIn.download.pageLink)}
${link('/activity', activity.title)}
${link('/why', why.whyLink)}
${session?.isAdministrator && html`<span class="apart">${link('/admin/explain', why.adminLink, '/admin')}</span>`}
</nav>`;
}

function userMenu(context: PageContext, { displayName, user }: Person): Html {
  const { text } = context;
  return html`<details class="person">${summary(html`${icons.user} ${displayName}`)}
<div class="menu">
<p>${user}</p>
${sessionEnd(context)}
<p><a href="/command-line">${text.cliSignIn.listTitle}</a></p>
${appearanceForm(context)}
<form method="post" action="/logout"><button class="quiet">${text.page.signOut}</button></form>
</div></details>`;
}
