// Sign-in on the command line: the page on which a person decides, and those after it.
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { PendingRequest } from '../../oauth/authorization-server.ts';
import { confirmPath } from '../../oauth/provider.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';

export type ConfirmProblem = 'wrongCode' | 'otherPerson';

export interface Confirm {
  readonly asked: PendingRequest;
  readonly session: SignedInSession;
  /** As this server sees it. */
  readonly browser: { readonly ip: string; readonly now: Date };
  /** For whom the page is. */
  readonly person: string;
  readonly mustType: boolean;
  readonly problem: ConfirmProblem | undefined;
}

export function confirmPage(frame: PageFrame, confirm: Confirm): string {
  const { cliSignIn } = frame.text;
  const { asked, session, person, problem } = confirm;
  return renderPage(frame, {
    title: cliSignIn.title,
    person: session.identity,
    body: html`<section class="notice ask">
<h1>${cliSignIn.title}</h1>
${problem && html`<p class="danger" role="alert">${cliSignIn[problem]}</p>`}
<p>${cliSignIn.asks}</p>
${facts(confirm, frame.text)}
<form method="post" action="${confirmPath}/${asked.uid}" autocomplete="off">
<input type="hidden" name="person" value="${person}">
${codeOf(confirm, frame.text)}
<p>${cliSignIn.warning}</p>
<p class="actions"><button name="decision" value="allow">${cliSignIn.allow}</button>
<button class="quiet" name="decision" value="cancel" formnovalidate>${cliSignIn.cancel}</button>
<button class="quiet" name="decision" value="not_me" formnovalidate>${cliSignIn.notMe}</button></p>
</form>
</section>`,
  });
}

function facts({ asked, session, browser }: Confirm, { cliSignIn, console }: Messages): Html {
  const { device, sourceIp, askedAt } = asked;
  const claimed = (value: string) =>
    html`<dd><strong>${value === '' ? cliSignIn.unknown : value}</strong> <span class="muted">(${cliSignIn.claimed})</span></dd>`;
  return html`<dl class="facts">
<dt>${cliSignIn.machine}</dt>${claimed(device.host)}
<dt>${cliSignIn.system}</dt>${claimed(device.os)}
<dt>${cliSignIn.machineUser}</dt>${claimed(device.user)}
<dt>${cliSignIn.askedFrom}</dt><dd><strong>${sourceIp}</strong> <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${cliSignIn.askedAt}</dt><dd>${time(new Date(askedAt))} <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${cliSignIn.browserAt}</dt><dd><strong>${browser.ip}</strong> ${time(browser.now)} <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${console.signedInAs}</dt><dd>${session.identity.displayName} <span class="muted">${session.identity.user}</span></dd>
</dl>`;
}

/** Where the code has to be typed it is not shown: only the right terminal has it. */
function codeOf({ asked, mustType, problem }: Confirm, { cliSignIn }: Messages): Html {
  if (!mustType) return html`<p>${cliSignIn.compare} <strong><code>${asked.code}</code></strong></p>`;
  return html`<p id="code-hint">${asked.isRemote ? cliSignIn.typeRemote : cliSignIn.typeElsewhere}</p>
<p><label>${cliSignIn.code} <input name="code" required maxlength="20" size="12" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint"${problem === 'wrongCode' && html` aria-invalid="true"`}></label></p>`;
}

/** A page and not a redirect: browsers hold every redirect after a form to form-action, and cannot name [::1] there. */
export function confirmedPage(frame: PageFrame, next: string, outcome: 'allowed' | 'cancelled'): string {
  const { cliSignIn } = frame.text;
  const title = outcome === 'allowed' ? cliSignIn.allowedTitle : cliSignIn.cancelledTitle;
  return renderPage(frame, {
    title,
    goesTo: next,
    body: html`<section class="notice">
<h1>${title}</h1>
<p>${outcome === 'allowed' ? cliSignIn.allowedText : cliSignIn.cancelledText}</p>
<p class="actions"><a class="button" href="${next}">${cliSignIn.backToTerminal}</a></p>
</section>`,
  });
}

export function deniedPage(frame: PageFrame): string {
  const { cliSignIn } = frame.text;
  return plainPage(frame, cliSignIn.deniedTitle, html`<p>${cliSignIn.deniedText}</p><p>${frame.help}</p>`);
}

/** @param line of the shape `code.state` */
export function remoteCodePage(frame: PageFrame, line: string): string {
  const { cliSignIn } = frame.text;
  return plainPage(
    frame,
    cliSignIn.remoteTitle,
    html`<p><code id="remote-code">${line}</code></p><p>${cliSignIn.remoteText}</p>`,
  );
}

export function remoteFailedPage(frame: PageFrame): string {
  const { cliSignIn } = frame.text;
  return plainPage(frame, cliSignIn.remoteFailedTitle, html`<p>${cliSignIn.remoteFailedText}</p>`);
}

function plainPage(frame: PageFrame, title: string, body: Html): string {
  return renderPage(frame, { title, body: html`<section class="notice"><h1>${title}</h1>${body}</section>` });
}

function time(at: Date): Html {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
