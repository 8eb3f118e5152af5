// The form that asks for credentials again, with another length or less access.
import type { EligibleRole } from '../../access/model.ts';
import { type Html, html } from '../html.ts';
import type { Messages } from '../messages/en.ts';
import type { SessionPolicy } from '../session-policy.ts';
import { duration } from './role-row.ts';

export interface AskedFor {
  /** Undefined: as long as the rule allows. */
  readonly durationSeconds: number | undefined;
  /** Id of a session policy. */
  readonly sessionPolicy: string | undefined;
}

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
${durationField(issued.role.maxDurationSeconds, asked.durationSeconds, text)}
${sessionPolicyField(sessionPolicies, asked.sessionPolicy, text)}
<button>${text.renew}</button>
</form>
<p class="muted">${text.renewHint}</p>
</section>`;
}

/** Lengths below what the rule allows, and that itself; `durationSeconds` is empty for it. */
export function durationField(maxSeconds: number, asked: number | undefined, text: Messages): Html {
  const wished = asked !== undefined && asked < maxSeconds ? [asked] : [];
  const lengths = new Set([...presetSeconds, ...wished].filter((seconds) => seconds < maxSeconds));
  const options = [...lengths]
    .sort((a, b) => a - b)
    .map((seconds) => ({ value: seconds, name: duration(seconds, text) }));
  return html`<label>${text.durationLabel} <select name="durationSeconds">
${options.map(({ value, name }) => html`<option value="${value}" ${value === asked && html`selected`}>${name}</option>`)}
<option value="" ${wished.length === 0 && html`selected`}>${text.durationMost(duration(maxSeconds, text))}</option>
</select></label>`;
}

/** Nothing where no session policy is configured. */
export function sessionPolicyField(
  policies: readonly SessionPolicy[],
  asked: string | undefined,
  text: Messages,
): Html {
  if (policies.length === 0) return html``;
  return html`<label>${text.accessLabel} <select name="sessionPolicy">
<option value="">${text.accessFull}</option>
${policies.map(({ id, label }) => html`<option value="${id}" ${id === asked && html`selected`}>${label}</option>`)}
</select></label>`;
}
