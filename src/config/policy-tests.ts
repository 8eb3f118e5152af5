// Policy tests of the configuration: which roles a person with these groups has, and which not.
import { z } from 'zod';
import type { EligibleRole, Policy } from '../access/model.ts';
import { indexOf } from '../access/policy-index.ts';
import { resolveRoles, rolesOfNetworks } from '../access/resolve.ts';

/** `payments-dev/Developer`: id or alias of the account, then the role with its path. */
const roleReference = z.string().regex(/^[^/]+\/.+$/, 'is not account/role, such as payments-dev/Developer');

export const policyTestSchema = z
  .strictObject({
    name: z.string().min(1).max(120).optional(),
    user: z.string().min(1).default('somebody'),
    /** Id of the identity provider; the first one by default. */
    identityProvider: z.string().optional(),
    groups: z.array(z.string().min(1)).default([]),
    claims: z.record(z.string(), z.array(z.string())).default({}),
    /** Address of the request; without it a role counts from whatever network its rule asks for. */
    address: z.union([z.ipv4(), z.ipv6()]).optional(),
    expect: z.array(roleReference).default([]),
    not: z.array(roleReference).default([]),
  })
  .refine(({ expect, not }) => expect.length + not.length > 0, { message: 'expects nothing: give expect or not' });

export type PolicyTest = z.output<typeof policyTestSchema>;

export interface TestedPolicy {
  readonly policy: Policy;
  /** Ids, in the order of the file. */
  readonly identityProviders: readonly string[];
  readonly now: Date;
}

/** One problem for each expectation that does not hold. A role counts as had when only a stronger sign-in is missing. */
export function policyTestProblems(tests: readonly PolicyTest[], tested: TestedPolicy): string[] {
  return tests.flatMap((test, index) => {
    const path = `tests[${index}]`;
    const idp = test.identityProvider ?? tested.identityProviders[0] ?? '';
    if (!tested.identityProviders.includes(idp)) {
      return [`${path}.identityProvider: no identity provider has the id ${idp}`];
    }
    const roles = rolesIn(test, idp, tested);
    const has = (reference: string) => roles.some((role) => isReferredTo(role, reference));
    const about = test.name ?? `a user with ${test.groups.length === 0 ? 'no group' : test.groups.join(', ')}`;
    return [
      ...unknownAccounts(test, path, tested.policy),
      ...test.expect.flatMap((reference, at) =>
        has(reference) ? [] : [`${path}.expect[${at}]: ${about} does not get ${reference}; gets ${listed(roles)}`],
      ),
      ...test.not.flatMap((reference, at) => {
        const found = roles.find((role) => isReferredTo(role, reference));
        return found ? [`${path}.not[${at}]: ${about} gets ${reference}, from the rule "${found.rule}"`] : [];
      }),
    ];
  });
}

function rolesIn({ user, groups, claims, address }: PolicyTest, idp: string, { policy, now }: TestedPolicy) {
  const person = { idp, user, userSource: 'test', displayName: user, groups, claims };
  const identity = { ...person, authnContexts: [], authnInstant: now.getTime() };
  const roles = resolveRoles(identity, policy, now, { address });
  return address === undefined ? [...roles, ...rolesOfNetworks(identity, policy, now)] : roles;
}

function isReferredTo({ account, roleArn }: EligibleRole, reference: string): boolean {
  const slash = reference.indexOf('/');
  const name = reference.slice(0, slash);
  const isAccount = name === account.id || name === account.alias;
  // A role without credentials ends in federated-user/NAME: the word before the first slash is the kind of the ARN.
  return isAccount && roleArn.slice(roleArn.indexOf('/') + 1) === reference.slice(slash + 1);
}

// With a name that is written wrong, `not` would hold for ever.
function unknownAccounts({ expect, not }: PolicyTest, path: string, policy: Policy): string[] {
  const { accounts } = indexOf(policy);
  return Object.entries({ expect, not }).flatMap(([key, references]) =>
    references.flatMap((reference, at) => {
      const account = reference.slice(0, reference.indexOf('/'));
      return accounts.has(account) ? [] : [`${path}.${key}[${at}]: no account has the id or alias ${account}`];
    }),
  );
}

const maxListed = 5;

function listed(roles: readonly EligibleRole[]): string {
  if (roles.length === 0) return 'no role';
  const names = roles
    .slice(0, maxListed)
    .map(({ account, roleArn }) => `${account.alias}/${roleArn.slice(roleArn.indexOf('/') + 1)}`);
  return roles.length > maxListed ? `${names.join(', ')} and ${roles.length - maxListed} more` : names.join(', ');
}
