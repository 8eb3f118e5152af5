// People who get nothing, whatever the rules say: the deny-list of the configuration.
import type { Deny, Identity } from './model.ts';

/** Names of people who lose access are compared in this form. Wider than in rules, where only the exact group counts: no other spelling may slip through. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

export function denyList({
  users,
  groups,
}: {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}): Deny {
  return { users: new Set(users.map(foldedName)), groups: new Set(groups.map(foldedName)) };
}

export function isDenied({ user, groups }: Pick<Identity, 'user' | 'groups'>, deny: Deny | undefined): boolean {
  if (!deny) return false;
  return (
    deny.users.has(foldedName(user)) ||
    (deny.groups.size > 0 && groups.some((group) => deny.groups.has(foldedName(group))))
  );
}
