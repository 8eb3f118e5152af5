// The page that makes console links: a role, a service or a place, a region; and the finished link to copy.

import type { EligibleRole } from '../../access/model.ts';
import { consoleServices, serviceNames } from '../../aws/console-services.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { copyButton, problemLine } from '../page/controls.ts';
import { escapeHtml, type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';

/** What the reader chose so far, as they wrote it. */
export interface LinkFields {
  readonly role: string;
  readonly scope: 'role' | 'account';
  readonly service: string;
  readonly destination: string;
  readonly region: string;
}

export type LinkProblem = keyof Messages['console']['problems'];

export interface LinksView {
  readonly roles: readonly EligibleRole[];
  readonly regions: readonly string[];
  /** That an address may have, for people to read. */
  readonly consoleHosts: string;
  readonly link: LinkFields;
  readonly problems: readonly LinkProblem[];
  /** Undefined until everything fits. */
  readonly made:
    | {
        readonly url: string;
        readonly names: readonly string[];
        /** The account whose console the address was copied from, if that is another one. */
        readonly otherAccount: string | undefined;
      }
    | undefined;
}

export function linksPage(frame: PageContext, session: SignedInSession, view: LinksView): string {
  const { text } = frame;
  const { console } = text;
  return renderPage(frame, {
    title: console.makeTitle,
    person: session.identity,
    body: html`<h1>${console.makeTitle}</h1>
<p>${console.makeIntro}</p>
${view.made && result(view.made, text)}
${view.roles.length === 0 ? html`<p class="notice">${console.noRoles}</p>` : form(view, text)}`,
  });
}

function form(view: LinksView, text: Messages): Html {
  const { regions, link } = view;
  const { console } = text;
  const scope = (value: LinkFields['scope']) =>
    html`<label class="choice"><input type="radio" name="scope" value="${value}"${link.scope === value && html` checked`}> ${console.scopes[value]}</label>`;
  const option = (value: string, name: string) =>
    html`<option value="${value}"${value === link.service && html` selected`}>${name}</option>`;
  const services = serviceNames.map((name) => option(name, consoleServices[name].name));
  return html`<form class="fields" method="get" action="/links">
${field('role', console.roleField, view, text, html`<select id="role" name="role" required>${roleOptions(view)}</select>`)}
<fieldset><legend>${console.scope}</legend>${scope('role')}${scope('account')}</fieldset>
${field('service', console.service, view, text, html`<select id="service" name="service">${option('', console.noService)}${services}</select>`)}
${field('destination', console.destination, view, text, input('destination', link.destination, 2048), console.destinationHint)}
${field('region', console.regionField, view, text, input('region', link.region, 30, 'regions'), regionHint(view, text))}
<datalist id="regions">${regions.map((region) => html`<option value="${region}"></option>`)}</datalist>
<p><button>${console.make}</button></p>
</form>`;
}

function field(
  id: keyof LinkFields,
  label: string,
  view: LinksView,
  text: Messages,
  control: Html,
  hint?: string,
): Html {
  const problems = view.problems.filter((problem) => problemField[problem] === id);
  return html`<div class="field"><label for="${id}">${label}</label>
${problems.map((problem) => html`<p role="alert">${problemLine(text.console.problems[problem].replace('{consoleHosts}', view.consoleHosts))}</p>`)}
${control}
${hint !== undefined && html`<p class="muted" id="${id}-hint">${hint}</p>`}</div>`;
}

const problemField: Readonly<Record<LinkProblem, keyof LinkFields>> = {
  role: 'role',
  service: 'service',
  both: 'destination',
  destination: 'destination',
  region: 'region',
  long: 'destination',
};

function input(id: 'destination' | 'region', value: string, maxLength: number, list?: string): Html {
  return html`<input id="${id}" name="${id}" value="${value}" maxlength="${maxLength}" aria-describedby="${id}-hint" autocomplete="off" spellcheck="false"${list !== undefined && html` list="${list}"`}>`;
}

function roleOptions({ roles, link }: LinksView): readonly Html[] {
  const accounts = [...new Set(roles.map(({ account }) => account))];
  const option = ({ roleArn, roleName, account }: EligibleRole) =>
    html`<option value="${roleArn}"${roleArn === link.role && html` selected`}>${account.name}: ${roleName}</option>`;
  return accounts.map(
    (account) =>
      html`<optgroup label="${account.name} (${account.alias}, ${account.id})">${roles
        .filter((role) => role.account === account)
        .map(option)}</optgroup>`,
  );
}

function regionHint({ roles, link }: LinksView, { console }: Messages): string {
  const role = roles.find(({ roleArn }) => roleArn === link.role);
  return role ? console.regionHint(role.region) : console.regionHintPlain;
}

function result({ url, names, otherAccount }: NonNullable<LinksView['made']>, text: Messages): Html {
  const { console } = text;
  const name = console.linkName(names.join(', '));
  const forms = {
    link: url,
    markdown: `[${name.replace(/[[\]\\]/g, '\\$&')}](${url})`,
    html: `<a href="${escapeHtml(url)}">${escapeHtml(name)}</a>`,
  };
  return html`<section class="notice made" aria-labelledby="made">
<h2 id="made">${console.result}</h2>
${otherAccount !== undefined && html`<p>${problemLine(console.otherAccount(otherAccount))}</p>`}
${Object.entries(forms).map(([form, lines]) => block(form as keyof typeof forms, lines, text))}
<p class="actions"><a class="button" href="${url}">${console.tryIt}</a></p>
</section>`;
}

function block(form: 'link' | 'markdown' | 'html', lines: string, text: Messages): Html {
  const id = `made-${form}`;
  const label = { link: text.console.plainLink, markdown: 'Markdown', html: 'HTML' }[form];
  return html`<h3 id="${id}-name">${label}</h3>
<div class="lines"><pre id="${id}" tabindex="0" role="region" aria-label="${label}">${lines}</pre>
${copyButton(html`data-copy="${id}" data-copied="${text.page.copied}" aria-describedby="${id}-name"`, text)}</div>`;
}
