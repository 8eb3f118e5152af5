// The administrators' pages: anybody's roles, and the last refusals.

import type { RuleExplanation } from '../../access/explain.ts';
import type { IdentityHint } from '../../access/identity-hints.ts';
import type { Identity } from '../../access/model.ts';
import { maxRefusals, type Refusal } from '../../broker/refusals.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { SignInSystem } from '../../config/config.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { administratorsPages } from './administrators-pages.ts';
import { explanationList, hintList, searchFields } from './explanations.ts';

export interface AdminExplainView {
  readonly session: SignedInSession;
  readonly idps: readonly SignInSystem[];
  readonly user: string;
  readonly idp: string;
  /** As written: one on each line. */
  readonly groups: string;
  readonly role: string;
  readonly account: string;
  readonly answer:
    | {
        readonly identity: Identity;
        readonly sessionName: string;
        readonly explanations: readonly RuleExplanation[];
        readonly hints: readonly IdentityHint[];
      }
    | undefined;
}

export function adminExplainPage(frame: PageContext, view: AdminExplainView): string {
  const { text, help } = frame;
  const { why } = text;
  const { answer } = view;
  return renderPage(frame, {
    title: why.adminExplainTitle,
    person: view.session.identity,
    body: html`${administratorsPages(frame)}
<h1>${why.adminExplainTitle}</h1>
<p>${why.adminExplainIntro}</p>
${questionForm(view, text)}
${answer && html`<dl class="facts"><dt>${why.sessionNameAtAws}</dt><dd><code>${answer.sessionName}</code></dd></dl>`}
${answer && hintList(answer.hints, text)}
${answer && explanationList({ ...view, explanations: answer.explanations }, text, help)}`,
  });
}

function questionForm(view: AdminExplainView, text: Messages): Html {
  const { why } = text;
  const { idps, user, idp, groups } = view;
  return html`<form class="search-form" method="post" action="/admin/explain">
<label>${why.userField} <input name="user" value="${user}" maxlength="300" autocomplete="off"></label>
${
  idps.length > 1 &&
  html`<label>${why.signInSystem} <select name="idp">${idps.map(
    (each) => html`<option value="${each.id}" ${each.id === idp && html`selected`}>${each.label}</option>`,
  )}</select></label>`
}
<label class="wide">${why.groupsField} <textarea name="groups" rows="5" spellcheck="false">
${groups}</textarea></label>
${searchFields(view, text)}
<button>${why.explain}</button>
</form>`;
}

export function refusalsPage(frame: PageContext, session: SignedInSession, refusals: readonly Refusal[]): string {
  const { text } = frame;
  const { why } = text;
  return renderPage(frame, {
    title: why.adminRefusalsTitle,
    person: session.identity,
    body: html`${administratorsPages(frame)}
<h1>${why.adminRefusalsTitle}</h1>
<p>${why.adminRefusalsIntro(maxRefusals)}</p>
${
  refusals.length === 0
    ? html`<p class="notice">${why.noRefusals}</p>`
    : html`<ol class="cards">${refusals.map((refusal) => refusalItem(refusal, text))}</ol>`
}`,
  });
}

/** What an administrator can do about it. */
export function suggestedFix({ code, reason }: Refusal, { why, errors }: Messages): string {
  if (code === 'sign_in_cancelled' || code === 'step_up_refused') return why.fixOfCode[code];
  return reason === undefined ? errors[code].help : why.fixes[reason];
}

function refusalItem(refusal: Refusal, text: Messages): Html {
  const { why, page } = text;
  const { time, idp, code, reason, detail, received, expected, algorithm, sourceIp, role } = refusal;
  return html`<li><h2 class="plain"><time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time></h2>
<dl class="facts">
<dt>${why.reason}</dt><dd><code>${reason ?? code}</code></dd>
<dt>${why.detail}</dt><dd>${detail}</dd>
${received !== undefined && html`<dt>${why.received}</dt><dd><code>${received}</code></dd>`}
${expected !== undefined && html`<dt>${why.expected}</dt><dd><code>${expected}</code></dd>`}
${algorithm !== undefined && html`<dt>${why.algorithm}</dt><dd><code>${algorithm}</code></dd>`}
<dt>${why.suggestedFix}</dt><dd>${suggestedFix(refusal, text)}</dd>
${role && html`<dt>${why.refusedRole}</dt><dd>${why.refusedRoleOf(role.roleArn, role.user, role.rule)}</dd>`}
<dt>${why.signInSystem}</dt><dd>${idp ?? why.unknownIdp}</dd>
<dt>${why.sourceAddress}</dt><dd><code>${sourceIp}</code></dd>
<dt>${page.requestId}</dt><dd><code>${refusal.requestId}</code></dd>
</dl></li>`;
}
