// Administration › Activity: what all people did, day by day, which roles they use and which not, and one user's entries.
import type { Policy } from '../../access/model.ts';
import { namedRoles } from '../../access/resolve.ts';
import type { ActivityEntry } from '../../broker/activity/activity.ts';
import type { ActivityDay } from '../../broker/activity/activity-day.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { SignInSystem } from '../../config/config.ts';
import { barChart } from '../page/bar-chart.ts';
import { summary } from '../page/controls.ts';
import { dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { administratorsPages } from '../why/administrators-pages.ts';
import { entryTable } from './activity-page.ts';
import { roleLabel } from './role-label.ts';

export interface AdminActivityView {
  readonly session: SignedInSession;
  /** The newest first. */
  readonly days: readonly ActivityDay[];
  readonly user: string;
  readonly idp: string;
  readonly idps: readonly SignInSystem[];
  /** Undefined unless a user is asked for. */
  readonly entries: readonly ActivityEntry[] | undefined;
  readonly policy: Policy;
}

export const periods = [7, 14, 30] as const;
const counters = ['signIns', 'credentials', 'consoles', 'refusals'] as const;
const maxListed = 20;

export function adminActivityPage(context: PageContext, view: AdminActivityView): string {
  const { text } = context;
  const { activity } = text;
  const { days, entries, policy, user } = view;
  return renderPage(context, {
    title: activity.adminTitle,
    person: view.session.identity,
    body: html`${administratorsPages(context)}
<h1>${activity.adminTitle}</h1>
<p>${activity.adminIntro}</p>
${questionForm(view, text)}
${
  entries &&
  html`<h2 class="plain">${activity.ofUser(user)}</h2>
${entries.length === 0 ? html`<p>${activity.noneOfUser}</p>` : entryTable(entries, policy, text)}`
}
<h2 class="plain">${activity.perDay}</h2>
<div class="charts">${counters.map((counter) => chartOf(counter, days, text))}</div>
<details>${summary(activity.asTable)}${numbers(days, text)}</details>
${roleUse(view, text)}`,
  });
}

function questionForm({ days, user, idp, idps }: AdminActivityView, { activity, sessions }: Messages): Html {
  const option = (value: string | number, label: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${label}</option>`;
  return html`<form class="search-form" role="search" method="get" action="/admin/activity">
<label>${activity.period} <select name="days">${periods.map((each) => option(each, activity.lastDays(each), each === days.length))}</select></label>
<label>${sessions.userField} <input name="user" value="${user}" maxlength="300" autocomplete="off"></label>
<label>${sessions.idpField} <select name="idp">${idps.map((each) => option(each.id, each.label, each.id === idp))}</select></label>
<button>${sessions.show}</button>
</form>`;
}

function chartOf(counter: (typeof counters)[number], days: readonly ActivityDay[], { activity }: Messages): Html {
  const bars = days.map((day) => ({ date: day.date, value: day[counter] })).reverse();
  const total = bars.reduce((sum, { value }) => sum + value, 0);
  const most = bars.reduce((best, bar) => (bar.value > best.value ? bar : best));
  const title = activity.total(activity.counters[counter], total);
  return barChart(title, `${title}. ${activity.most(most.value, most.date)}`, bars);
}

function numbers(days: readonly ActivityDay[], { activity }: Messages): Html {
  const columns = [activity.day, ...counters.map((counter) => activity.counters[counter])];
  const row = (day: ActivityDay) => [day.date, ...counters.map((counter) => day[counter])];
  return dataTable(activity.perDay, columns, days.map(row));
}

function roleUse({ days, policy }: AdminActivityView, text: Messages): Html {
  const { activity } = text;
  const counts = new Map<string, number>();
  for (const { roles } of days)
    for (const [arn, count] of Object.entries(roles)) counts.set(arn, (counts.get(arn) ?? 0) + count);
  const used = [...counts].sort(([, a], [, b]) => b - a);
  const unused = namedRoles(policy).filter(({ roleArn }) => !counts.has(roleArn));
  const label = (arn: string) => (arn === 'other' ? activity.otherRoles : roleLabel(arn, policy, text));
  const columns = [activity.role, activity.uses];
  const more = (count: number) =>
    count > maxListed && html`<p class="muted">${text.why.andMore(count - maxListed)}</p>`;
  return html`<h2 class="plain">${activity.mostUsed}</h2>
${
  used.length === 0
    ? html`<p>${activity.noRoleUsed}</p>`
    : dataTable(
        activity.mostUsedCaption,
        columns,
        used.slice(0, maxListed).map(([arn, count]) => [label(arn), count]),
      )
}${more(used.length)}
<h2 class="plain">${activity.neverUsed(unused.length)}</h2>
<p class="muted">${activity.neverUsedNote}</p>
${
  unused.length > 0 &&
  dataTable(
    activity.neverUsedCaption,
    [activity.role, activity.rule],
    unused.slice(0, maxListed).map(({ roleArn, rule }) => [roleLabel(roleArn, policy, text), rule]),
  )
}${more(unused.length)}`;
}
