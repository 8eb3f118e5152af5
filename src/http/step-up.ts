// The way to a stronger or fresher sign-in, and back to what the person was doing.
import type { EligibleRole } from '../access/model.ts';

export type RoleAction = 'console' | 'credentials';

/** A link, never the redirect of a form: form-action would hold that redirect, and the IdP's own, to our list. */
export function stepUpUrl(role: EligibleRole, action: RoleAction): string {
  const returnTo = `/?${new URLSearchParams({ resume: action, role: role.roleArn })}`;
  return `/login?${new URLSearchParams({ step_up: role.roleArn, return_to: returnTo })}`;
}
