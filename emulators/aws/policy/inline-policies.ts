// The inline policies of roles: those of the estate, under the names policy-1, policy-2 …, and what IAM calls changed of them.
import type { RoleRecord } from '../estate.ts';

/** What calls of IAM changed; it holds until the emulator stops, whatever estate is set. */
export interface InlinePolicies {
  /** By name. */
  of(role: RoleRecord): ReadonlyMap<string, unknown>;
  put(role: RoleRecord, name: string, policy: unknown): void;
  /** @returns whether there was one */
  remove(role: RoleRecord, name: string): boolean;
}

export function createInlinePolicies(): InlinePolicies {
  /** By the role's ARN; undefined for a deleted policy. */
  const changes = new Map<string, Map<string, unknown>>();
  const of = ({ arn, role }: RoleRecord) => {
    const policies = new Map((role.policies ?? []).map((policy, index) => [`policy-${index + 1}`, policy]));
    for (const [name, policy] of changes.get(arn) ?? []) {
      if (policy === undefined) policies.delete(name);
      else policies.set(name, policy);
    }
    return policies;
  };
  const change = ({ arn }: RoleRecord, name: string, policy: unknown) => {
    changes.set(arn, (changes.get(arn) ?? new Map()).set(name, policy));
  };
  return {
    of,
    put: change,
    remove: (role, name) => {
      const isThere = of(role).has(name);
      if (isThere) change(role, name, undefined);
      return isThere;
    },
  };
}
