// The form that asks for credentials again, with another length or less access.
import type { EligibleRole } from '../../access/model.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { duration } from '../portal/role-row.ts';
import type { AskedFor } from '../sign-in/resume.ts';
import type { SessionPolicy } from './session-policy.ts';

/** 15 minutes is the least that STS gives. */
const presetSeconds = [900, 3600, 4 * 3600, 8 * 3600] as const;

export interface RenewView {
  readonly issued: { readonly role: EligibleRole };
  readonly asked: AskedFor;
  readonly sessionPolicies: readonly SessionPolicy[];
}

export function renewForm({ issued, asked, sessionPolicies }: RenewView, text: Messages): Html {
  return html`<section class="renew" aria-labelledby="renew-title">
<h2 id="renew-title">${text.renewTitle}</h2>
<form method="post" action="/portal/credentials" id="renew">
<input type="hidden" name="roleArn" value="${issued.role.roleArn}">
${optionFields({ ...longest(issued.role), asked, sessionPolicies }, text)}
<button>${text.renew}</button>
</form>
<p class="muted">${text.renewHint}</p>
</section>`;
}

export interface OptionsView {
  /** The most that the rule allows; of several roles the longest. */
  readonly maxSeconds: number;
  /** What decides that; undefined for several roles, each with its own. */
  readonly limitedBy: EligibleRole['durationLimitedBy'] | undefined;
  readonly asked: AskedFor;
  readonly sessionPolicies: readonly SessionPolicy[];
}

/** The longest duration of one role. */
export function longest({ maxDurationSeconds: maxSeconds, durationLimitedBy: limitedBy }: EligibleRole) {
  return { maxSeconds, limitedBy };
}

/** How long, and with which limits. */
export function optionFields(view: OptionsView, text: Messages): Html {
  return html`${durationField(view, text)}
${sessionPolicyField(view.sessionPolicies, view.asked.sessionPolicy, text)}`;
}

/** Lengths below what the rule allows, and that itself; `durationSeconds` is empty for it. */
function durationField({ maxSeconds, limitedBy, asked }: OptionsView, text: Messages): Html {
  const { durationSeconds } = asked;
  const wished = durationSeconds !== undefined && durationSeconds < maxSeconds ? [durationSeconds] : [];
  const lengths = new Set([...presetSeconds, ...wished].filter((seconds) => seconds < maxSeconds));
  const options = [...lengths]
    .sort((a, b) => a - b)
    .map((seconds) => ({ value: seconds, name: duration(seconds, text) }));
  return html`<label>${text.durationLabel} <select name="durationSeconds">
${options.map(({ value, name }) => html`<option value="${value}" ${value === durationSeconds && html`selected`}>${name}</option>`)}
<option value="" ${wished.length === 0 && html`selected`}>${longestText(maxSeconds, limitedBy, text)}</option>
</select></label>`;
}

function longestText(maxSeconds: number, limitedBy: OptionsView['limitedBy'], text: Messages): string {
  if (limitedBy === undefined) return text.portal.severalLongest;
  const length = duration(maxSeconds, text);
  return limitedBy === 'rule'
    ? text.durationMost(length)
    : text.credentialsLengthWhy(length, text.limitedBy[limitedBy]);
}

/** Nothing where no session policy is configured. */
function sessionPolicyField(policies: readonly SessionPolicy[], asked: string | undefined, text: Messages): Html {
  if (policies.length === 0) return html``;
  return html`<label>${text.accessLabel} <select name="sessionPolicy">
<option value="">${text.accessFull}</option>
${policies.map(({ id, label }) => html`<option value="${id}" ${id === asked && html`selected`}>${label}</option>`)}
</select></label>`;
}

/** What was chosen, as fields that nobody sees. */
export function askedInputs({ durationSeconds, sessionPolicy }: AskedFor): Html {
  return html`${durationSeconds !== undefined && html`<input type="hidden" name="durationSeconds" value="${durationSeconds}">`}${
    sessionPolicy !== undefined && html`<input type="hidden" name="sessionPolicy" value="${sessionPolicy}">`
  }`;
}
