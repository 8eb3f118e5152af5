// Who may look into other people's roles and refused sign-ins: members of the groups that the configuration names.
import type { Identity } from '../access/model.ts';
import type { Portal } from '../config/portal.ts';

/** Groups are compared as rules compare them: exactly. */
export function isAdministrator({ groups }: Identity, { administrators }: Portal): boolean {
  return administrators.some((group) => groups.includes(group));
}
