// Which of a person's roles a link or a command means: by ARN, by account and role, by account alone, or by words.
import { parseRoleArn } from './arn.ts';
import type { EligibleRole } from './model.ts';

export type FoundRole =
  | { readonly kind: 'one'; readonly role: EligibleRole }
  /** Several fit, or the role itself is not theirs and these are, in the same account. */
  | { readonly kind: 'choice'; readonly roles: readonly EligibleRole[]; readonly isOther: boolean }
  | { readonly kind: 'none' };

/**
 * @param wish a role's ARN, `account/role`, an account (id or alias), or words that stand in its names
 * @param roles what the person may use, in the order of the portal
 */
export function findRole(wish: string, roles: readonly EligibleRole[]): FoundRole {
  const exact = roles.filter((role) => isExactly(role, wish));
  if (exact.length > 0) return oneOf(exact);
  const account = accountOf(wish);
  const inAccount = roles.filter((role) => role.account.id === account || role.account.alias === account);
  if (inAccount.length > 0) {
    // The link's author had another role there: the reader is offered their own.
    return account === wish ? oneOf(inAccount) : { kind: 'choice', roles: inAccount, isOther: true };
  }
  const words = wordsOf(wish);
  const similar = words.length === 0 ? [] : roles.filter((role) => hasWords(role, words));
  return similar.length > 0 ? oneOf(similar) : { kind: 'none' };
}

export interface RoleFilter {
  /** Words that all stand in its names. */
  readonly q?: string | undefined;
  /** Id or alias. */
  readonly account?: string | undefined;
  readonly environment?: string | undefined;
  /** Name, with or without its path. */
  readonly role?: string | undefined;
}

/** The roles that fit every part of the filter, in their order. */
export function filterRoles({ q, account, environment, role }: RoleFilter, roles: readonly EligibleRole[]) {
  const words = wordsOf(q ?? '');
  return roles.filter(
    (each) =>
      hasWords(each, words) &&
      (account === undefined || each.account.id === account || each.account.alias === account) &&
      (environment === undefined || each.account.environment === environment) &&
      (role === undefined || each.roleName === role || parseRoleArn(each.roleArn)?.role === role),
  );
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s/]+/)
    .filter((word) => word !== '');
}

function hasWords(role: EligibleRole, words: readonly string[]): boolean {
  const names = namesOf(role);
  return words.every((word) => names.includes(word));
}

function oneOf(roles: readonly EligibleRole[]): FoundRole {
  return roles.length === 1 ? { kind: 'one', role: roles[0]! } : { kind: 'choice', roles, isOther: false };
}

function isExactly(role: EligibleRole, wish: string): boolean {
  const path = parseRoleArn(role.roleArn)?.role;
  const { id, alias } = role.account;
  return wish === role.roleArn || wish === `${id}/${path}` || wish === `${alias}/${path}`;
}

/** The account that a wish names, whether or not its role is known. */
function accountOf(wish: string): string {
  const slash = wish.indexOf('/');
  return parseRoleArn(wish)?.accountId ?? (slash > 0 ? wish.slice(0, slash) : wish);
}

function namesOf({ account, roleName }: EligibleRole): string {
  return [account.name, account.alias, account.id, account.environment ?? '', roleName].join('\n').toLowerCase();
}
