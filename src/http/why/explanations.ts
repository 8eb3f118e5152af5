// What each rule gave, or why not: the same list for the person and for administrators.
import type { Claim, Offer, RuleExplanation, WhyNot } from '../../access/explain.ts';
import { maxPatternLength } from '../../access/group-patterns.ts';
import type { IdentityHint } from '../../access/identity-hints.ts';
import type { EligibleRole } from '../../access/model.ts';

import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { duration } from '../portal/role-row.ts';

export interface ExplanationView {
  readonly explanations: readonly RuleExplanation[];
  /** The search. */
  readonly role: string;
  readonly account: string;
}

/** More accounts than these are counted, not named. */
const maxAccounts = 6;

export function explanationList({ explanations, role, account }: ExplanationView, text: Messages, help: string): Html {
  const { why } = text;
  const isSearch = role !== '' || account !== '';
  if (explanations.length === 0) {
    return html`<section class="notice"><h2 class="plain">${why.noRuleTitle}</h2>
<p>${why.noRuleText}</p><p>${help}</p></section>`;
  }
  return html`<h2 class="plain">${isSearch ? why.searchedFor : why.allRules}</h2>
<ul class="cards">${explanations.map((each) => ruleItem(each, text, help))}</ul>`;
}

/** Unusual values of a sign-in. */
export function hintList(hints: readonly IdentityHint[], { why }: Messages): Html[] {
  return hints.map((hint) =>
    hint.kind === 'joined'
      ? html`<p>${why.joinedGroups(hint.characters)}</p>`
      : html`<p>${why.longGroups(hint.values, maxPatternLength)}</p>`,
  );
}

/** The two fields of the search. */
export function searchFields({ role, account }: { role: string; account: string }, { why }: Messages): Html {
  return html`<label>${why.roleField} <input name="role" value="${role}" maxlength="200" autocomplete="off"></label>
<label>${why.accountField} <input name="account" value="${account}" maxlength="200" autocomplete="off"></label>`;
}

function ruleItem(explanation: RuleExplanation, text: Messages, help: string) {
  const { rule, ask, description, roles, because, hint, networks, offers } = explanation;
  const { why } = text;
  if (because === undefined) {
    return html`<li data-gives><h3>${rule} <span>${why.gives}</span></h3>
${description !== undefined && html`<p>${description}</p>`}
${networks && html`<p class="muted">${why.onlyFrom(networks.join(', '))}</p>`}
<ul>${roles.map((role) => given(role, text))}</ul></li>`;
  }
  return html`<li><h3>${rule} <span>${why.givesNot}</span></h3>
${description !== undefined && html`<p>${description}</p>`}
<p class="muted">${offered(offers, text)}</p>
${sentences(because, text).map((sentence) => html`<p>${sentence}</p>`)}
${hint && html`<p>${why.ruleHints[hint]}</p>`}
<p>${why.nextStep}: ${ask ?? help}</p></li>`;
}

function given(role: EligibleRole, text: Messages): Html {
  const { roleName, account, maxDurationSeconds, stepUp } = role;
  return html`<li>${text.why.roleIn(roleName, account.name, account.id)}
<span class="muted">${text.portal.upTo(duration(maxDurationSeconds, text))}</span>
${stepUp && html`<span class="tag">${stepUp.reason === 'authn_context' ? text.portal.asksForStronger : text.portal.asksForFresh}</span>`}</li>`;
}

function offered({ role, accounts, anyAccount }: Offer, { why }: Messages): string {
  const names = accounts.slice(0, maxAccounts).map(({ name }) => name);
  const rest = accounts.length - names.length;
  const list = [...names, ...(rest > 0 ? [why.andMore(rest)] : [])].join(', ');
  return [
    role === undefined ? '' : why.offersRole(role),
    list === '' ? '' : why.offersIn(list),
    role === undefined || anyAccount ? why.offersByGroup : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function sentences(because: WhyNot, { why }: Messages): string[] {
  const words = why.because;
  const orList = (values: readonly string[]) => values.map((value) => `“${value}”`).join(` ${words.or} `);
  const claimList = (claims: readonly Claim[]) =>
    claims.map(({ name, value }) => `${name} = “${value}”`).join(` ${words.or} `);
  switch (because.kind) {
    case 'near_miss':
      return because.misses.map(({ wanted, has }) => words.nearMiss(wanted, has));
    case 'group':
      return [words.group(orList(because.groups))];
    case 'more':
      return [
        words.more(because.has),
        ...(because.groups.length > 0 ? [words.missingGroup(orList(because.groups))] : []),
        ...(because.claims.length > 0 ? [words.missingClaim(claimList(because.claims))] : []),
      ];
    case 'pattern':
      return [words.pattern];
    case 'claim':
      return [words.claim(claimList(because.claims))];
    case 'identity_provider':
      return [words.identityProvider];
    case 'not_forwarded':
      return [words.notForwarded];
    case 'network':
      return [words.network(because.address)];
    case 'denied':
      return [words.denied];
    case 'excluded':
      return [words.excluded];
  }
}
