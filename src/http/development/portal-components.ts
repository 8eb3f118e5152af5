// Components of the portal and of the page of credentials, for the page of components: in the states that people meet.
import { formatRoleArn } from '../../access/arn.ts';
import type { EligibleRole } from '../../access/model.ts';
import { problemLine } from '../page/controls.ts';
import { type Html, html } from '../page/html.ts';
import { icons } from '../page/icons.ts';
import type { Messages } from '../page/messages/en.ts';
import { roleList } from '../portal/portal-page.ts';
import { quickRow } from '../portal/role-row.ts';

const account: EligibleRole['account'] = {
  ...{ id: '111122223333', alias: 'sample', name: 'Sample Account', region: undefined, mode: undefined },
  ...{ environment: 'development', owner: 'owner@corp.example', labels: ['sample'] },
};
const production: EligibleRole['account'] = {
  ...account,
  ...{ id: '444455556666', alias: 'sample-prod', name: 'Sample Production', environment: 'production' },
};

function sampleRole(roleName: string, changes: Partial<EligibleRole> = {}): EligibleRole {
  const { id } = changes.account ?? account;
  return {
    ...{ account, roleName, region: 'eu-central-1', rule: 'a rule', sourceIdentity: true, stepUp: undefined },
    ...{ maxDurationSeconds: 3600, ruleDurationSeconds: 3600, description: 'What the role is for.' },
    mode: 'mint',
    durationLimitedBy: 'rule',
    roleArn: formatRoleArn({ partition: 'aws', accountId: id, role: roleName }),
    principalArn: `arn:aws:iam::${id}:saml-provider/sample`,
    session: { nameTemplate: undefined, tags: [], transitiveTagKeys: [], policy: undefined, policyArns: [] },
    ...changes,
  };
}

const roles = [
  sampleRole('Developer'),
  sampleRole('Auditor', { mode: 'browser-post' }),
  sampleRole('Admin', { account: production, stepUp: { reason: 'authn_context', contexts: [] } }),
  sampleRole('Operator', { account: production, stepUp: { reason: 'authentication_age', contexts: [] } }),
];

export function portalComponents(text: Messages, now: Date): (readonly [name: string, sample: Html])[] {
  const [developer, , admin] = roles as [EligibleRole, EligibleRole, EligibleRole];
  const moves = { up: undefined, down: '' };
  return [
    [
      'Role rows of favourites',
      html`<div class="quick"><ul>${quickRow(developer, { isFavourite: true, moves, usedAt: now }, text)}${quickRow(admin, { isFavourite: false }, text)}</ul></div>`,
    ],
    ['Role rows of accounts', { html: roleList(roles, [developer.roleArn], text) }],
    [
      'Icons',
      html`<p class="actions"><img src="/assets/icon.svg" alt="Rolegate" width="32" height="32"> ${Object.entries(icons).map(([name, icon]) => html`<span>${icon} ${name}</span>`)}</p>
<p class="actions"><button class="bare" aria-label="Move up">${icons.up}</button><button class="bare" aria-label="Move down" disabled>${icons.down}</button>
<button class="bare focused" aria-label="More">${icons.more}</button><button class="star bare" aria-pressed="false" aria-label="Not a favourite">${icons.star}</button>
<button class="star bare" aria-pressed="true" aria-label="A favourite">${icons.star}</button>
<button class="fold" aria-expanded="true">${icons.chevron}Unfolded</button><button class="fold" aria-expanded="false">${icons.chevron}Folded</button>
<button class="copy">${icons.copy} <span>Copy</span></button><button class="copy">${icons.check} <span>Copied</span></button></p>
<p>${problemLine('A problem')}</p>`,
    ],
    ['Tabs', tabs],
    [
      'Session notice',
      html`<div class="session-watch">${icons.warning}<p>${text.page.sessionIdle.replace('{time}', '12:00')}</p><a class="button" href="#main">${text.page.staySignedIn}</a></div>
<div class="session-watch">${icons.warning}<p>${text.page.sessionEnded}</p><a class="button" href="#main">${text.page.signInAgain}</a></div>`,
    ],
    ['Countdown', html`<p><span id="left" class="soon">${text.credentials.left(text.page.minutes(4))}</span></p>`],
  ];
}

/** As assets/tabs.js makes them. */
const tabs = html`<div><div class="tabs" role="tablist" aria-label="Sample tabs">
<button type="button" id="tab-first" role="tab" aria-selected="true" aria-controls="panel-first">Selected</button>
<button type="button" id="tab-second" role="tab" aria-selected="false" aria-controls="panel-second" tabindex="-1">Not selected</button></div>
<div id="panel-first" class="panel" role="tabpanel" aria-labelledby="tab-first">Content</div>
<div id="panel-second" class="panel" role="tabpanel" aria-labelledby="tab-second" hidden>Other content</div></div>`;
