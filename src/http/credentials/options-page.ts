// Before credentials are issued: how long they are valid, and with which limits. A link, so it works without a script.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageContext } from '../page/page-types.ts';
import { isProductionName } from '../portal/production.ts';
import { roleInQuery, stepUpTag } from '../portal/role-row.ts';
import { nothingAsked } from '../sign-in/resume.ts';
import { longest, optionFields } from './credentials-form.ts';
import type { SessionPolicy } from './session-policy.ts';

export interface OptionsPageView {
  readonly role: EligibleRole;
  readonly sessionPolicies: readonly SessionPolicy[];
}

export function optionsPage(frame: PageContext, session: SignedInSession, { role, sessionPolicies }: OptionsPageView) {
  const { text } = frame;
  const { account, roleArn, roleName } = role;
  const title = text.credentials.title(roleName, account.name);
  return renderPage(frame, {
    title,
    person: session.identity,
    assets: 'credentials',
    script: 'options',
    body: html`<section class="notice credentials" ${isProductionName(account.environment) && html`data-production`}>
<h1>${title}</h1>
<p class="muted place">${account.alias} · <code>${account.id}</code>
${account.environment !== undefined && html`· <strong>${account.environment}</strong>`}${stepUpTag(role, text)}</p>
${role.description !== undefined && html`<p>${role.description}</p>`}
<form class="choose" method="post" action="/portal/credentials" data-until="${text.credentials.durationUntil('{0}')}">
<input type="hidden" name="roleArn" value="${roleArn}">
${optionFields({ ...longest(role), asked: nothingAsked, sessionPolicies }, text)}
<p class="actions"><button>${text.signIn.resumeCredentials}</button> <a href="/">${text.page.notNow}</a></p>
</form>
<p class="muted">${text.portal.byRule(role.rule)} · <a href="/console?role=${roleInQuery(role)}">${text.portal.link}</a></p></section>`,
  });
}
