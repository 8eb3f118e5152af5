// Administration › Configuration: the configuration in force without its secrets, the last rejected one, and policy tests.
import type { ConfigStatus } from '../../broker/config-status.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Config } from '../../config/config.ts';
import { maskedConfig } from '../../config/live/diff.ts';
import type { PolicyTest } from '../../config/policy-tests.ts';
import { summary } from '../page/controls.ts';
import { dataTable } from '../page/data-table.ts';
import { type Html, html } from '../page/html.ts';
import { icons } from '../page/icons.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { timeTag } from '../page/time-tag.ts';
import { administratorsPages } from '../why/administrators-pages.ts';

export interface ConfigurationView {
  readonly session: SignedInSession;
  readonly config: Config;
  readonly status: ConfigStatus;
  readonly tests: readonly { readonly test: PolicyTest; readonly problems: readonly string[] }[];
}

export function configurationPage(context: PageContext, view: ConfigurationView): string {
  const { administration } = context.text;
  const { config, status } = view;
  return renderPage(context, {
    title: administration.configuration,
    person: view.session.identity,
    body: html`${administratorsPages(context)}
<h1>${administration.configuration}</h1>
<p>${administration.configurationIntro}</p>
${rejection(status, context.text)}
${facts(view, context.text)}
<h2 class="plain">${administration.tests(view.tests.length)}</h2>
${view.tests.length === 0 ? html`<p>${administration.noTests}</p>` : testTable(view, context.text)}
<h2 class="plain">${administration.inForce}</h2>
<details>${summary(administration.showConfiguration)}<pre tabindex="0">${maskedConfig(config.source)}</pre></details>`,
  });
}

function rejection({ rejected }: ConfigStatus, { administration }: Messages): Html | undefined {
  return (
    rejected &&
    html`<section class="notice" role="alert"><h2 class="plain">${administration.rejected}</h2>
<p>${timeTag(rejected.at)} ${administration.rejectedHelp}</p>
<ul>${rejected.problems.map((problem) => html`<li>${problem}</li>`)}</ul></section>`
  );
}

function facts({ config, status }: ConfigurationView, { administration }: Messages): Html {
  const { source, mode, warnings } = config;
  const list = (values: readonly string[]) => html`<ul>${values.map((value) => html`<li>${value}</li>`)}</ul>`;
  return html`<dl class="facts">
<dt>${administration.loadedAt}</dt><dd>${timeTag(status.loadedAt)}</dd>
<dt>${administration.version}</dt><dd><code>${source.version}</code></dd>
<dt>${administration.mode}</dt><dd>${mode}</dd>
${source.files.length > 0 && html`<dt>${administration.files}</dt><dd>${list(source.files)}</dd>`}
${status.needRestart.length > 0 && html`<dt>${administration.needRestart}</dt><dd>${list(status.needRestart)}</dd>`}
${warnings.length > 0 && html`<dt>${administration.relaxed}</dt><dd>${list(warnings)}</dd>`}
</dl>`;
}

function testTable({ tests }: ConfigurationView, { administration }: Messages): Html {
  const { test: name, person, expects, result, passes, fails } = administration;
  return dataTable(
    administration.testsCaption,
    [name, person, expects, result],
    tests.map(({ test, problems }, index) => [
      test.name ?? `${index + 1}`,
      [test.user, ...test.groups].join(', '),
      [...test.expect, ...test.not.map((role) => administration.not(role))].join(', '),
      problems.length === 0
        ? html`<span class="tag plain">${icons.check} ${passes}</span>`
        : html`<span class="tag danger">${icons.cross} ${fails}</span> ${problems.join(' ')}`,
    ]),
  );
}
