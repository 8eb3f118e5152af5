// The page that makes console links: a role, a service or a place, a region; and the finished link to copy.

import type { EligibleRole } from '../../access/model.ts';
import { consoleServices, serviceNames } from '../../aws/console-services.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { escapeHtml, type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';

/** What the reader chose so far, as they wrote it. */
export interface LinkWish {
  readonly role: string;
  readonly scope: 'role' | 'account';
  readonly service: string;
  readonly destination: string;
  readonly region: string;
}

export type LinkProblem = keyof Messages['links']['problems'];

export interface LinksView {
  readonly roles: readonly EligibleRole[];
  readonly regions: readonly string[];
  readonly wish: LinkWish;
  readonly problems: readonly LinkProblem[];
  /** Undefined until everything fits. */
  readonly made: { readonly url: string; readonly names: readonly string[] } | undefined;
}

export function linksPage(frame: PageFrame, session: SignedInSession, view: LinksView): string {
  const { text } = frame;
  const { links } = text;
  return renderPage(frame, {
    title: links.makeTitle,
    person: session.identity,
    body: html`<h1>${links.makeTitle}</h1>
<p>${links.makeIntro}</p>
${view.made && result(view.made, text)}
${view.roles.length === 0 ? html`<p class="notice">${links.noRoles}</p>` : form(view, text)}`,
  });
}

function form(view: LinksView, text: Messages): Html {
  const { wish, regions } = view;
  const { links } = text;
  const scope = (value: LinkWish['scope']) =>
    html`<label class="choice"><input type="radio" name="scope" value="${value}"${wish.scope === value && html` checked`}> ${links.scopes[value]}</label>`;
  return html`<form class="fields" method="get" action="/links">
${field('role', links.roleField, view, text, html`<select id="role" name="role" required>${roleOptions(view)}</select>`)}
<fieldset><legend>${links.scope}</legend>${scope('role')}${scope('account')}</fieldset>
${field('service', links.service, view, text, html`<select id="service" name="service">${serviceOptions(wish, text)}</select>`)}
${field('destination', links.destination, view, text, input('destination', wish.destination, 2048), links.destinationHint)}
${field('region', links.regionField, view, text, input('region', wish.region, 30, 'regions'), regionHint(view, text))}
<datalist id="regions">${regions.map((region) => html`<option value="${region}"></option>`)}</datalist>
<p><button>${links.make}</button></p>
</form>`;
}

function field(id: keyof LinkWish, label: string, view: LinksView, text: Messages, control: Html, hint?: string): Html {
  const problems = view.problems.filter((problem) => problemField[problem] === id);
  return html`<div class="field"><label for="${id}">${label}</label>
${problems.map((problem) => html`<p class="danger" role="alert">${text.links.problems[problem]}</p>`)}
${control}
${hint !== undefined && html`<p class="muted" id="${id}-hint">${hint}</p>`}</div>`;
}

const problemField: Readonly<Record<LinkProblem, keyof LinkWish>> = {
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

function roleOptions({ roles, wish }: LinksView): readonly Html[] {
  const accounts = [...new Set(roles.map(({ account }) => account))];
  return accounts.map(
    (account) =>
      html`<optgroup label="${account.name} (${account.alias}, ${account.id})">${roles
        .filter((role) => role.account === account)
        .map((role) => roleOption(role, role.roleArn === wish.role))}</optgroup>`,
  );
}

function roleOption({ roleArn, roleName, account }: EligibleRole, isChosen: boolean): Html {
  return html`<option value="${roleArn}"${isChosen && html` selected`}>${account.name}: ${roleName}</option>`;
}

function serviceOptions({ service }: LinkWish, { links }: Messages): readonly Html[] {
  const option = (value: string, name: string) =>
    html`<option value="${value}"${value === service && html` selected`}>${name}</option>`;
  return [option('', links.noService), ...serviceNames.map((name) => option(name, consoleServices[name].name))];
}

function regionHint({ roles, wish }: LinksView, { links }: Messages): string {
  const role = roles.find(({ roleArn }) => roleArn === wish.role);
  return role ? links.regionHint(role.region) : links.regionHintPlain;
}

function result({ url, names }: NonNullable<LinksView['made']>, text: Messages): Html {
  const { links } = text;
  const name = links.linkName(names.join(', '));
  const forms = {
    link: url,
    markdown: `[${name.replace(/[[\]\\]/g, '\\$&')}](${url})`,
    html: `<a href="${escapeHtml(url)}">${escapeHtml(name)}</a>`,
  };
  return html`<section class="notice made" aria-labelledby="made">
<h2 id="made">${links.result}</h2>
${Object.entries(forms).map(([form, lines]) => block(form as keyof typeof forms, lines, text))}
<p class="actions"><a class="button" href="${url}">${links.tryIt}</a></p>
</section>`;
}

function block(form: 'link' | 'markdown' | 'html', lines: string, text: Messages): Html {
  const id = `made-${form}`;
  const label = { link: text.links.plainLink, markdown: 'Markdown', html: 'HTML' }[form];
  return html`<h3 id="${id}-name">${label}</h3>
<div class="lines"><pre id="${id}" tabindex="0" role="region" aria-label="${label}">${lines}</pre>
<button type="button" class="copy" data-copy="${id}" data-copied="${text.copied}" aria-describedby="${id}-name" hidden>${text.copy}</button></div>`;
}
