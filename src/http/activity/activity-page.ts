// A person's own activity: sign-ins, credentials, consoles and refusals of the last 30 days, the newest first.
import type { Policy } from '../../access/model.ts';
import type { ActivityEntry } from '../../broker/activity/activity.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Cell, dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import { buttonTo, linkTo } from '../page/notice-page.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';
import { roleLabel } from './role-label.ts';

export interface ActivityView {
  readonly session: SignedInSession;
  readonly entries: readonly ActivityEntry[];
  readonly policy: Policy;
}

export function activityPage(context: PageContext, { session, entries, policy }: ActivityView): string {
  const { text, help } = context;
  const { activity } = text;
  return renderPage(context, {
    title: activity.title,
    person: session.identity,
    body: html`<h1>${activity.title}</h1>
<p>${activity.intro}</p>
${
  entries.length === 0
    ? html`<section class="notice"><p>${activity.none}</p>
<p class="actions">${buttonTo('/', text.page.backToAccounts)}${linkTo('/why', text.why.whyLink)}</p></section>`
    : entryTable(entries, policy, text)
}
<h2 class="plain">${activity.notYou}</h2>
<p>${activity.notYouHelp} <a href="/command-line">${text.cliSignIn.listTitle}</a></p>
<p class="muted">${help}</p>`,
  });
}

export function entryTable(entries: readonly ActivityEntry[], policy: Policy, text: Messages): Html {
  const { activity } = text;
  const columns = [activity.when, activity.what, activity.role, activity.from, activity.details];
  return dataTable(
    activity.caption,
    columns,
    entries.map((entry): readonly Cell[] => [
      timeTag(new Date(entry.time)),
      html`<span class="tag ${entry.kind === 'refused' ? 'danger' : 'plain'}">${activity.kinds[entry.kind]}</span>`,
      entry.roleArn === undefined ? '–' : roleLabel(entry.roleArn, policy, text),
      origin(entry, text),
      details(entry, text),
    ]),
  );
}

function origin({ sourceIp, cliSession, machine }: ActivityEntry, { activity }: Messages): Html {
  const device = [activity.cli, machine ?? cliSession].filter(Boolean).join(': ');
  return html`<code class="whole">${sourceIp}</code>${cliSession !== undefined && html`<br><span class="muted">${device}</span>`}`;
}

function details(
  { kind, code, roleArn, accessKeyId, expiresAt, requestId }: ActivityEntry,
  { activity, errors, why }: Messages,
): Html {
  if (kind === 'refused') {
    const title = Object.entries(errors).find(([known]) => known === code)?.[1].title ?? code;
    return html`${title}. <a href="/why?${new URLSearchParams({ role: roleNameIn(roleArn) }).toString()}">${why.whyLink}</a><br>
<span class="muted">${activity.requestId} <code>${requestId}</code></span>`;
  }
  const expiry = expiresAt !== undefined && html`${activity.until} ${timeTag(new Date(expiresAt))}`;
  return html`${accessKeyId !== undefined && html`<code>${accessKeyId}</code><br>`}${expiry || '–'}`;
}

/** What the search of Access help takes. */
function roleNameIn(roleArn = ''): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
