// The way to a stronger or fresher sign-in, and back to what the person was doing.
import type { EligibleRole } from '../../access/model.ts';
import { type AskedFor, type RoleAction, resumePath } from './resume.ts';

/** A link, never the redirect of a form: form-action would hold that redirect, and the IdP's own, to our list. */
export function stepUpUrl(role: EligibleRole, action: RoleAction, asked?: AskedFor): string {
  return stepUpTo(role, resumePath(action, [role.roleArn], asked));
}

/** The same, back to a path of this site. */
export function stepUpTo(role: EligibleRole, returnTo: string): string {
  return `/login?${new URLSearchParams({ step_up: role.roleArn, return_to: returnTo })}`;
}
