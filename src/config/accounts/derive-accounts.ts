// From the members of an organization to entries of `accounts`: which of them, and under which alias.
import type { OrganizationMember } from '../../aws/configuration/organizations.ts';
import { isRecord } from '../text/include.ts';
import type { OrganizationSection } from './accounts-from.ts';

interface AccountEntry extends OrganizationMember {
  readonly alias: string;
}

/** @param own entries of the file: they win by id, and keep their aliases */
export function deriveAccounts(
  members: readonly OrganizationMember[],
  { include, exclude }: Pick<OrganizationSection, 'include' | 'exclude'>,
  own: readonly unknown[],
): AccountEntry[] {
  const ofFile = (key: string) => own.flatMap((entry) => (isRecord(entry) ? [entry[key]] : []));
  const [ids, aliases] = [new Set(ofFile('id')), ofFile('alias')];
  const [isIncluded, isExcluded] = [matcherOf(include ?? ['*']), matcherOf(exclude)];
  const chosen = members.filter((member) => !ids.has(member.id) && isIncluded(member) && !isExcluded(member));
  const plain = chosen.map(({ name }) => aliasOf(name));
  const counts = new Map<unknown, number>();
  for (const alias of [...aliases, ...plain]) counts.set(alias, (counts.get(alias) ?? 0) + 1);
  return chosen.map(({ id, name }, index) => {
    const alias = plain[index]!;
    // Two accounts with one name: neither gets it, so a rule cannot come to mean another account than before.
    const isFree = alias !== '' && counts.get(alias) === 1;
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
