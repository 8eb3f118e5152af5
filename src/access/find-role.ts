// Which of a person's roles a link or a command means: by ARN, by account and role, by account alone, or by terms.
import { createIndex, roleNames, withWords } from '../role-search/search.js';
import { parseRoleArn } from './arn.ts';
import type { EligibleRole } from './model.ts';

export type RoleMatch =
  | { readonly kind: 'one'; readonly role: EligibleRole }
  /** Several fit, or the role itself is not theirs and these are, in the same account. */
  | { readonly kind: 'choice'; readonly roles: readonly EligibleRole[]; readonly isOther: boolean }
  | { readonly kind: 'none' };

/**
 * @param query a role's ARN, `account/role`, an account (id or alias), or terms that occur in its names
 * @param roles what the person may use, in the order of the portal
 */
export function findRole(query: string, roles: readonly EligibleRole[]): RoleMatch {
  const exact = roles.filter((role) => {
    const path = parseRoleArn(role.roleArn)?.role;
    const { id, alias } = role.account;
    return query === role.roleArn || query === `${id}/${path}` || query === `${alias}/${path}`;
  });
  if (exact.length > 0) return oneOf(exact);
  // The account that a query names, whether or not its role is known.
  const slash = query.indexOf('/');
  const account = parseRoleArn(query)?.accountId ?? (slash > 0 ? query.slice(0, slash) : query);
  const inAccount = roles.filter((role) => role.account.id === account || role.account.alias === account);
  if (inAccount.length > 0) {
    // The link's author had another role there: the reader is offered their own.
    return account === query ? oneOf(inAccount) : { kind: 'choice', roles: inAccount, isOther: true };
  }
  const similar = /[^\s/]/.test(query) ? rolesWithWords(query, roles) : [];
  return similar.length > 0 ? oneOf(similar) : { kind: 'none' };
}

export interface RoleFilter {
  /** Words that all occur in its names. */
  readonly q?: string | undefined;
  /** Id or alias. */
  readonly account?: string | undefined;
  readonly environment?: string | undefined;
  /** Name, with or without its path. */
  readonly role?: string | undefined;
}

/** The roles that fit every part of the filter, in their order. */
export function filterRoles({ q, account, environment, role }: RoleFilter, roles: readonly EligibleRole[]) {
  const isSame = (a: string | undefined, b: string) => a?.normalize() === b.normalize();
  return rolesWithWords(q ?? '', roles).filter(
    (each) =>
      (account === undefined || each.account.id === account || each.account.alias === account) &&
      (environment === undefined || isSame(each.account.environment, environment)) &&
      (role === undefined || each.roleName === role || parseRoleArn(each.roleArn)?.role === role),
  );
}

/** As the portal and the command line find them. */
function rolesWithWords(query: string, roles: readonly EligibleRole[]): readonly EligibleRole[] {
  return withWords(
    createIndex(roles, ({ account: { name, alias, id, environment, labels }, roleArn, roleName }) =>
      roleNames({ account: name, name: parseRoleArn(roleArn)?.role ?? roleName, alias, id, environment, labels }),
    ),
    query,
  );
}

function oneOf(roles: readonly EligibleRole[]): RoleMatch {
  return roles.length === 1 ? { kind: 'one', role: roles[0]! } : { kind: 'choice', roles, isOther: false };
}
