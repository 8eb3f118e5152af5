// Asks before a link from elsewhere opens a console.
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

export interface ConsoleLink {
  readonly role: EligibleRole;
  readonly destination: string | undefined;
  readonly region: string | undefined;
}

export function consolePage(frame: PageFrame, session: SignedInSession, link: ConsoleLink): string {
  const { role, destination, region } = link;
  return renderPage(frame, {
    title: 'Open the AWS console',
    person: session.identity,
    body: html`<section class="notice">
<h1>Open the AWS console?</h1>
<p>A link asks to sign you in as <strong>${role.roleName}</strong> in <strong>${role.account.name}</strong>
(<code>${role.account.id}</code>${role.account.environment !== undefined && html`, ${role.account.environment}`}).</p>
${destination !== undefined && html`<p>It leads to <code>${destination}</code>.</p>`}
<form method="post" action="/portal/console">
<input type="hidden" name="roleArn" value="${role.roleArn}">
${destination !== undefined && html`<input type="hidden" name="destination" value="${destination}">`}
${region !== undefined && html`<input type="hidden" name="region" value="${region}">`}
<p class="actions"><button autofocus>Open the console</button> <a href="/">Not now</a></p>
</form>
</section>`,
  });
}
