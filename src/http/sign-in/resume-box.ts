// On the portal after a sign-in: what was interrupted, as it had been chosen, behind one button.

import { askedInputs } from '../credentials/credentials-form.ts';
import type { SessionPolicy } from '../credentials/session-policy.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { duration, roleButton } from '../portal/role-row.ts';
import type { Resume } from './resume.ts';

export function resumeBox(resume: Resume, sessionPolicies: readonly SessionPolicy[], text: Messages): Html {
  const { roles } = resume;
  const options = chosen(resume, sessionPolicies, text);
  return html`<section class="notice" aria-label="${text.page.continueOn}">
${roles.length === 1 ? oneRole(resume, options, text) : severalRoles(resume, options, text)}
</section>`;
}

function oneRole({ action, roles, asked }: Resume, options: Html | undefined, text: Messages): Html {
  const role = roles[0]!;
  const name = action === 'console' ? text.signIn.resumeConsole : text.signIn.resumeCredentials;
  const label = `${name}: ${role.roleName}, ${role.account.name}`;
  return html`<p>${text.signIn.resumeText(role.roleName, role.account.name)}</p>
${options}<form method="post" action="/portal/credentials"><input type="hidden" name="roleArn" value="${role.roleArn}">
${askedInputs(asked)}${roleButton(action, role, name, label, asked)}</form>`;
}

function severalRoles({ roles, asked }: Resume, options: Html | undefined, text: Messages): Html {
  return html`<p>${text.signIn.resumeBatch}</p>
<ul>${roles.map(({ roleName, account }) => html`<li>${roleName}, ${account.name}</li>`)}</ul>
${options}<form method="post" action="/portal/credentials"><input type="hidden" name="several" value="yes">
${roles.map(({ roleArn }) => html`<input type="hidden" name="roleArn" value="${roleArn}">`)}
${askedInputs(asked)}<button>${text.signIn.resumeCredentials}</button></form>`;
}

function chosen({ asked }: Resume, sessionPolicies: readonly SessionPolicy[], text: Messages): Html | undefined {
  const { durationSeconds, sessionPolicy } = asked;
  const label = sessionPolicies.find(({ id }) => id === sessionPolicy)?.label;
  const parts = [
    ...(durationSeconds === undefined ? [] : [`${text.credentials.durationLabel}: ${duration(durationSeconds, text)}`]),
    ...(label === undefined ? [] : [`${text.credentials.accessLabel}: ${label}`]),
  ];
  return parts.length === 0 ? undefined : html`<p class="muted">${parts.join(' · ')}</p>`;
}
