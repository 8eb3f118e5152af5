// The administrators' page of live sessions and issued credentials: of a user, of an identity provider, or of both.
import type { RegisteredCredentials } from '../../broker/revocation/credential-register.ts';
import type { SessionDirectory } from '../../broker/session-directory.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { SignInSystem } from '../../config/config.ts';
import { summary } from '../page/controls.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';
import { administratorsPages } from '../why/administrators-pages.ts';

type LiveSessions = Awaited<ReturnType<SessionDirectory['list']>>;

export interface SessionsView {
  readonly session: SignedInSession;
  readonly idps: readonly SignInSystem[];
  readonly user: string;
  readonly idp: string;
  /** Undefined before anything is asked. */
  readonly answer: { readonly live: LiveSessions; readonly issued: RegisteredCredentials } | undefined;
}

const maxShown = 200;

export function sessionsPage(frame: PageContext, view: SessionsView): string {
  const { sessions } = frame.text;
  const { answer } = view;
  return renderPage(frame, {
    title: sessions.title,
    person: view.session.identity,
    body: html`${administratorsPages(frame)}
<h1>${sessions.heading}</h1>
<p>${sessions.intro}</p>
${questionForm(view, frame.text)}
${answer && liveSessions(answer.live, view, frame.text)}
${answer && issuedCredentials(answer.issued, view, frame.text)}
<details>${summary(sessions.everyone)}<form method="post" action="/admin/sessions">
<p>${sessions.everyoneHelp}</p>
<p><label><input type="checkbox" name="all" value="true" required> ${sessions.everyoneConfirm}</label></p>
<p class="actions"><button>${sessions.everyone}</button></p></form></details>`,
  });
}

function questionForm({ idps, user, idp }: SessionsView, { sessions }: Messages): Html {
  const option = (id: string, label: string) =>
    html`<option value="${id}" ${id === idp && html`selected`}>${label}</option>`;
  return html`<form class="search-form" role="search" method="get" action="/admin/sessions">
<label>${sessions.userField} <input name="user" value="${user}" maxlength="300" autocomplete="off"></label>
<label>${sessions.idpField} <select name="idp">${option('', sessions.anyIdp)}${idps.map(({ id, label }) =>
    option(id, label),
  )}</select></label>
<button>${sessions.show}</button>
</form>`;
}

function liveSessions({ total, sessions }: LiveSessions, view: SessionsView, { sessions: text }: Messages): Html {
  const shown = sessions.slice(0, maxShown);
  return html`<h2 class="plain">${text.live(total)}</h2>
${total === 0 && html`<p>${text.noneLive}</p>`}
${
  total > 0 &&
  html`<ol class="cards">${shown.map(
    ({ id, kind, user, idp, machine, address, signedInAt, expiresAt }) => html`<li><dl class="facts">
<dt>${text.kinds[kind]}</dt><dd><strong>${machine}</strong></dd>
<dt>${text.from}</dt><dd>${user} <span class="muted">${idp}</span> <code>${address}</code></dd>
<dt>${text.since}</dt><dd>${timeTag(signedInAt)}</dd>
<dt>${text.until}</dt><dd>${timeTag(expiresAt)}</dd>
</dl>${endForm(view, { id }, text.end, `${text.end}: ${machine}, ${user}`)}</li>`,
  )}</ol>
${total > shown.length && html`<p>${text.more(total - shown.length)}</p>`}
${endForm(view, {}, text.endAll(total), text.endAll(total))}
<p class="muted">${text.endingOnly}</p>`
}`;
}

function endForm({ user, idp }: SessionsView, { id = '' }: { id?: string }, label: string, name: string): Html {
  return html`<form method="post" action="/admin/sessions"><input type="hidden" name="user" value="${user}">
<input type="hidden" name="idp" value="${idp}"><input type="hidden" name="id" value="${id}">
<p class="actions"><button class="quiet" aria-label="${name}">${label}</button></p></form>`;
}

function issuedCredentials(
  { credentials, incomplete }: RegisteredCredentials,
  { user }: SessionsView,
  { sessions: text }: Messages,
): Html {
  const shown = credentials.slice(0, maxShown);
  return html`<h2 class="plain">${text.issued(credentials.length)}</h2>
${credentials.length === 0 && html`<p>${text.noneIssued}</p>`}
<ol class="cards">${shown.map(
    (each) => html`<li><dl class="facts">
<dt>${text.until}</dt><dd>${timeTag(new Date(each.expiresAt))}</dd>
<dt>${each.user}</dt><dd><code>${each.roleArn}</code></dd>
<dt>${text.accessKey}</dt><dd><code>${each.accessKeyId ?? text.consoleOnly}</code></dd>
<dt>${text.issuedAt}</dt><dd>${timeTag(new Date(each.issuedAt))}</dd>
</dl></li>`,
  )}</ol>
${credentials.length > shown.length && html`<p>${text.more(credentials.length - shown.length)}</p>`}
${incomplete.length > 0 && html`<p>${text.incomplete}</p>`}
${credentials.length > 0 && user !== '' && html`<p>${text.revokeHint} <code>rolegate-server revoke --user ${user}</code></p>`}`;
}
