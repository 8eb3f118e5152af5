// Roles that one assertion may open together with another: the AWS sign-in page then lets the person choose.
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import { BrokerError } from '../../errors.ts';
import type { RequestedRole } from './granted-role.ts';
import { sessionContent, sessionNames } from './session-content.ts';

/** AWS takes some hundreds; this is a list that a person reads. */
const maxSelectable = 20;

/**
 * An assertion holds names, tags and source identity once: only roles whose sessions have the same content go together,
 * and no role that needs a step-up.
 */
export function selectableRoles(
  { session: { identity }, roles }: RequestedRole,
  role: EligibleRole,
  primaryIdp: string,
): EligibleRole[] {
  const contentOf = (each: EligibleRole) =>
    JSON.stringify(sessionContent(each, identity, sessionNames(each, identity, primaryIdp), undefined));
  const own = contentOf(role);
  const fits = (each: EligibleRole): boolean => {
    if (each.roleArn === role.roleArn || !isConsoleOnly(each) || each.stepUp !== undefined) return false;
    try {
      return contentOf(each) === own;
    } catch (error) {
      // The person has no value for a tag: this role is not available now, the others are.
      if (error instanceof BrokerError) return false;
      throw error;
    }
  };
  return roles.filter(fits).slice(0, maxSelectable);
}
