// Sign-in on the command line: the page on which a person decides, and those after it.
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { AskedSignIn } from '../../oauth/authorization-server.ts';
import { confirmPath } from '../../oauth/provider.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';

export type ConfirmProblem = 'wrongCode' | 'otherPerson';

export interface Confirm {
  readonly asked: AskedSignIn;
  readonly session: SignedInSession;
  /** As this server sees it. */
  readonly browser: { readonly ip: string; readonly now: Date };
  /** For whom the page is. */
  readonly person: string;
  readonly mustType: boolean;
  readonly problem: ConfirmProblem | undefined;
}

export function confirmPage(frame: PageFrame, confirm: Confirm): string {
  const { oauth } = frame.text;
  const { asked, session, person, problem } = confirm;
  return renderPage(frame, {
    title: oauth.title,
    person: session.identity,
    body: html`<section class="notice ask">
<h1>${oauth.title}</h1>
${problem && html`<p class="danger" role="alert">${oauth[problem]}</p>`}
<p>${oauth.asks}</p>
${facts(confirm, frame.text)}
<form method="post" action="${confirmPath}/${asked.uid}" autocomplete="off">
<input type="hidden" name="person" value="${person}">
${codeOf(confirm, frame.text)}
<p>${oauth.warning}</p>
<p class="actions"><button name="decision" value="allow">${oauth.allow}</button>
<button class="quiet" name="decision" value="cancel" formnovalidate>${oauth.cancel}</button>
<button class="quiet" name="decision" value="not_me" formnovalidate>${oauth.notMe}</button></p>
</form>
</section>`,
  });
}

function facts({ asked, session, browser }: Confirm, { oauth, links }: Messages): Html {
  const { device, sourceIp, askedAt } = asked;
  const claimed = (value: string) =>
    html`<dd><strong>${value === '' ? oauth.unknown : value}</strong> <span class="muted">(${oauth.claimed})</span></dd>`;
  return html`<dl class="facts">
<dt>${oauth.machine}</dt>${claimed(device.host)}
<dt>${oauth.system}</dt>${claimed(device.os)}
<dt>${oauth.machineUser}</dt>${claimed(device.user)}
<dt>${oauth.askedFrom}</dt><dd><strong>${sourceIp}</strong> <span class="muted">(${oauth.seen})</span></dd>
<dt>${oauth.askedAt}</dt><dd>${time(new Date(askedAt))} <span class="muted">(${oauth.seen})</span></dd>
<dt>${oauth.browserAt}</dt><dd><strong>${browser.ip}</strong> ${time(browser.now)} <span class="muted">(${oauth.seen})</span></dd>
<dt>${links.signedInAs}</dt><dd>${session.identity.displayName} <span class="muted">${session.identity.user}</span></dd>
</dl>`;
}

/** Where the code has to be typed it is not shown: only the right terminal has it. */
function codeOf({ asked, mustType, problem }: Confirm, { oauth }: Messages): Html {
  if (!mustType) return html`<p>${oauth.compare} <strong><code>${asked.code}</code></strong></p>`;
  return html`<p id="code-hint">${asked.isRemote ? oauth.typeRemote : oauth.typeElsewhere}</p>
<p><label>${oauth.code} <input name="code" required maxlength="20" size="12" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint"${problem === 'wrongCode' && html` aria-invalid="true"`}></label></p>`;
}

/** A page and not a redirect: browsers hold every redirect after a form to form-action, and cannot name [::1] there. */
export function confirmedPage(frame: PageFrame, next: string, outcome: 'allowed' | 'cancelled'): string {
  const { oauth } = frame.text;
  const title = outcome === 'allowed' ? oauth.allowedTitle : oauth.cancelledTitle;
  return renderPage(frame, {
    title,
    goesTo: next,
    body: html`<section class="notice">
<h1>${title}</h1>
<p>${outcome === 'allowed' ? oauth.allowedText : oauth.cancelledText}</p>
<p class="actions"><a class="button" href="${next}">${oauth.backToTerminal}</a></p>
</section>`,
  });
}

export function deniedPage(frame: PageFrame): string {
  const { oauth } = frame.text;
  return plainPage(frame, oauth.deniedTitle, html`<p>${oauth.deniedText}</p><p>${frame.help}</p>`);
}

/** @param line of the shape `code.state` */
export function remoteCodePage(frame: PageFrame, line: string): string {
  const { oauth } = frame.text;
  return plainPage(
    frame,
    oauth.remoteTitle,
    html`<p><code id="remote-code">${line}</code></p><p>${oauth.remoteText}</p>`,
  );
}

export function remoteFailedPage(frame: PageFrame): string {
  const { oauth } = frame.text;
  return plainPage(frame, oauth.remoteFailedTitle, html`<p>${oauth.remoteFailedText}</p>`);
}

function plainPage(frame: PageFrame, title: string, body: Html): string {
  return renderPage(frame, { title, body: html`<section class="notice"><h1>${title}</h1>${body}</section>` });
}

function time(at: Date): Html {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
