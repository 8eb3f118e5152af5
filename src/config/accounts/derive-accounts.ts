// From the members of an organization to entries of `accounts`: which of them, and under which alias.
import type { OrganizationMember } from '../../aws/configuration/organizations.ts';
import { isRecord } from '../text/include.ts';
import type { OrganizationSection } from './accounts-from.ts';

/** A member with the alias under which it is in force, if it is. */
export interface KnownMember extends OrganizationMember {
  readonly alias?: string | undefined;
}

interface AccountEntry extends OrganizationMember {
  readonly alias: string;
}

/** @param own entries of the file: they win by id, and keep their aliases */
export function deriveAccounts(
  members: readonly KnownMember[],
  { include, exclude }: Pick<OrganizationSection, 'include' | 'exclude'>,
  own: readonly unknown[],
): AccountEntry[] {
  const ofFile = (key: string) => own.flatMap((entry) => (isRecord(entry) ? [entry[key]] : []));
  const [ids, aliases] = [new Set(ofFile('id')), ofFile('alias')];
  const [isIncluded, isExcluded] = [matcherOf(include ?? ['*']), matcherOf(exclude)];
  const chosen = members.filter((member) => !ids.has(member.id) && isIncluded(member) && !isExcluded(member));
  const plain = chosen.map(({ name, alias }) => alias ?? aliasOf(name));
  const inForce = new Set<unknown>([...aliases, ...chosen.flatMap(({ alias }) => alias ?? [])]);
  const counts = new Map<unknown, number>();
  for (const alias of [...aliases, ...plain]) counts.set(alias, (counts.get(alias) ?? 0) + 1);
  return chosen.map(({ id, name, alias: known }, index) => {
    // Whatever it or another account is called now: a rule must not come to mean another account, or none.
    if (known !== undefined && !aliases.includes(known)) return { id, alias: known, name };
    const alias = plain[index]!;
    // Two new accounts with one name: neither gets it. What ends with an id is left to the account of that id.
    const isFree = alias !== '' && !inForce.has(alias) && counts.get(alias) === 1 && !/-\d{12}$/.test(alias);
    return { id, alias: isFree ? alias : `${(alias || 'account').slice(0, 50)}-${id}`, name };
  });
}

/** IAM API CreateAccountAlias: lower-case letters, digits and single hyphens, and not twelve digits. */
function aliasOf(name: string): string {
  const alias = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-|-$/g, '');
  return /^\d{12}$/.test(alias) ? '' : alias;
}

function matcherOf(patterns: readonly string[]): (member: OrganizationMember) => boolean {
  const tests = patterns.map((pattern) => {
    const literal = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`, 'is');
  });
  return ({ id, name }) => tests.some((test) => test.test(id) || test.test(name));
}
