// A person's sign-ins on the command line, and the ways to end them.
import type { ListedGrant } from '../../broker/grants/grants.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';

export function grantsPage(frame: PageFrame, { identity }: SignedInSession, grants: readonly ListedGrant[]): string {
  const { text } = frame;
  const { oauth } = text;
  return renderPage(frame, {
    title: oauth.listTitle,
    person: identity,
    body: html`<section class="notice">
<h1>${oauth.listTitle}</h1>
${grants.length === 0 ? html`<p>${oauth.listNone}</p>` : list(grants, text)}
</section>`,
  });
}

function list(grants: readonly ListedGrant[], { oauth, signOut }: Messages): Html {
  const one = ({ name, device, sourceIp, confirmedAt }: ListedGrant) => {
    const since = new Date(confirmedAt).toISOString();
    const host = device.host === '' ? oauth.unknown : device.host;
    return html`<li><strong>${host}</strong> <span class="muted">${device.os} ${device.user}</span><br>
${oauth.listSince} <time datetime="${since}">${since.slice(0, 16).replace('T', ' ')} UTC</time> · ${oauth.listFrom} ${sourceIp}
<form method="post" action="/portal/command-line"><input type="hidden" name="grant" value="${name}">
<button class="quiet" aria-label="${oauth.end}: ${host}">${oauth.end}</button></form></li>`;
  };
  return html`<p>${oauth.listIntro}</p>
<ul class="choices">${grants.map(one)}</ul>
<form method="post" action="/portal/command-line"><p class="actions"><button>${oauth.endAll}</button></p></form>
<form method="post" action="/logout">
<p><label><input type="checkbox" name="command_line" value="end"> ${oauth.signOutToo}</label></p>
<p class="actions"><button class="quiet">${signOut}</button></p>
</form>`;
}
