// The administrators' pages: anybody's roles, and the last refusals.

import type { RuleExplanation } from '../../access/explain.ts';
import type { Identity } from '../../access/model.ts';
import { maxRefusals, type Refusal } from '../../broker/refusals.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { SignInSystem } from '../../config/config.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';
import { explanationList, searchFields } from './explanations.ts';

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
    | { readonly identity: Identity; readonly sessionName: string; readonly explanations: readonly RuleExplanation[] }
    | undefined;
}

export function adminExplainPage(frame: PageFrame, view: AdminExplainView): string {
  const { text, help } = frame;
  const { insight } = text;
  const { answer } = view;
  return renderPage(frame, {
    title: insight.adminExplainTitle,
    person: view.session.identity,
    body: html`${subPages(frame)}
<h1>${insight.adminExplainTitle}</h1>
<p>${insight.adminExplainIntro}</p>
${questionForm(view, text)}
${answer && html`<dl class="facts"><dt>${insight.sessionNameAtAws}</dt><dd><code>${answer.sessionName}</code></dd></dl>`}
${answer && explanationList({ ...view, explanations: answer.explanations }, text, help)}`,
  });
}

function subPages({ text: { insight }, path }: PageFrame): Html {
  const link = (href: string, name: string) =>
    html`<a href="${href}"${path === href && html` aria-current="page"`}>${name}</a>`;
  return html`<nav class="links" aria-label="${insight.adminLink}">
${link('/admin/explain', insight.adminExplain)}
${link('/admin/refusals', insight.adminRefusals)}
</nav>`;
}

function questionForm(view: AdminExplainView, text: Messages): Html {
  const { insight } = text;
  const { idps, user, idp, groups } = view;
  return html`<form class="search-form" method="post" action="/admin/explain">
<label>${insight.userField} <input name="user" value="${user}" maxlength="300" autocomplete="off"></label>
${
  idps.length > 1 &&
  html`<label>${insight.signInSystem} <select name="idp">${idps.map(
    (each) => html`<option value="${each.id}" ${each.id === idp && html`selected`}>${each.label}</option>`,
  )}</select></label>`
}
<label class="wide">${insight.groupsField} <textarea name="groups" rows="5" spellcheck="false">
${groups}</textarea></label>
${searchFields(view, text)}
<button>${insight.explain}</button>
</form>`;
}

export function refusalsPage(frame: PageFrame, session: SignedInSession, refusals: readonly Refusal[]): string {
  const { text } = frame;
  const { insight } = text;
  return renderPage(frame, {
    title: insight.adminRefusalsTitle,
    person: session.identity,
    body: html`${subPages(frame)}
<h1>${insight.adminRefusalsTitle}</h1>
<p>${insight.adminRefusalsIntro(maxRefusals)}</p>
${
  refusals.length === 0
    ? html`<p class="notice">${insight.noRefusals}</p>`
    : html`<ol class="refusals">${refusals.map((refusal) => refusalItem(refusal, text))}</ol>`
}`,
  });
}

function refusalItem(refusal: Refusal, { insight, requestId }: Messages): Html {
  const { time, idp, code, reason, detail, sourceIp, role } = refusal;
  return html`<li><h2 class="plain"><time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time></h2>
<dl class="facts">
<dt>${insight.reason}</dt><dd><code>${reason ?? code}</code></dd>
<dt>${insight.detail}</dt><dd>${detail}</dd>
${role && html`<dt>${insight.refusedRole}</dt><dd>${insight.refusedRoleOf(role.roleArn, role.user, role.rule)}</dd>`}
<dt>${insight.signInSystem}</dt><dd>${idp ?? insight.unknownIdp}</dd>
<dt>${insight.sourceAddress}</dt><dd><code>${sourceIp}</code></dd>
<dt>${requestId}</dt><dd><code>${refusal.requestId}</code></dd>
</dl></li>`;
}
