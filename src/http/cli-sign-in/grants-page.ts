// A person's sign-ins on the command line, and the ways to end them.
import type { ListedGrant } from '../../broker/grants/grants.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { noticePage } from '../page/notice-page.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';

export function grantsPage(
  context: PageContext,
  { identity }: SignedInSession,
  grants: readonly ListedGrant[],
): string {
  const { text } = context;
  return noticePage(context, {
    title: text.cliSignIn.listTitle,
    person: identity,
    body: [grants.length === 0 ? text.cliSignIn.listNone : list(grants, text)],
  });
}

function list(grants: readonly ListedGrant[], { cliSignIn, page }: Messages): Html {
  const one = ({ name, device, sourceIp, confirmedAt }: ListedGrant) => {
    const host = device.host === '' ? cliSignIn.unknown : device.host;
    return html`<li><strong>${host}</strong> <span class="muted">${device.os} ${device.user}</span><br>
${cliSignIn.listSince} ${timeTag(new Date(confirmedAt))} · ${cliSignIn.listFrom} ${sourceIp}
<form method="post" action="/portal/command-line"><input type="hidden" name="grant" value="${name}">
<button class="quiet" aria-label="${cliSignIn.end}: ${host}">${cliSignIn.end}</button></form></li>`;
  };
  return html`<p>${cliSignIn.listIntro}</p>
<ul class="choices">${grants.map(one)}</ul>
<form method="post" action="/portal/command-line"><p class="actions"><button>${cliSignIn.endAll}</button></p></form>
<form method="post" action="/logout">
<p><label><input type="checkbox" name="command_line" value="end"> ${cliSignIn.signOutToo}</label></p>
<p class="actions"><button class="quiet">${page.signOut}</button></p>
</form>`;
}
