// Which role a person means by some words: by ARN, account and role, or a few letters of any of its names.
import { createIndex, roleNames, search, withWords } from '../../role-search/search.js';
import type { Preferences, RoleEntry } from '../../wire/api.ts';
import { readRoleArn, roleReference } from '../../wire/role-arn.ts';

/** `payments-dev/Developer`: how a role is shown, and a way to name it. With the role's path, if it has one. */
export function shortName({ accountAlias, roleArn }: RoleEntry): string {
  return roleReference(roleArn, accountAlias);
}

/** By ARN, or account/role with the account's id or alias and the role with or without its path. */
export function namedExactly(roles: readonly RoleEntry[], query: string): RoleEntry[] {
  return roles.filter(({ roleArn, accountId, accountAlias, roleName }) => {
    const names = [readRoleArn(roleArn)?.name ?? '', roleName];
    return (
      query === roleArn || names.some((name) => query === `${accountId}/${name}` || query === `${accountAlias}/${name}`)
    );
  });
}

/** Those that have all the words somewhere in their names. */
export function rolesWithWords(roles: readonly RoleEntry[], query: string): RoleEntry[] {
  return withWords(createIndex(roles, namesOf), query);
}

/** As the portal does: those that have all the words, and without any those that come close; the best fit first. */
export function searchRoles(roles: readonly RoleEntry[], query: string): RoleEntry[] {
  return search(createIndex(roles, namesOf), query, roles.length).best;
}

/** Those that a name may have been meant for, the likely ones first: of that account, else of that name anywhere. */
export function rolesLike(roles: readonly RoleEntry[], name: string): RoleEntry[] {
  const arn = readRoleArn(name);
  const [, account = '', role = name] = arn ? [name, arn.accountId, arn.name] : (/^([^/]*)\/(.*)$/.exec(name) ?? []);
  return (
    [name, `${account} ${role}`, role].map((query) => searchRoles(roles, query)).find(({ length }) => length > 0) ?? []
  );
}

function namesOf({
  roleArn,
  roleName,
  accountId,
  accountAlias,
  accountName,
  environment,
  accountLabels = [],
}: RoleEntry) {
  const name = readRoleArn(roleArn)?.name ?? roleName;
  return roleNames({
    account: accountName,
    name,
    alias: accountAlias,
    id: accountId,
    environment,
    labels: accountLabels,
  });
}

/** Favourites in their order, then what was used last, then by name. */
export function inOrderOfUse(roles: readonly RoleEntry[], { favourites, recents }: Preferences): RoleEntry[] {
  const first = [...favourites, ...recents.map(({ roleArn }) => roleArn)];
  const rank = new Map([...new Set(first)].map((roleArn, index) => [roleArn, index]));
  const last = rank.size;
  return [...roles].sort(
    (one, other) =>
      (rank.get(one.roleArn) ?? last) - (rank.get(other.roleArn) ?? last) ||
      (shortName(one) < shortName(other) ? -1 : 1),
  );
}
