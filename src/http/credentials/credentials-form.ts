// The form that asks for credentials again, with another length or less access.
import type { EligibleRole } from '../../access/model.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { duration } from '../portal/role-row.ts';
import type { AskedFor } from '../sign-in/resume.ts';
import type { SessionPolicy } from './session-policy.ts';

/** 15 minutes is the least that STS gives. */
const presetSeconds = [900, 3600, 4 * 3600, 8 * 3600] as const;

export interface FormView {
  readonly asked: AskedFor;
  /** What may be chosen. */
  readonly sessionPolicies: readonly SessionPolicy[];
}

/** @param isBatch answered by the page for several roles, even for one */
export function renewForm(roles: readonly EligibleRole[], isBatch: boolean, view: FormView, text: Messages): Html {
  return html`<section class="renew" aria-labelledby="renew-title">
<h2 id="renew-title">${text.credentials.renewTitle}</h2>
<form method="post" action="/portal/credentials" id="renew">
${isBatch && html`<input type="hidden" name="several" value="yes">`}
${roles.map(({ roleArn }) => html`<input type="hidden" name="roleArn" value="${roleArn}">`)}
${optionFields({ ...view, ...(isBatch ? longestOf(roles) : longest(roles[0]!)) }, text)}
<button>${text.credentials.renew}</button>
</form>
<p class="muted">${text.credentials.renewHint}</p>
</section>`;
}

export interface OptionsView extends FormView {
  /** The most that the rule allows; of several roles the longest. */
  readonly maxSeconds: number;
  /** What decides that; undefined for several roles, each with its own. */
  readonly limitedBy: EligibleRole['durationLimitedBy'] | undefined;
}

/** The longest duration of one role. */
export function longest({ maxDurationSeconds: maxSeconds, durationLimitedBy: limitedBy }: EligibleRole) {
  return { maxSeconds, limitedBy };
}

/** The longest duration among several roles. One pass: there may be thousands. */
export function longestOf(roles: readonly EligibleRole[]) {
  const maxSeconds = roles.reduce((most, { maxDurationSeconds }) => Math.max(most, maxDurationSeconds), 0);
  return { maxSeconds, limitedBy: undefined };
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
  return html`<label>${text.credentials.durationLabel} <select name="durationSeconds">
${options.map(({ value, name }) => html`<option value="${value}" ${value === durationSeconds && html`selected`}>${name}</option>`)}
<option value="" ${wished.length === 0 && html`selected`}>${longestText(maxSeconds, limitedBy, text)}</option>
</select></label>`;
}

function longestText(maxSeconds: number, limitedBy: OptionsView['limitedBy'], text: Messages): string {
  if (limitedBy === undefined) return text.portal.batchLongest;
  const length = duration(maxSeconds, text);
  return limitedBy === 'rule'
    ? text.credentials.durationMost(length)
    : text.credentials.lengthWhy(length, text.credentials.limitedBy[limitedBy]);
}

/** Nothing where no session policy is configured. */
function sessionPolicyField(policies: readonly SessionPolicy[], asked: string | undefined, text: Messages): Html {
  if (policies.length === 0) return html``;
  return html`<label>${text.credentials.accessLabel} <select name="sessionPolicy">
<option value="">${text.credentials.accessFull}</option>
${policies.map(({ id, label }) => html`<option value="${id}" ${id === asked && html`selected`}>${label}</option>`)}
</select></label>`;
}

/** The chosen options, as hidden fields. */
export function askedInputs({ durationSeconds, sessionPolicy }: AskedFor): Html {
  return html`${durationSeconds !== undefined && html`<input type="hidden" name="durationSeconds" value="${durationSeconds}">`}${
    sessionPolicy !== undefined && html`<input type="hidden" name="sessionPolicy" value="${sessionPolicy}">`
  }`;
}
