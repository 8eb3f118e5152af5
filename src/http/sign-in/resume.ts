// What a sign-in interrupted: the address that comes back to it, `/?resume=credentials&role=…`, and what such an address
// means for the person who arrives there.
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import type { Portal } from '../../config/portal.ts';
import { roleReference } from '../../wire/role-arn.ts';

export type RoleAction = 'console' | 'credentials';

/** How long, and with which limits. */
export interface AskedFor {
  /** Undefined: as long as the rule allows. */
  readonly durationSeconds: number | undefined;
  /** Id of a session policy. */
  readonly sessionPolicy: string | undefined;
}

export const nothingAsked: AskedFor = { durationSeconds: undefined, sessionPolicy: undefined };

const nothing = z.literal('').transform(() => undefined);
const seconds = z.coerce.number().int().min(900).max(129_600);

/** The same as fields of a form or a query. */
export const askedFields = {
  durationSeconds: z.union([nothing, seconds]).optional(),
  sessionPolicy: z.union([nothing, z.string().max(32)]).optional(),
};

/** One role as its ARN; several by account and name, so that twenty of them fit into an address. */
export function resumePath(action: RoleAction, roleArns: readonly string[], asked: AskedFor = nothingAsked): string {
  const names = roleArns.length === 1 ? roleArns : roleArns.map((roleArn) => roleReference(roleArn));
  const query = new URLSearchParams({ resume: action });
  for (const name of names) query.append('role', name);
  if (asked.durationSeconds !== undefined) query.set('durationSeconds', String(asked.durationSeconds));
  if (asked.sessionPolicy !== undefined) query.set('sessionPolicy', asked.sessionPolicy);
  return `/?${query}`;
}

export interface Resume {
  readonly action: RoleAction;
  /** At least one. */
  readonly roles: readonly EligibleRole[];
  readonly asked: AskedFor;
}

const resumeQuery = z.object({
  resume: z.enum(['console', 'credentials']),
  role: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  ...askedFields,
});

/**
 * Undefined if it names no role that the person has, or a session policy that there is not: what goes on is never more
 * than was asked for.
 */
export function readResume(
  query: unknown,
  roles: readonly EligibleRole[],
  { sessionPolicies }: Portal,
): Resume | undefined {
  const { data } = resumeQuery.safeParse(query);
  if (!data) return undefined;
  const { resume: action, role: names, durationSeconds, sessionPolicy } = data;
  const found = roles.filter(({ roleArn }) => names.includes(roleArn) || names.includes(roleReference(roleArn)));
  const isOffered = sessionPolicy === undefined || sessionPolicies.some(({ id }) => id === sessionPolicy);
  if (found.length === 0 || !isOffered || (action === 'console' && found.length > 1)) return undefined;
  return { action, roles: found, asked: { durationSeconds, sessionPolicy } };
}
