// Sign-in on the command line: the page on which a person decides, and those after it.
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { PendingRequest } from '../../oauth/authorization-server.ts';
import { confirmPath } from '../../oauth/routes.ts';
import { problemLine } from '../page/controls.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import { buttonTo, noticePage } from '../page/notice-page.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';

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

export function confirmPage(context: PageContext, confirm: Confirm): string {
  const { cliSignIn } = context.text;
  const { asked, session, person, problem } = confirm;
  // Where the code has to be typed it is not shown: only the right terminal has it.
  const code = confirm.mustType
    ? html`<p id="code-hint">${asked.isRemote ? cliSignIn.typeRemote : cliSignIn.typeElsewhere}</p>
<p><label>${cliSignIn.code} <input name="code" required maxlength="20" size="12" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint"${problem === 'wrongCode' && html` aria-invalid="true"`}></label></p>`
    : html`<p>${cliSignIn.compare} <strong class="compare"><code>${asked.code}</code></strong></p>`;
  const { device, sourceIp, askedAt } = asked;
  const claimed = (value: string) =>
    html`<dd><strong>${value === '' ? cliSignIn.unknown : value}</strong> <span class="muted">(${cliSignIn.claimed})</span></dd>`;
  return renderPage(context, {
    title: cliSignIn.title,
    person: session.identity,
    body: html`<section class="notice ask">
<h1>${cliSignIn.title}</h1>
${problem && html`<p role="alert">${problemLine(cliSignIn[problem])}</p>`}
<p>${cliSignIn.asks}</p>
<dl class="facts">
<dt>${cliSignIn.machine}</dt>${claimed(device.host)}
<dt>${cliSignIn.system}</dt>${claimed(device.os)}
<dt>${cliSignIn.machineUser}</dt>${claimed(device.user)}
<dt>${cliSignIn.askedFrom}</dt><dd><strong>${sourceIp}</strong> <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${cliSignIn.askedAt}</dt><dd>${timeTag(new Date(askedAt), 'seconds')} <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${cliSignIn.browserAt}</dt><dd><strong>${confirm.browser.ip}</strong> ${timeTag(confirm.browser.now, 'seconds')} <span class="muted">(${cliSignIn.seen})</span></dd>
<dt>${context.text.console.signedInAs}</dt><dd>${session.identity.displayName} <span class="muted">${session.identity.user}</span></dd>
</dl>
${!asked.hasKey && html`<p role="note">${cliSignIn.outdated} <a href="/cli">${cliSignIn.download.pageLink}</a></p>`}
<form method="post" action="${confirmPath}/${asked.uid}" autocomplete="off">
<input type="hidden" name="person" value="${person}">
${code}
<p>${cliSignIn.warning}</p>
<p class="actions"><button name="decision" value="allow">${cliSignIn.allow}</button>
<button class="quiet" name="decision" value="cancel" formnovalidate>${cliSignIn.cancel}</button>
<button class="quiet" name="decision" value="not_me" formnovalidate>${cliSignIn.notMe}</button></p>
</form>
</section>`,
  });
}

/** A page and not a redirect: browsers hold every redirect after a form to form-action, and cannot name [::1] there. */
export function confirmedPage(context: PageContext, next: string, outcome: 'allowed' | 'cancelled'): string {
  const { cliSignIn } = context.text;
  return noticePage(context, {
    title: cliSignIn[`${outcome}Title`],
    goesTo: next,
    body: [cliSignIn[`${outcome}Text`]],
    actions: [buttonTo(next, cliSignIn.backToTerminal)],
  });
}

export function deniedPage(context: PageContext, next: string, goesOn: boolean): string {
  const { cliSignIn } = context.text;
  return noticePage(context, {
    title: cliSignIn.deniedTitle,
    body: [cliSignIn.deniedText, context.help],
    actions: [buttonTo(next, cliSignIn.tellTerminal)],
    ...(goesOn ? { goesTo: next } : {}),
  });
}

/** @param line of the shape `code.state` */
export function remoteCodePage(context: PageContext, line: string): string {
  const { cliSignIn } = context.text;
  const body = [html`<p><code id="remote-code">${line}</code></p>`, cliSignIn.remoteText];
  return noticePage(context, { title: cliSignIn.remoteTitle, body });
}

export function remoteFailedPage(context: PageContext): string {
  const { cliSignIn } = context.text;
  return noticePage(context, { title: cliSignIn.remoteFailedTitle, body: [cliSignIn.remoteFailedText] });
}
