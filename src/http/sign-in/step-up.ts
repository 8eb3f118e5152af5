// The way to a stronger or fresher sign-in, and back to what the person was doing.
import type { EligibleRole } from '../../access/model.ts';
import type { BrokerError } from '../../errors.ts';
import type { SignInAddress } from '../middleware/errors.ts';
import { loginUrl } from '../page/return-to.ts';
import { type AskedFor, type RoleAction, resumePath } from './resume.ts';

/** A link, never the redirect of a form: form-action would hold that redirect, and the IdP's own, to our list. */
export function stepUpUrl(role: EligibleRole, action: RoleAction, asked?: AskedFor): string {
  return stepUpTo(role, resumePath(action, [role.roleArn], asked));
}

/** The same, back to a path of this site. */
export function stepUpTo(role: EligibleRole, returnTo: string): string {
  return `/login?${new URLSearchParams({ step_up: role.roleArn, return_to: returnTo })}`;
}

/** The address of the sign-in that the error asks for, as the API's clients get it. */
export function signInAddress({ code, details: { roleArn, purpose } }: BrokerError): SignInAddress {
  if (typeof roleArn !== 'string') return {};
  if (code === 'step_up_required') return { stepUpUrl: `/login?step_up=${encodeURIComponent(roleArn)}` };
  if (code !== 'reauthentication_required' || (purpose !== 'console' && purpose !== 'credentials')) return {};
  return { reauthenticationUrl: loginUrl(resumePath(purpose, [roleArn])) };
}
